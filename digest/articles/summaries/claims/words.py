"""Words as they compare: "voting" is "voted", « l’école » is « école », והממשלה is הממשלה.

A word has several keys, and two words are one when they share a key. Endings are cut off by lists and not by a
stemmer: seven languages, two of which also write articles and prepositions in front of the word, and a comparison
that is too kind only overlooks something, while one that is too strict has every second word questioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digest.articles.blocks import word_set
from digest.articles.language import STOP_WORDS

# Points and vowel signs belong to the word that they stand in.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640"
_LETTER = rf"(?:[^\W\d_][{_MARKS}]*)"
_WORD = re.compile(rf"{_LETTER}+(?:['’‘׳״\"]{_LETTER}+)*")
_UNSEEN = re.compile(f"[{_MARKS}]")
#: Letters that are written in two ways, and the forms that Hebrew letters have at the end of a word.
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "׳": "'", '"': "״", "ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}
    | dict(zip("ךםןףץ", "כמנפצ", strict=True))
)
_ELIDED = re.compile(r"^(?:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quelqu|aujourd)'(?=\w)")
_POSSESSIVE = re.compile(r"(?:'s|s')$")
#: don't, we're: what there is to say of them is said elsewhere.
_CONTRACTED = re.compile(r"'(?:t|re|ve|ll|d|m)$")

#: In front of a Hebrew or Arabic word: and, the, in, to, that …
_HEBREW_FRONT = re.compile(r"^(?:[ושכ]{0,2}[הבלמכ]{0,2})")
_ARABIC_FRONT = re.compile(r"^[وف]?(?:بال|كال|وال|لل|ال|[بلكس])?")
#: A verb's person and tense in front of it.
_SEMITIC_PERSON = {"he": "יתנאה", "ar": "يتنا"}

_ENDING_LISTS = {
    "en": "ations ation ments ment ings ing ions ion ers ies ied er ed es ly al e y s",
    "fr": "issements issement ements ement ations ation eraient erait èrent aient euses euse ions ion eurs eur"
    " ives ive"
    " aux ail ales ale ées ant ent ait era ont ée és er ez ir es as al if é e s a x",
    "es": "amientos amiento imiento aciones ación iciones ición ciones ción aron ieron aban aba ados adas ado"
    " ada idos"
    " idas ido ida ando iendo arán erán irán ará erá irá ores oras ora or ar er ir an en ón os as es ó é o a e s",
    "de": "ungen ung ens ischen ische isch lichen liche lich sten ten tet ern est en er em es te et e n s t",
    "ru": "иями ями ами ого его ому ему ыми ими ость ости иях ениями ения ение ений ению ания ание ировали"
    " ировал"
    " ались алась ался ились илась ился утся ется ются ится ятся ать ять еть ить ала али ало ила или ило"
    " ют ет ут ит ат ят ал ил ый ий ой ая яя ое ее ые ие ую юю ых их ым им ом ем ам ям ах ях ов ев ей ия ию"
    " ью ья а е и й о у ы ь ю я",
    "he": "יהמ יהנ ימ ות יה יו נו ה ת י ו",
    "ar": "هما ات ون ين ان تا وا ها هم هن نا يه ه ت ي ا",
}
_ENDINGS = {language: tuple(endings.split()) for language, endings in _ENDING_LISTS.items()}
_SHORTEST = {"he": 2, "ar": 2}
#: Longer words compare by so many letters: rebuild, rebuilt; Wiederaufbau, Wiederaufbaus.
_LONGEST = 7

#: English verbs and nouns that change inside.
_IRREGULAR_ROWS = (
    "begin began begun|give gave given|take took taken|go went gone|make made|pay paid|lose lost|win won"
    "|rise rose risen|fall fell fallen|leave left|sell sold|buy bought|find found|build built|hold held|meet met"
    "|send sent|spend spent|speak spoke spoken|write wrote written|know knew known|grow grew grown|keep kept"
    "|tell told|think thought|bring brought|strike struck|steal stole stolen|break broke broken|choose chose chosen"
    "|drive drove driven|fly flew flown|run ran|see saw seen|shoot shot|lead led|feed fed|teach taught|seek sought"
    "|catch caught|fight fought|come came|become became|man men|woman women|child children|person people"
    "|foot feet|life lives|wife wives|half halves|die dying|lie lying|say saying"
    "|rebuild rebuilt|withdraw withdrew withdrawn|understand understood|undergo underwent|overcome overcame"
    "|repay repaid|rewrite rewrote rewritten|stand stood|bear bore borne|throw threw thrown|draw drew drawn"
    "|drink drank|eat ate eaten|sing sang sung|wear wore worn|hide hid hidden|ride rode ridden"
    "|freeze froze frozen|forget forgot forgotten|lend lent|deal dealt|mean meant|hear heard|dig dug|sit sat"
    "|flee fled|sweep swept|sleep slept|blow blew blown|shake shook shaken|wake woke woken|swear swore sworn"
    "|arise arose arisen|sink sank sunk|swim swam swum|shine shone|shrink shrank"
)
_IRREGULAR = {form: row.split()[0] for row in _IRREGULAR_ROWS.split("|") for form in row.split()}

#: Words that link and report and say nothing that could be looked up.
_LINKING = {
    "en": "according while despite although though because since including among amid against during under over between"
    " through until whether both each every many several few same still already again however including says say saying"
    " told added adds would could still well much another being upon within without around across along off out up down"
    " every onto per how why where these those become",
    "fr": "alors ainsi tandis pendant depuis malgré car entre sous vers chez sans contre parmi également encore"
    " toujours"
    " déjà tout toute tous toutes chaque plusieurs certains afin lors où dit affirme déclare indique explique cette"
    " deux-mêmes autre autres même mêmes très peu bien doit peut peuvent doivent puis lorsque qu",
    "es": "mientras aunque durante tras porque pues así entre bajo hacia contra todo toda todos todas cada varios"
    " varias"
    " otro otra otros otras mismo misma dice dijo afirma señala explica además sino según puede pueden debe deben"
    " luego",
    "de": "während obwohl weil da wegen trotz seit durch gegen unter über zwischen ohne bis alle alles jede jeder jedes"
    " mehrere einige andere anderen sagt sagte erklärt erklärte bereits bislang bisher dabei damit dazu jedoch sowie"
    " soll"
    " sollen will wollen kann können muss müssen darf dürfen beim etwa rund gut mehr sondern ihren ihrem ihrer ihres"
    " seinen"
    " seinem seiner seines dessen deren denen welche welcher welches dort hier jetzt nun beide beiden",
    "ru": "и в во на с со по к ко о об от до из за у для при не ни но а или что чтобы как это этот эта эти того тот та"
    " те он она они оно его её ее их ему ей им был была были было быть есть будет будут который которая которые которое"
    " которого которых где когда после перед между через также уже ещё еще все всё всех весь вся же бы ли то так только"
    " более менее из-за сообщил заявил сказал",
    "he": "בעוד למרות כאשר לאחר במשך מאז עד תוך דרך מול כמה כל אחד אחת אמר אמרה נמסר עוד כבר יותר פחות אותו אותה אותם"
    " בגלל משום שבו שבה להיות היו יהיה תהיה יהיו בו בה בהם להם לו לה",
    "ar": "بينما رغم خلال منذ حتى عند لدى ضد حول دون عبر غير كل بعض عدة قال قالت وقال وفق وفقا بحسب سيتم تم يتم سوف"
    " أكثر"
    " أقل نحو فيه فيها له لها لهم به بها عليه عليها منه منها",
}


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    #: As it stands in the text.
    text: str
    #: What it compares by.
    keys: frozenset[str]


def words(text: str, language: str) -> list[Word]:
    """The words of `text`, in order; « l’école » is one, from its own first letter."""
    return list(_words(text, language))


def _words(text: str, language: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        start, said = found.start(), found.group()
        if elided := _ELIDED.match(said.lower().replace("’", "'")):
            start, said = start + elided.end(), said[elided.end() :]
        yield Word(start, found.end(), said, keys(said, language))


def folded(word: str) -> str:
    """`word` in the one spelling that all of its spellings have."""
    return _UNSEEN.sub("", word.lower()).translate(_ALIKE)


@lru_cache(maxsize=50_000)
def keys(word: str, language: str) -> frozenset[str]:
    plain = _POSSESSIVE.sub("", _ELIDED.sub("", folded(word)))
    forms = {plain, _IRREGULAR.get(plain, plain)} if language == "en" else {plain}
    if language == "he":
        forms |= set(_without_front(plain, _HEBREW_FRONT, language))
    elif language == "ar":
        forms |= set(_without_front(plain, _ARABIC_FRONT, language))
    elif language == "de" and plain.startswith("ge") and len(plain) > 5:
        forms.add(plain[2:])
    return frozenset(_stem(form, language) for form in forms)


def _without_front(word: str, front: re.Pattern[str], language: str) -> Iterator[str]:
    """The word without one letter after the other of what may stand in front of it, and without a verb's person."""
    found = front.match(word)
    for cut in range(found.end() + 1 if found else 1):
        if len(rest := word[cut:]) >= 3:
            yield rest
            if rest[0] in _SEMITIC_PERSON[language] and len(rest) > 3:
                yield rest[1:]


def _stem(word: str, language: str) -> str:
    shortest = _SHORTEST.get(language, 3)
    for ending in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            word = word[: -len(ending)]
            break
    if language == "en" and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]  # stopped, stop
    return word[:_LONGEST]


@lru_cache(maxsize=32)
def plain_words(language: str) -> frozenset[str]:
    """Words that say nothing that could be looked up: the, and, while, according."""
    return frozenset(folded(w) for w in STOP_WORDS.get(language, frozenset()) | word_set(_LINKING.get(language, "")))


def is_plain(word: Word, language: str) -> bool:
    said = folded(word.text)
    if len(said) < 2 or said in plain_words(language) or (language == "en" and _CONTRACTED.search(said)):
        return True
    return (
        language in {"he", "ar"} and len(said) <= 4 and said[1:] in plain_words(language) and said[0] in "ושהבלכמوفبلك"
    )


def content(text: str, language: str) -> list[Word]:
    """The words of `text` that say something."""
    return [word for word in words(text, language) if not is_plain(word, language)]
