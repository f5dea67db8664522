"""Which language a text is in, cheaply: the script decides, then its commonest words.

Pages lie about their language (a Russian page that says lang="en" is in our own test set), and lists of phrases and
abbreviations hang on it. A few hundred words are enough.
"""

from __future__ import annotations

import re
from collections import Counter

from digest.articles.blocks import word_set

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

#: Words that carry no subject; the summariser leaves them out of its counts.
STOP_WORDS: dict[str, frozenset[str]] = {
    "en": word_set(
        """
        the a an and or but if of at by for with about into to from in on is are was were be been being have
        has had do does did not no it its this that these those he she they we you i his her their our your
        my as which who whom what when where will would can could should may might must than then there here
        also said says after before over more most other some such only own so too very just him them us
        """
    ),
    "fr": word_set(
        """
        le la les un une des du de d' l' et ou mais si au aux à par pour avec sur dans en est sont était
        étaient être a ont avait avaient avoir ne pas plus il elle ils elles on nous vous je ce cet cette
        ces son sa ses leur leurs notre nos votre vos que qui quoi dont où se s' n' qu' c' j' y comme après
        avant aussi fait été selon
        """
    ),
    "es": word_set(
        """
        el la los las un una unos unas de del y o pero si al a por para con sobre en es son era eran ser fue
        ha han había haber no más él ella ellos ellas nosotros usted yo este esta estos estas ese esa su sus
        nuestro que quien cual donde se lo le les como después antes también muy ya entre sin desde hasta
        según
        """
    ),
    "de": word_set(
        """
        der die das den dem des ein eine einen einem einer eines und oder aber wenn von vom bei für mit über
        in im am an auf aus zu zum zur ist sind war waren sein hat haben hatte wird werden wurde wurden
        nicht kein keine es er sie wir ihr ich sich sein seine ihre dieser diese dieses dass als wie nach
        vor auch nur noch so um
        """
    ),
    "it": word_set(
        """
        il lo la i gli le un uno una di del della dei delle e o ma se al alla da dal per con su sul nel
        nella in è sono era erano essere ha hanno aveva non più lui lei loro noi voi io questo questa che
        chi cui dove si come dopo prima anche fra tra
        """
    ),
    "pt": word_set(
        """
        o a os as um uma de do da dos das e ou mas se ao à por para com sobre em no na nos nas é são era
        eram ser foi há têm tem não mais ele ela eles elas nós você eu este esta esse essa seu sua que quem
        qual onde como depois antes também já entre sem até
        """
    ),
    "nl": word_set(
        """
        de het een en of maar als van bij voor met over in op aan uit naar is zijn was waren worden heeft
        hebben had niet geen er hij zij ze wij we je ik zich dit dat deze die wie wat waar ook nog om te
        """
    ),
    "ru": word_set(
        """
        и в во не что он она оно они на я с со как а то все так его её их но да ты к у же вы за бы по только
        мне было быть был была были вот от меня ещё нет о об из ему теперь когда даже ну ли если уже или ни до вас
        для мы тебя чем без чтобы кто этот эта это эти этого этой который которая которые которых того потому
        себя под будет тогда здесь при также после перед между через более свой свою своих нам нас наш
        """
    ),
    "he": word_set(
        """
        של את על עם אל מן הוא היא הם הן אני אנחנו אתה זה זאת זו אלה אלו כי אם או גם לא אין יש היה היתה הייתה
        היו כל כך רק עוד אך אבל אשר ש ה ו ב ל מ כ לפי אחרי לפני בין כדי מה מי איך
        """
    ),
    "ar": word_set(
        """
        من في على إلى عن مع هو هي هم هن أنا نحن أنت هذا هذه ذلك تلك الذي التي الذين أن إن كان كانت كانوا لا
        لم لن ما قد كل بعد قبل بين أو و ثم حيث كما أيضا وقال قال
        """
    ),
}

_SCRIPTS = (
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
)
#: Letters that tell neighbours in one script apart.
_NEIGHBOURS = (("ar", "fa", "پچژگ"), ("ru", "uk", "іїєґ"), ("zh", "ja", "のはをがに"))


def detect(text: str) -> str:
    """Primary language of `text` as a BCP 47 tag, or nothing when it is too short or unlike any we know."""
    sample = text[:3000]
    letters = sum(character.isalpha() for character in sample)
    for language, script in _SCRIPTS:
        if letters and len(script.findall(sample)) > 0.4 * letters:
            return _neighbour(language, sample)
    return _by_common_words(sample)


def _neighbour(language: str, sample: str) -> str:
    for base, other, letters in _NEIGHBOURS:
        if language == base and sum(sample.count(letter) for letter in letters) > len(sample) // 100:
            return other
    return language


def _by_common_words(sample: str) -> str:
    words = words_of(sample)
    score = Counter({language: sum(word in common for word in words) for language, common in STOP_WORDS.items()})
    (best, hits), (_, second) = score.most_common(2)
    # An eighth of running prose are such words; close calls between neighbours (es, pt, it) stay open.
    return best if hits >= 4 and hits >= len(words) / 8 and hits >= 1.2 * second else ""


def settle(stated: str, text: str) -> str:
    """The language to believe: what was stated, unless the text plainly says otherwise."""
    primary = re.split(r"[-_]", stated.strip().lower())[0]
    primary = {"iw": "he", "english": "en", "french": "fr", "hebrew": "he"}.get(primary, primary)
    found = detect(text) if len(text.split()) >= 12 else ""
    if found:
        return found
    return primary if re.fullmatch(r"[a-z]{2,3}", primary) else ""


def words_of(text: str) -> list[str]:
    """Lower-case words, elided articles cut off (l'homme → homme)."""
    words = []
    for word in _WORD.findall(text.lower()):
        head, mark, rest = word.replace("’", "'").partition("'")
        words.append(rest if mark and len(head) <= 2 and len(rest) > 1 else head if mark else word)
    return words
