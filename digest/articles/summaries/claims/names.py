"""Names in a text, told by their capitals; where a script has none, by two strange words in a row.

German gives every noun a capital, so there a strange noun counts as a name: whoever wrote it is asked to use the
article's own word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.articles.blocks import word_set
from digest.articles.summaries.claims.words import Word, folded, is_plain, words

CASELESS = frozenset(("he", "ar", "fa", "ja", "zh", "ko"))

#: What may follow a name and leave it the same: a case, a plural, whose it is, where somebody comes from.
_NAME_ENDINGS: dict[str, frozenset[str]] = {
    "en": word_set("s es n an ian ans ians i is ish ese er ers"),
    "fr": word_set("s ien iens ienne iennes çais çaise çaises ais aise aises ois oise oises ain aine ains aines"),
    "es": word_set("s es n no na nos nas ano ana anos anas ense enses és esa eses ino ina inos inas eño eña"),
    "de": word_set("s es er ern n en isch ische ischen ischer isches in innen ner nern nerin erin"),
    "ru": word_set(
        "а у ом ем е и ы ой ою ей ю я ь ью ою ам ами ах ов ев ого ому ым ых ыми ая ую ый ий ое ие ым им его ему"
        " ский ского скому ским ском ская ской скую ские ских скими ец ца цу цем цы цев цам цами цах ин ина ину иным"
    ),
}
#: Two forms of one country: China and Chinese, France et français; each ends otherwise.
_OWN_ENDING = frozenset(("", "a", "e", "ce", "o", "y", "ia", "ie", "ien", "й", "я", "ия", "а", "о", "ь"))
_MIN_STEM = 4

#: Words that open a sentence with a capital and are no names, beside those that say nothing.
_OPENERS = {
    "en": "everyone everybody nobody somebody someone anyone anybody nothing everything something residents"
    " officials people police researchers experts critics supporters campaigners police authorities scientists"
    " meanwhile last next earlier later nearly almost more less most some many few two three four five six"
    " seven eight nine ten about around only once despite following speaking backed led asked built plans work"
    " money new old local national former first second third early late recently reportedly apparently"
    " including based founded ahead besides instead together yet still both just even far such early earlier"
    " latest according",
    "fr": "chacun tous toutes personne rien quelqu'un selon près plus moins après avant depuis deux trois quatre"
    " cinq six sept huit neuf dix les habitants plusieurs",
    "es": "todos todas nadie nada alguien según cerca más menos tras desde dos tres cuatro cinco seis siete ocho"
    " nueve diez varios vecinos",
    "de": "alle jeder jede niemand nichts jemand etwas laut nach mehr weniger rund etwa fast zwei drei vier fünf"
    " sechs sieben acht neun zehn mehrere viele",
    "ru": "все всё каждый никто ничто кто-то после более менее около почти два две три четыре пять шесть семь восемь"
    " девять десять",
}
_ACRONYM = re.compile(r"^[^\W\d_]{2,6}$")
_OPENS = re.compile(r"(?:^|[.!?…:؟]|\n)[\s\"'“”‘’«»„(\[—–-]*$")


@dataclass(frozen=True, slots=True)
class Name:
    start: int
    end: int
    text: str
    #: It opens a sentence, where any word has a capital.
    opens: bool


def names(text: str, language: str, found: Sequence[Word] | None = None) -> list[Name]:
    """Words of `text` that may be names because of their capitals."""
    every = words(text, language) if found is None else found
    return [
        Name(word.start, word.end, word.text, _opens(text, word.start))
        for word in every
        if any(letter.isupper() for letter in word.text) and not is_plain(word, language)
    ]


def is_opener(name: Name, language: str) -> bool:
    """Does it stand where any word has a capital, and is it a word that is known to?"""
    if not name.opens:
        return False
    return folded(name.text) in _openers(language)


@lru_cache(maxsize=16)
def _openers(language: str) -> frozenset[str]:
    return frozenset(folded(word) for word in _OPENERS.get(language, "").split())


def _opens(text: str, start: int) -> bool:
    return bool(_OPENS.search(text[max(0, start - 12) : start])) or start == 0


class Names:
    """The names (and other words) of a source, to look names up in."""

    def __init__(self, source: str, language: str) -> None:
        self._language = language
        every = words(source, language)
        self._known = frozenset(_bare(word.text) for word in every)
        self._stems: dict[str, set[str]] = {}
        for known in self._known:
            self._stems.setdefault(known[:_MIN_STEM], set()).add(known)
        self._initials = frozenset(_initials(every, source))
        self._acronyms = frozenset(word.text for word in every if word.text.isupper() and _ACRONYM.match(word.text))

    def has(self, name: str) -> bool:
        """Stands the name there, in whatever case or number, or as an acronym of words that do?"""
        plain = _bare(name)
        if plain in self._known or (name.isupper() and name in self._initials):
            return True
        if any(_same(plain, known, self._language) for known in self._stems.get(plain[:_MIN_STEM], ())):
            return True
        return self._language == "de" and self._is_compound(plain)

    def spelled_out(self, name: Sequence[Name]) -> bool:
        """Are the words what an acronym of the source stands for: United Nations, UN?"""
        return len(name) > 1 and "".join(word.text[0] for word in name) in self._acronyms

    def _is_compound(self, plain: str) -> bool:
        """Hafenmauer, of Hafen and Mauer; or a part of such a word that the source has."""
        if any(plain in known for known in self._known if len(known) > len(plain) >= _MIN_STEM):
            return True
        cuts = range(_MIN_STEM - 1, len(plain) - _MIN_STEM + 2)
        return any(self._has_part(plain[:cut]) and self._has_part(plain[cut:]) for cut in cuts)

    def _has_part(self, part: str) -> bool:
        stem = part[:-1] if len(part) > _MIN_STEM and part[-1] in "sn" else part
        return len(stem) >= _MIN_STEM - 1 and any(stem in known for known in self._known)


def _bare(word: str) -> str:
    return re.sub(r"(?:'s|s')$", "", folded(word))


def _same(one: str, other: str, language: str) -> bool:
    endings = _NAME_ENDINGS.get(language, _NAME_ENDINGS["en"])
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    if shared < _MIN_STEM:
        return False
    left, right = sorted((one[shared:], other[shared:]), key=len)
    if not left:
        return right in endings
    if language == "ru":
        return left in endings and right in endings
    return left in _OWN_ENDING and right in endings and len(right) > 2


def _initials(found: Sequence[Word], source: str) -> Iterator[str]:
    """UN, of "United Nations"; DoJ is nobody's business."""
    run: list[str] = []
    end = 0
    for word in found:
        adjoining = not run or source[end : word.start].strip(" -") == ""
        if word.text[0].isupper() and adjoining:
            run.append(word.text[0])
        elif word.text in {"of", "the", "and", "for", "de", "du", "des", "la", "del", "y", "et", "für", "und"} and run:
            pass
        else:
            run = [word.text[0]] if word.text[0].isupper() else []
        end = word.end
        for size in range(2, min(7, len(run)) + 1):
            yield "".join(run[-size:])
