"""A segment as the sentence it means, so that nobody has to know the words to see who is meant.

"Not" is said of each thing by itself ("who did not click …"), never of a whole; parentheses stay where they matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from subscribers.segments.terms import All, Kind, Lately, Not, On, OneOf, Sample, Segment, Sign, Some, Term

_SIGNS = {
    Sign.CLICKED: ("clicked", "did not click"),
    Sign.OPENED: ("opened an issue", "did not open an issue"),
    Sign.JOINED: ("joined", "did not join"),
}
_EVER = {
    Sign.CLICKED: ("have clicked", "never clicked"),
    Sign.OPENED: ("have opened an issue", "never opened an issue"),
    Sign.JOINED: ("joined", "never joined"),
}
_GIVING = {
    "none": ("have given nothing", "are not known to have given nothing"),
    "one-time": ("gave once", "did not give just once"),
    "monthly": ("give monthly", "do not give monthly"),
    "lapsed": ("gave and stopped", "did not give and stop"),
    "unknown": ("give we do not know how", "give we know how"),
}
_LANGUAGES = {"unknown": "a language that we do not know"}


def segment_in_words(segment: Segment | None, newsletter: str, *, names: Mapping[str, str] | None = None) -> str:
    """Who is meant, of the newsletter of this name; `names` has those of others by their slugs. None is everyone."""
    if segment is None:
        return f"all readers of {newsletter}"
    return f"readers of {newsletter} who {_said(segment, True, names or {}, within='')}"


def _said(segment: Segment, yes: bool, names: Mapping[str, str], *, within: str) -> str:
    if isinstance(segment, Not):
        return _said(segment.part, not yes, names, within=within)
    if isinstance(segment, All | Some):
        # Not both is: not one or not the other.
        joiner = "and" if isinstance(segment, All) is yes else "or"
        parts = [_said(part, yes, names, within=joiner) for part in segment.parts]
        said = f" {joiner} ".join(parts)
        return said if within in ("", joiner) else f"({said})"
    return _term(segment, yes, names)


def _term(term: Term, yes: bool, names: Mapping[str, str]) -> str:
    if isinstance(term, Lately):
        return _lately(term, yes)
    if isinstance(term, On):
        return f"{_SIGNS[term.sign][not yes]} {term.side} {_day(term.day)}"
    if isinstance(term, Sample):
        return _sample(term, yes)
    return _one_of(term, yes, names)


def _lately(term: Lately, yes: bool) -> str:
    if term.days is None:
        return _EVER[term.sign][not yes]
    if term.sign is Sign.JOINED and not yes:
        return f"joined more than {_days(term.days)} ago"
    return f"{_SIGNS[term.sign][not yes]} in the last {_days(term.days)}"


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days:,} days"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _sample(term: Sample, yes: bool) -> str:
    named = f" “{term.name}”" if term.name else ""
    share = f"{(term.high - term.low) / 100:g} %"
    place = f" ({term.low / 100:g} to {term.high / 100:g} %)" if term.low else ""
    return f"{'are' if yes else 'are not'} in a lasting sample{named} of {share}{place}"


def _one_of(term: OneOf, yes: bool, names: Mapping[str, str]) -> str:
    if term.kind is Kind.SUPPORTER:
        return _giving(term.words, yes)
    if not term.words:
        return _ANY[term.kind][not yes]
    before = _KINDS[term.kind][not yes]
    shown = {Kind.ON: lambda word: names.get(word, word), Kind.LANGUAGE: _language}.get(term.kind, _quoted)
    return f"{before} {_or([shown(word) for word in term.words])}"


def _giving(words: tuple[str, ...], yes: bool) -> str:
    said = [_GIVING[word][not yes] for word in words]
    joiner = " or " if yes else " and "
    return said[0] if len(said) == 1 else f"({joiner.join(said)})"


_KINDS = {
    Kind.LANGUAGE: ("read", "do not read"),
    Kind.TOPIC: ("want the topic", "do not want the topic"),
    Kind.TAG: ("have the tag", "do not have the tag"),
    Kind.ON: ("are also on", "are not on"),
}
_ANY = {
    Kind.TOPIC: ("chose topics", "chose no topics"),
    Kind.TAG: ("have a tag", "have no tag"),
}


def _quoted(word: str) -> str:
    return f"“{word}”"


def _language(code: str) -> str:
    from babel import Locale, UnknownLocaleError

    if code in _LANGUAGES:
        return _LANGUAGES[code]
    try:
        return str(Locale.parse(code).get_display_name("en") or code)
    except (UnknownLocaleError, ValueError):
        return f"“{code}”"


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
