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
from digest.articles.summaries.claims.words import keys as keys_of

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
    " barely scarcely oppos cancel abandon postpon delay prohibit forbid absen instead rather far",
    "fr": "refus rejet manqu empêch impossib interdi annul abandonn report échou plutôt",
    "es": "negó neg rechaz falt impid imposib prohib cancel abandon aplaz fracas vez",
    "de": "verweiger abgelehnt lehn fehl unmöglich verbot verbiet gestrichen abgesagt kaum scheiter verzicht statt",
    "ru": "отказ отверг невозможн запре отмен провал вместо",
    "he": "סירב דח נכשל נמנע אסור איסור ביטל מבלי במקום",
    "ar": "رفض فشل منع حظر الغ نف بدل",
}
#: "only" in disguise: ne … que, no sólo.
_NOT_A_NO = re.compile(
    r"\bn(?:e|[’'])\s?\w+ que\b|\bnot only\b|\bno (?:sólo|solo|doubt|longer than)\b|\bnicht nur\b|\bnon seulement\b"
    r"|\bpas seulement\b|\bне только\b|\bלא רק\b|ليس فقط|\bNo\.? \d|\bno (?:more|fewer|less) than\b|\bno surprise\b",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"n['’]t\b|\bn['’](?=\w)", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:.!?…()—–،؛]|\b(?:but|mais|pero|aber|sondern|но|אבל|אלא|لكن|ولكن)\b")
#: How far a negation reaches, in words that say something.
_REACH = 3
#: How near another way of saying no must stand to what is denied, in words.
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Negation:
    start: int
    end: int
    #: The words that it denies, by their keys.
    denied: tuple[frozenset[str], ...]


def negations(text: str, language: str) -> list[Negation]:
    """The negations of a sentence that name what they deny."""
    return [one for one in _all(text, language) if one.denied]


def _all(text: str, language: str) -> list[Negation]:
    skipped = [match.span() for match in _NOT_A_NO.finditer(text)]
    every = words(text, language)
    marks = [
        (start, end)
        for start, end in _marks(text, every, language)
        if not any(first <= start < last for first, last in skipped)
    ]
    return [Negation(start, end, _denied(text, start, end, every, language)) for start, end in marks]


def _marks(text: str, every: Sequence[Word], language: str) -> Iterator[tuple[int, int]]:
    plain_no = _no(language)
    for word in every:
        said = folded(word.text)
        if said in plain_no or (language in {"he", "ar"} and said[1:] in plain_no and said[0] in "ושהوف"):
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


def answers(text: str, negation: Negation, language: str) -> bool:
    """Is there a no of any kind in the sentence `text` that reaches the words which `negation` denies?"""
    # "… but it will not": what is denied stands before it.
    if any(not other.denied or _overlap(negation, other) for other in _all(text, language)):
        return True
    every = words(text, language)
    near = [at for at, word in enumerate(every) if any(word.keys & keys for keys in negation.denied)]
    other_no = tuple(folded(word) for word in _OTHER_NO.get(language, "").split())
    return any(
        _is_other_no(every[at], other_no, language) or _is_undone(every[at], negation, language)
        for place in near
        for at in range(max(0, place - _NEAR), min(len(every), place + _NEAR + 1))
    )


def _overlap(one: Negation, other: Negation) -> bool:
    return any(keys & theirs for keys in one.denied for theirs in other.denied)


def _is_other_no(word: Word, other_no: tuple[str, ...], language: str) -> bool:
    said = folded(word.text)
    forms = (said, said[1:], said[2:]) if language in {"he", "ar"} else (said,)
    return bool(other_no) and any(form.startswith(other_no) for form in forms)


def _is_undone(word: Word, negation: Negation, language: str) -> bool:
    """Unfinished, where "finished" is denied."""
    undone = re.match(r"(?:un|in|im|dis|non-?|ohn|не)(?=.{3})", folded(word.text))
    if not undone:
        return False
    done = keys_of(word.text[undone.end() :], language)
    return any(done & denied for denied in negation.denied)


def denies(negation: Negation, sentence: Sequence[Word], language: str) -> bool:
    """Does the sentence have the words that the negation denies, the nearest of them above all?"""
    have = frozenset().union(*(word.keys for word in sentence))
    shared = [bool(keys & have) for keys in negation.denied]
    # In German the verb may stand before or after, so none of them is nearest.
    return sum(shared) >= (len(shared) + 1) // 2 and (shared[0] or language == "de")
