"""Which sentences of a body may stand in a summary: whole, the newsroom's own, and without what agencies put before.

A sentence that is half a quotation, a list cut short or a line of promotion is worse than a longer way to the next one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import add

from digest.articles.summaries.limits import MOST_WORDS
from digest.articles.summaries.openers import ANY_LEANING, FREE_PHRASE, LEANING, LEANING_PHRASE
from digest.articles.summaries.sentences import split
from digest.model import Article, Dropped, DropReason, Span

_FEWEST = 6


_AGENCY = r"(?:AP|AFP|Reuters|REUTERS|CNN|UPI|dpa|EFE|JTA|JNS|ANSA|PTI|IANS|Bloomberg|[A-Z][A-Z .]{1,12})"
_DATELINE = re.compile(
    rf"^(?:\(?[A-Z][\w .,’'/-]{{1,40}}\)?,? )?\({_AGENCY}(?:/\w+)*\)\s*(?:[—–-]+\s*)?"
    r"|^[—–-]+\s+|^[A-Z][A-Z .,’'-]{2,40}(?:, [A-Z][\w. ]{1,30})?(?: \([^)]{2,20}\))?\s+[—–-]{1,2}\s+"
    # "МОСКВА, 5 мая – ТАСС."
    r"|^[А-ЯЁ][А-ЯЁ -]{2,30}, \d{1,2} [а-я]{3,8}[.,]?\s*[—–-]\s*(?:(?:РИА Новости|ТАСС|Интерфакс|ИНТЕРФАКС)\.\s+)?"
)
#: At the very top, a town in small letters too: "Indianapolis – Several thousand …".
_TOWN = re.compile(
    r"^[A-ZÀ-Þ][\w.’'-]+(?: [A-ZÀ-Þ][\w.’'-]+){0,2}(?:, [A-Z][\w.]+){0,2} [–—] (?=[“\"A-ZÀ-Þ\d])"
    r"|^[A-Z]{3,}(?: [A-Z]{2,})?: "
)
#: "Summary:", and the codes and labels that follow it, before the sentence itself.
_LABEL = re.compile(
    r"^(?:(?:summary|in brief|key (?:points|takeaways)|tl;?dr|abstract|overview|update[ds]?|breaking(?: news)?"
    r"|exclusive|zusammenfassung|kurz gesagt|eilmeldung|résumé|en bref|exclusif|resumen|en breve|кратко|главное"
    r"|בקצרה|תקציר|عاجل|باختصار)"
    r"\s?(?:\([^)]{1,30}\)\s?)?[:|—–-]\s+)"
    r"(?:[\w-]*\d[\w-]*:\s+)?",
    re.IGNORECASE,
)
#: Cut in the middle of a list or of a number ("… a carrying case, 3."), an address that nobody reads, or an aside.
_BROKEN = re.compile(r"[,;&]\s+\d{1,3}\.$|https?://|www\.\w|\w@\w+\.\w|^[(\[]")
_END = re.compile(r"[.!?…؟۔][\"'”’»“״)\]]*$")

#: "Amos Lee", "Anna-Maria J. von Lee": the surname of somebody called by their full name.
_FULL_NAME = re.compile(
    r"\b[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё’-]+(?: [A-Z]\.)?(?: (?:van|von|de|del|della|du|al|el|bin|ben))? ([A-ZÀ-ÞА-ЯЁ][\w-]+)"
)
_OPENS_WITH_NAME = re.compile(r"[\W_]*([A-ZÀ-ÞА-ЯЁ][\w-]+)(?:[’']s)?,? (?=[\W_]*[a-zà-ÿа-яё])")

#: Languages that open direct speech with a dash.
_DIALOGUE = frozenset(("es", "fr", "it", "pl", "pt", "ru", "uk"))
_MARKS = '"״«»‹›„“”'
_QUOTATION_MARK = re.compile(f"[{_MARKS}]")
#: Gershayim, apostrophes, inches: marks that quote nothing.
_INNER_MARK = re.compile(r"(?<=\w)[\"״׳'’](?=\w)|(?<=\d)[\"”״](?=\W|$)")
#: ‘So,’ and 'so': single marks that open a quotation, and what may close one. Years and clipped words ('90s) open none.
_SINGLE_OPENS = re.compile(r"(?<!\w)[‘'‚](?=[^\W\d])")
_SINGLE_CLOSES = re.compile(r"(?<=[^\s(])['’‘](?!\w)")


#: How often each of `_MARKS` stands somewhere.
Marks = tuple[int, ...]
_NO_MARKS: Marks = (0,) * len(_MARKS)


@dataclass(frozen=True, slots=True)
class Sentence:
    span: Span
    text: str
    words: int
    #: Its place among all sentences.
    at: int
    #: Alone it would leave a reader asking who, or what.
    leaning: bool
    #: A surname that it opens with, of somebody whom an earlier sentence has introduced; empty for none.
    surname: str
    #: Whole, and the newsroom speaking.
    fit: bool


def sentences_of(article: Article) -> list[Sentence]:
    found: list[Sentence] = []
    introduced: set[str] = set()
    before, read = _NO_MARKS, 0
    for at, whole in enumerate(split(article.body, article.language)):
        if "\n" in article.body[read : whole.start]:
            before = _NO_MARKS
        span = without_dateline(article.body, whole)
        text = article.body[span.start : span.end]
        words = len(text.split())
        speech = article.language in _DIALOGUE and article.body[whole.start] in "—–"
        # The middle of a long quotation has no marks of its own, but it is not the newsroom speaking.
        own = not speech and _closes(before)
        fit = _FEWEST <= words <= MOST_WORDS and own and _is_whole(text)
        leaning = leans(text, article.language)
        surname = _bare_surname(text, introduced)
        found.append(Sentence(span, text, words, at, leaning, surname, fit))
        introduced.update(_FULL_NAME.findall(text))
        marks = _marks_in(article.body[whole.start : whole.end])
        before, read = tuple(map(add, before, marks)), whole.end
    return found


def _bare_surname(text: str, introduced: Collection[str]) -> str:
    """Of "Lee said no" the Lee whom an earlier sentence called Amos Lee."""
    opening = _OPENS_WITH_NAME.match(text)
    return opening[1] if opening and opening[1] in introduced else ""


def _is_whole(text: str) -> bool:
    return bool(_END.search(text)) and not _BROKEN.search(text) and is_balanced(text)


def without_dateline(body: str, span: Span) -> Span:
    """The sentence without "WASHINGTON (AP) —" or "Summary:" before it."""
    text = body[span.start : span.end]
    found = _LABEL.match(text) or _DATELINE.match(text) or (_TOWN.match(text) if span.start == 0 else None)
    return Span(start=span.start + found.end(), end=span.end) if found and found.end() < len(text) else span


def leans(text: str, language: str) -> bool:
    """Does it open with a word that points back, such as "But he …"?"""
    if text[:1] == "…" or LEANING_PHRASE.match(text):
        return True
    words = re.findall(r"[^\W\d_]+", text[:60].lower())
    return bool(words) and words[0] in LEANING.get(language, ANY_LEANING) and not FREE_PHRASE.match(text)


# --- Quotation marks ------------------------------------------------------------------------------------


def is_balanced(text: str) -> bool:
    """Does everything that opens in it close in it: quotation marks of any of our languages, and brackets?"""
    if text.count("(") != text.count(")") or text.count("[") != text.count("]") or not _closes(_marks_in(text)):
        return False
    return len(_SINGLE_OPENS.findall(text)) <= len(_SINGLE_CLOSES.findall(text))


def _marks_in(text: str) -> Marks:
    """How often each quotation mark stands in `text`, those inside words apart."""
    if not _QUOTATION_MARK.search(text):
        return _NO_MARKS
    plain = _INNER_MARK.sub("", text)
    return tuple(plain.count(mark) for mark in _MARKS)


def _closes(marks: Marks) -> bool:
    straight, gershayim, left, right, single_left, single_right, low, high, close = marks
    if straight % 2 or gershayim % 2 or left != right or single_left != single_right:
        return False
    # „Deutsch“ and „русский“ open low and close with the mark that opens elsewhere; „עברית” closes with the other.
    return low + high == close or (low > 0 and low + close == high) or (low > 0 and low == high + close)


# --- What is no story -----------------------------------------------------------------------------------


def tells_the_story(sentence: Sentence, article: Article) -> bool:
    """Neither the headline again, nor promotion, nor part of what was left out of the article."""
    from digest.articles.extraction.verdicts import is_clutter, repeats

    if repeats(sentence.text, article.headline) or is_clutter(sentence.text):
        return False
    return not is_among(sentence.text, article.dropped)


def is_among(text: str, dropped: Collection[Dropped]) -> bool:
    """Does it stand in what was left out? The publisher's own standfirst was left out for being said elsewhere."""
    return any(text in one.text for one in dropped if one.reason is not DropReason.STANDFIRST)


def in_order(chosen: Sequence[Sentence]) -> list[Span]:
    return [sentence.span for sentence in sorted(chosen, key=lambda sentence: sentence.at)]
