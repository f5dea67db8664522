"""Reading the few words of a segment. Every mistake names the word it is at, and what could stand there.

    segment  ←  part ("and" part)*  |  part ("or" part)*
    part     ←  "not" part  |  "(" segment ")"  |  term
    term     ←  ("clicked" | "opened" | "joined") [TIME]
             |  ("supporter" | "language" | "topic" | "tag" | "on") ":" WORD ("," WORD)*
             |  "topic"  |  "tag"
             |  "sample" [":" NAME] PERCENT
             |  "segment" ":" NAME

*and* and *or* side by side want parentheses: which of them binds closer is not for readers to know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches

from subscribers.details import clean_language
from subscribers.errors import SubscribersError
from subscribers.model import Supporter
from subscribers.segments.terms import All, Kind, Lately, Not, On, OneOf, Sample, Segment, Side, Sign, Some
from subscribers.wishes import clean

#: What may stand in a segment, for whoever made a mistake.
TERMS = (
    "clicked 90d, opened 30d, joined 30d, joined before 2026-01-01, supporter:monthly, language:fr, topic:sport, "
    "tag:member, on:weekend, sample 10%, segment:NAME; with and, or, not and parentheses"
)
#: A longer text, or deeper parentheses, was not written by a person.
_LONGEST, _DEEPEST = 2000, 20
_TOKEN = re.compile(r'\s*(?:(?P<paren>[()])|(?P<word>(?:[^\s()"]|"[^"]*")+)|(?P<open>"))')
_TIME = re.compile(r"(\d{1,5})([dw])")
_SHARE = re.compile(r"(?:(\d{1,3}(?:\.\d{1,2})?)-)?(\d{1,3}(?:\.\d{1,2})?)%")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_JOINERS = ("and", "or")
_WORDS = (*Sign, *Kind, "sample", "segment", "not", *_JOINERS)


class SegmentMistake(SubscribersError):
    """A text that is no segment."""

    exit_code = 2


def read_segment(text: str, *, named: Mapping[str, str] | None = None) -> Segment:
    """The segment that `text` says. `named` has those that `segment:NAME` may use. Raises SegmentMistake."""
    return _Reader(text, named or {}, ()).read()


class _Reader:
    def __init__(self, text: str, named: Mapping[str, str], within: tuple[str, ...]) -> None:
        self._text = text
        self._named = named
        self._within = within
        self._tokens = self._split()
        self._at = 0
        self._depth = 0

    def read(self) -> Segment:
        if not self._tokens:
            raise self._mistake("it says nothing")
        found = self._segment()
        if self._next():
            raise self._mistake(f"“{self._next()}” closes what was not opened")
        return found

    # --- Structure -----------------------------------------------------------------------------------------

    def _segment(self) -> Segment:
        parts = [self._part()]
        joiner = ""
        while (word := self._next().casefold()) and word != ")":
            if word not in _JOINERS:
                raise self._mistake(f"between “{parts[-1]}” and “{self._next()}” there must be “and” or “or”")
            if joiner and word != joiner:
                said = f" {joiner} ".join(map(str, parts))
                raise self._mistake(
                    f"“{joiner}” and “{word}” need parentheses, for instance “({said}) {word} …”, to tell what belongs "
                    "together"
                )
            joiner = word
            self._take()
            parts.append(self._part())
        if not joiner:
            return parts[0]
        return All(tuple(parts)) if joiner == "and" else Some(tuple(parts))

    def _part(self) -> Segment:
        word = self._take()
        if word.casefold() == "not":
            return self._deeper(lambda: Not(self._part()))
        if word == "(":
            inner = self._deeper(self._segment)
            if self._take(optional=True) != ")":
                raise self._mistake("a parenthesis is not closed")
            return inner
        if word == ")" or word.casefold() in _JOINERS:
            raise self._mistake(f"there is no condition before “{word}”")
        return self._term(word)

    def _deeper(self, inner: Callable[[], Segment]) -> Segment:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._mistake("it is nested too deeply")
        found = inner()
        self._depth -= 1
        return found

    # --- Terms ---------------------------------------------------------------------------------------------

    def _term(self, word: str) -> Segment:
        name, colon, rest = word.partition(":")
        name = name.casefold()
        if name in list(Sign) and not colon:
            return self._moment(Sign(name))
        if name == "sample":
            return self._sample(rest.strip('"'))
        if name == "segment" and colon:
            return self._other(rest.strip('"'))
        if name in list(Kind):
            return self._one_of(Kind(name), rest, any_=not colon)
        raise self._unknown(word, name)

    def _moment(self, sign: Sign) -> Segment:
        following = self._next().casefold()
        if found := _TIME.fullmatch(following):
            self._take()
            days = int(found[1]) * (7 if found[2] == "w" else 1)
            if not 0 < days < 36_500:
                raise self._mistake(f"“{following}” is not a time that anybody remembers")
            return Lately(sign, days)
        if following in list(Side):
            self._take()
            return On(sign, Side(following), self._day(self._take()))
        if following and following[0].isdigit():
            raise self._mistake(f"“{following}” is no time; write it as 90d (days) or 12w (weeks)")
        if sign is Sign.JOINED:
            raise self._mistake("everybody joined; say when: “joined 30d” or “joined before 2026-01-01”")
        return Lately(sign)

    def _day(self, written: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise self._mistake(f"“{written}” is no day; write it as 2026-01-31") from None

    def _one_of(self, kind: Kind, rest: str, *, any_: bool) -> Segment:
        words = tuple(dict.fromkeys(word for part in _listed(rest) if (word := self._word(kind, part))))
        if words or (any_ and kind in (Kind.TOPIC, Kind.TAG)):
            return OneOf(kind, words)
        raise self._mistake(f"“{kind}” needs a word, as in “{_EXAMPLES[kind]}”")

    def _word(self, kind: Kind, written: str) -> str:
        word = clean(written)
        if kind is Kind.SUPPORTER and word and word not in list(Supporter):
            raise self._mistake(f"“{written}” is no supporter; there are {', '.join(Supporter)}")
        if kind is Kind.LANGUAGE and word not in ("", "unknown", clean_language(word)):
            raise self._mistake(f"“{written}” is no language; write it as en, fr or he")
        if kind is Kind.ON:
            if written.strip() and not _NAME.fullmatch(written.strip()):
                raise self._mistake(f"“{written}” is no newsletter's slug")
            return written.strip()
        return word

    def _sample(self, name: str) -> Segment:
        share = self._take()
        found = _SHARE.fullmatch(share)
        low, high = (round(float(part or 0) * 100) for part in found.groups()) if found else (0, 0)
        if not 0 <= low < high <= 10_000:
            raise self._mistake(f"“{share}” is no share; write it as 10% or 50-100%")
        return Sample(low, high, clean(name))

    def _other(self, name: str) -> Segment:
        if name in self._within:
            raise self._mistake(f"“segment:{name}” goes round in a circle")
        if name not in self._named:
            known = ", ".join(self._named) or "none yet"
            raise self._mistake(f"there is no segment “{name}”; declared are: {known}")
        return _Reader(self._named[name], self._named, (*self._within, name)).read()

    # --- Words ---------------------------------------------------------------------------------------------

    def _split(self) -> list[str]:
        if len(self._text) > _LONGEST:
            raise self._mistake(f"it has more than {_LONGEST:,} characters")
        tokens, at, text = [], 0, self._text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found["open"]:
                raise self._mistake("a quotation mark is not closed")
            tokens.append(found["paren"] or found["word"])
            at = found.end()
        return tokens

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *, optional: bool = False) -> str:
        word = self._next()
        if not word and not optional:
            raise self._mistake(f"something is missing after “{self._tokens[-1]}”")
        self._at += 1
        return word

    def _unknown(self, word: str, name: str) -> SegmentMistake:
        near = get_close_matches(name, _WORDS, n=1)
        return self._mistake(f"“{word}” is no condition" + (f"; perhaps “{near[0]}” is meant" if near else ""))

    def _mistake(self, what: str) -> SegmentMistake:
        shown = self._text if len(self._text) <= 120 else f"{self._text[:119]}…"
        return SegmentMistake(f"“{shown}” is no segment: {what}.", hint=f"It can have: {TERMS}.")


_EXAMPLES = {
    Kind.SUPPORTER: "supporter:monthly",
    Kind.LANGUAGE: "language:fr",
    Kind.TOPIC: "topic:sport",
    Kind.TAG: "tag:member",
    Kind.ON: "on:weekend",
}


def _listed(rest: str) -> list[str]:
    """Words between commas; a word in quotation marks may have commas and spaces of its own."""
    return [part.replace('"', "") for part in re.findall(r'(?:[^,"]|"[^"]*")+', rest)]
