"""Negations in a text, and the words that each of them denies.

"The work will not begin in spring" denies that it begins in spring. What a negation reaches is guessed by nearness,
so it tells a flipped sentence from its source and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.articles.summaries.claims.words import Word, folded, is_plain, words

_PLAIN_NO = {
    "en": "not no never none nobody nothing neither nor without cannot can't",
    "fr": "ne n pas jamais rien aucun aucune ni sans non personne nul nulle",
    "es": "no nunca jamás nada nadie ningún ninguna ninguno ni sin tampoco",
    "de": "nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder keinesfalls",
    "ru": "не нет ни никогда никто ничего никаких никакой без нельзя",
    "he": "לא אין אינו אינה אינם אינן בלי ללא מעולם שום",
    "ar": "لا لم لن ليس ليست ليسوا غير دون بدون عدم",
}
#: Words that say no in their own way, by how they begin: enough to answer a "not", and no reason to look for one.
_OTHER_NO = {
    "en": "fail refus den reject lack unable unlikely impossib declin ban bann halt block stop prevent avoid hardly"
    " barely scarcely little few against oppos cancel abandon drop postpon delay prohibit forbid absen missing miss"
    " unchanged remain stay still free",
    "fr": "refus rejet manqu empêch impossib interdi annul abandonn contre peu report",
    "es": "negó neg rechaz falt impid imposib prohib cancel abandon contra poco aplaz",
    "de": "verweiger abgelehnt lehn fehl unmöglich verbot verbiet gestrichen abgesagt gegen kaum wenig scheiter"
    " verzicht",
    "ru": "отказ отверг невозможн запре отмен против мало провал",
    "he": "סירב דח נכשל נמנע אסור איסור ביטל נגד מבלי",
    "ar": "رفض فشل منع حظر الغ نف ضد",
}
#: "only" in disguise: ne … que, no sólo.
_NOT_A_NO = re.compile(
    r"\bn(?:e|[’'])\s?\w+ que\b|\bnot only\b|\bno (?:sólo|solo|doubt|longer than)\b|\bnicht nur\b|\bnon seulement\b"
    r"|\bpas seulement\b|\bне только\b|\bלא רק\b|ليس فقط|\bNo\.? \d|\bno one knows\b",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"n['’]t\b|\bn['’](?=\w)", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:.!?…()—–،؛]|\b(?:but|mais|pero|aber|sondern|но|אבל|אלא|لكن|ولكن)\b")
#: How far a negation reaches, in words that say something.
_REACH = 3


@dataclass(frozen=True, slots=True)
class Negation:
    start: int
    end: int
    #: The words that it denies, by their keys.
    denied: tuple[frozenset[str], ...]


def negations(text: str, language: str) -> list[Negation]:
    """The negations of a sentence that deny something."""
    skipped = [match.span() for match in _NOT_A_NO.finditer(text)]
    every = words(text, language)
    marks = [
        (start, end)
        for start, end in _marks(text, every, language)
        if not any(first <= start < last for first, last in skipped)
    ]
    found = (Negation(start, end, _denied(text, start, end, every, language)) for start, end in marks)
    return [one for one in found if one.denied]


def _marks(text: str, every: Sequence[Word], language: str) -> Iterator[tuple[int, int]]:
    plain_no = _no(language)
    for word in every:
        said = folded(word.text)
        if said in plain_no or (language in {"he", "ar"} and said[1:] in plain_no and said[0] in "ושהוف"):
            yield word.start, word.end
    if language in {"en", "fr"}:
        for found in _CONTRACTED.finditer(text):
            yield found.span()


@lru_cache(maxsize=16)
def _no(language: str) -> frozenset[str]:
    return frozenset(folded(word) for word in _PLAIN_NO.get(language, "").split())


def _denied(text: str, start: int, end: int, every: Sequence[Word], language: str) -> tuple[frozenset[str], ...]:
    """What follows within the clause; in German, where the verb stands before it, all of the clause."""
    clause_from = max((stop.end() for stop in _CLAUSE.finditer(text, 0, start)), default=0)
    stop = _CLAUSE.search(text, end)
    clause_to = stop.start() if stop else len(text)
    told = [word for word in every if not is_plain(word, language) and folded(word.text) not in _no(language)]
    after = [word for word in told if end <= word.start and word.end <= clause_to][:_REACH]
    before = [word for word in told if clause_from <= word.start and word.end <= start]
    if language == "de":
        after = before[-_REACH:] + after
    return tuple(word.keys for word in after)


def says_no(text: str, language: str) -> bool:
    """Does the sentence deny anything, in whatever words?"""
    if _CONTRACTED.search(text) and language in {"en", "fr"}:
        return True
    other = tuple(folded(word) for word in _OTHER_NO.get(language, "").split())
    for word in words(text, language):
        said = folded(word.text)
        forms = (said, said[1:], said[2:]) if language in {"he", "ar"} else (said,)
        if any(form in _no(language) or (other and form.startswith(other)) for form in forms):
            return True
        if language == "en" and re.match(r"(?:un|in|im|ir|dis|non)[a-z]{4}", said):
            return True
    return False


def denies(negation: Negation, sentence: Sequence[Word]) -> bool:
    """Does the sentence have the words that the negation denies?"""
    have = frozenset().union(*(word.keys for word in sentence)) if sentence else frozenset()
    shared = sum(bool(keys & have) for keys in negation.denied)
    return shared >= max(1, (len(negation.denied) + 1) // 2)
