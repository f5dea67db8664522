"""How a sentence opens that leans on the one before it.

Alone, "But he refused" leaves a reader asking who, and what; such a sentence is shown only after its predecessor.
"""

from __future__ import annotations

import re

from digest.articles.blocks import word_set

#: Words that lean on the sentence before, by language.
LEANING: dict[str, frozenset[str]] = {
    "en": word_set(
        """
        he she they it him her them his hers their theirs its this these those that such but and or so yet
        nor also however moreover furthermore meanwhile therefore thus hence instead otherwise nevertheless
        nonetheless still then besides additionally consequently likewise similarly conversely both neither
        there
        """
    ),
    "fr": word_set(
        """
        il elle ils elles lui leur leurs son sa ses celui celle ceux celles cela ceci ça ce cet cette ces mais et
        ou donc or car ainsi pourtant cependant toutefois aussi ensuite puis enfin néanmoins en y
        """
    ),
    "es": word_set(
        """
        él ella ellos ellas su sus esto eso aquello este esta estos estas ese esa pero y o así también además entonces
        luego ambos ambas allí sino mas tampoco
        """
    ),
    "de": word_set(
        """
        er sie es dies dieser diese dieses das sein seine ihr ihre ihm ihnen ihn deren dessen aber und oder doch denn
        also daher deshalb dennoch auch jedoch dabei dazu damit zudem außerdem allerdings darum deswegen danach
        dort hier beide hingegen trotzdem dazwischen vielmehr dadurch daraufhin anschließend stattdessen somit
        folglich ebenso so
        """
    ),
    "ru": word_set(
        """
        он она оно они его её их ему им ей это этот эта эти тот та те такой такая такие но а и однако поэтому
        также затем потом кроме тем тогда там зато причём впрочем следовательно итак тоже оба обе
        """
    ),
    "it": word_set(
        """
        egli ella lui lei loro essi esse questo questa questi queste quello quella ma e o però quindi inoltre anche
        poi infine tuttavia perciò dunque suo sua suoi
        """
    ),
    "he": word_set(
        """
        הוא היא הם הן זה זאת זו אלה אלו אבל אך ואולם אולם לכן כך גם בנוסף לדבריו לדבריה לדבריהם
        """
    ),
    "ar": word_set(
        """
        هو هي هم هن لكن ولكن كما وهو وهي وهم لذلك ولذلك وقد أيضا هذا هذه ذلك وهذا وهذه وأضاف وأضافت وأوضح
        وأوضحت وتابع وتابعت وأشار وأشارت وأكد وأكدت ثم
        """
    ),
}
#: For a language that is not known, or has no list.
ANY_LEANING = frozenset().union(*LEANING.values())
LEANING_PHRASE = re.compile(
    (
        r"^\W*(?:comes (?:with|in)|includes|available (?:in|for|at)|made (?:of|from)|works with|measures \d|weighs"
        r"|for example|for instance|in addition|in other words|as a result|by contrast"
        r"|on the other hand|at the same time|of course|that said"
        r"|after that|even so|in fact|here(?:[’']s|\s+(?:is|are))|either way|as such"
        r"|for (?:that|this) reason|in (?:response|turn|contrast)"
        r"|(?:since|until|by) then|that[’']s|it[’']s|some (?:said|say|have)"
        r"|according to (?:him|her|them)|asked (?:about|whether|if|why|what|how)"
        r"|the (?:latter|former|pair|duo|two|other|others|same)|others|another|one of (?:them|those|these)"
        r"|most of (?:them|those|these)|some of (?:them|those|these)|for (?:his|her|their) part|so far"
        r"|par exemple|en effet|de plus|en outre|par ailleurs|selon (?:lui|elle|eux|elles)|à ses yeux|c['’]est"
        r"|c['’]était|en revanche|du coup|dès lors|par conséquent|d['’]où|d['’]ailleurs|por eso|por ello|por lo tanto"
        r"|asimismo|aun así|mientras tanto|a su vez|viel mehr noch|infolgedessen"
        r"|sin embargo|no obstante|por ejemplo|según (?:él|ella|ellos)|por otra parte"
        r"|por su parte|de hecho|zum beispiel|im gegenteil|laut (?:ihm|ihr|ihnen)|so (?:habe|sei|sagte)"
        r"|кроме того|по его словам|по её словам|по их словам|при этом|в частности|например|тем не менее|вместе с тем"
        r"|יתר על כן|עם זאת|כמו כן|לדוגמה|לעומת זאת|אחר כך|על פי דבריו"
        r"|على سبيل المثال|من جهته|من جهتها|في المقابل|بالإضافة إلى ذلك|ومع ذلك|مع ذلك)\b"
    ),
    re.IGNORECASE,
)
#: "It is raining" and "This week" do not lean on anything.
FREE_PHRASE = re.compile(
    (
        r"^\W*(?:(?:this|these|that) (?:week|month|year|morning|afternoon|evening|summer|winter"
        r"|spring|autumn|fall|weekend|season|time|article|story|newspaper)\b"
        r"|it (?:is|was|has been) (?:not|now|time|\d|\w+ (?:that|to|for|how|whether)\b|(?:\w+ )?(?:un)?clear"
        r"|(?:the|a) \w+ (?:time|day|week|month|year)\b)|it (?:took|takes)\b|there (?:is|are|was|were"
        r"|will|has|have)\b|both \w+ and\b|en (?!effet)\w+|il (?:y a|faut|est|était|pleut)\b"
        r"|das (?!ist|war|sind|hat|wird)[A-ZÄÖÜ]\w+|es gibt\b|diese[rs]? (?:woche|jahr|monat)"
        r"|so far (?:this|in)\b|ce(?:tte)? (?:semaine|mois|matin|soir|année|été|hiver)|est[ae] (?:semana|mes|año|lunes"
        r"|martes|miércoles|jueves|viernes|sábado|domingo|mañana|tarde|noche|verano|invierno)"
        r"|в этом|на этой|это (?:утро|лето))"
    ),
    re.IGNORECASE,
)
