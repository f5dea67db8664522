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
        il elle ils elles lui leur leurs son sa ses celui celle ceux celles cela ceci ça mais et ou donc or
        car ainsi pourtant cependant toutefois aussi ensuite puis enfin néanmoins en y
        """
    ),
    "es": word_set(
        """
        él ella ellos ellas su sus esto eso aquello pero y o así también además entonces luego
        """
    ),
    "de": word_set(
        """
        er sie es dies dieser diese dieses das sein seine ihr ihre aber und oder doch denn also daher
        deshalb dennoch auch jedoch dabei dazu damit zudem außerdem allerdings
        """
    ),
    "he": word_set(
        """
        הוא היא הם הן זה זאת זו אלה אלו אבל אך ואולם לכן כך גם בנוסף
        """
    ),
    "ar": word_set(
        """
        هو هي هم لكن ولكن كما وهو وهي لذلك وقد أيضا هذا هذه
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
        r"|after that|even so|in fact|par exemple|en effet|de plus|en outre|par ailleurs"
        r"|en revanche|du coup|sin embargo|no obstante|por ejemplo"
        r"|zum beispiel|im gegenteil|יתר על כן|עם זאת|כמו כן|לדוגמה)\b"
    ),
    re.IGNORECASE,
)
#: "It is raining" and "This week" do not lean on anything.
FREE_PHRASE = re.compile(
    (
        r"^\W*(?:(?:this|these|that) (?:week|month|year|morning|afternoon|evening|summer|winter"
        r"|spring|autumn|fall|weekend|season|time|article|story|newspaper)\b"
        r"|it (?:is|was|has been|took|takes) (?:a|an|the|not|now|time|\d)|there (?:is|are|was|were"
        r"|will|has|have)\b|both \w+ and\b|en (?!effet)\w+|il (?:y a|faut|est|était|pleut)\b"
        r"|das (?!ist|war|sind|hat|wird)[A-ZÄÖÜ]\w+|es gibt\b|diese[rs]? (?:woche|jahr|monat))"
    ),
    re.IGNORECASE,
)
