"""What a model's summary must pass before anybody sees it: spelling and lists against the article, nothing else.

A tripwire and no proof. On summaries that people had judged, a strange number was always a mistake but told of one
mistake in fifty, and strange words told of half of them: a wrong subject or a wrong relation passes everything here.
Each failure is a sentence about the summary that an editor understands, and the model as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from digest.articles.language import STOP_WORDS, detect, words_of
from digest.articles.summaries.by_model import phrasing
from digest.articles.summaries.by_model.commands import without_orders
from digest.articles.summaries.candidates import leans
from digest.articles.summaries.claims.negations import answers, denies, negations
from digest.articles.summaries.claims.quotations import is_balanced, without_quotations
from digest.articles.summaries.claims.source import Sentence, Source
from digest.articles.summaries.claims.strange import Kind, Strange, strange
from digest.articles.summaries.claims.words import content
from digest.articles.summaries.limits import LEAST_WORDS, MOST_WORDS, Limits
from digest.articles.summaries.sentences import split
from digest.articles.summaries.support import rests_on
from digest.model import Article

#: Of the words that say something, this share must stand in the article.
LEAST_SHARED = 0.8
#: … and, where all comes from one paragraph, this share in the headline or in another sentence as well.
LEAST_CENTRAL = 0.3
#: … unless it has so many words of the headline.
_LEAST_NAMED = 2
_MOST_SENTENCES = 3
#: So many words in a row that stand in what was asked, or in what is no part of the article, are copied from there.
_COPIED = 7
#: A message names so many words at most.
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    #: Stable name, such as "strange-name".
    code: str
    #: What is wrong, as a sentence about the summary: “It names “Paris”, which does not stand in the article.”
    message: str
    #: The words that it is about.
    words: tuple[str, ...] = ()


class Brief:
    """An article as a summary of it is checked: prepared once, asked for each answer."""

    def __init__(self, article: Article, limits: Limits, *, asked: str = "") -> None:
        self.article = article
        self.limits = limits
        #: What the model was asked, without the article.
        self.asked = asked
        self.body = without_orders(article.body)
        self.language = article.language or detect(self.body)

    @cached_property
    def source(self) -> Source:
        return Source(self.body, self.language, known=self.article.headline)


def failures(text: str, brief: Brief) -> list[Failure]:
    """Everything that is wrong with the summary `text`; nothing when it may stand."""
    if not text.strip():
        return [Failure(code="empty", message="It is empty.")]
    if wrong := list(_language_fits(text, brief)):
        return wrong  # in another language nothing else can be compared
    return [failure for check in CHECKS for failure in check(text, brief)]


# --- Its form -------------------------------------------------------------------------------------------


def _length_fits(text: str, brief: Brief) -> Iterator[Failure]:
    limits, count = brief.limits, len(text.split())
    # Rather a quarter too short than padded; what is too long has no room.
    least, most = max(LEAST_WORDS, round(0.75 * limits.least)), min(limits.most, MOST_WORDS)
    if count < least:
        yield Failure(code="too-short", message=f"It has {count} words and needs at least {least}.")
    if count > most:
        yield Failure(code="too-long", message=f"It has {count} words; {most} are the most.")
    if len(text) > limits.characters:
        yield Failure(code="too-long", message=f"It has {len(text)} characters; there is room for {limits.characters}.")
    if len(split(text, brief.language)) > _MOST_SENTENCES:
        yield Failure(code="too-many-sentences", message=f"It has more than {_MOST_SENTENCES} sentences.")


def _is_finished(text: str, _: Brief) -> Iterator[Failure]:
    if not re.search(r"[.!?؟。׃][\"'”’»“)״]*$", text) or re.search(r"(?:…|\.\.\.)\W*$", text):
        yield Failure(
            code="unfinished", message="It does not end as a sentence does.", words=(text.rsplit(maxsplit=1)[-1],)
        )


def _is_plain_text(text: str, brief: Brief) -> Iterator[Failure]:
    for what, said in phrasing.markup(text):
        if what == "an address" and said in brief.body and "/" not in said and "@" not in said:
            continue  # Booking.com
        yield Failure(code="no-plain-text", message=f"It has {what} in it: {_quoted([said])}.", words=(said,))
    if "\n" in text.strip():
        yield Failure(code="no-plain-text", message="It has more than one paragraph.")


def _is_balanced(text: str, _: Brief) -> Iterator[Failure]:
    if not is_balanced(text):
        yield Failure(code="unbalanced", message="A quotation mark or bracket in it has no other half.")


def _language_fits(text: str, brief: Brief) -> Iterator[Failure]:
    said, theirs = detect(text), detect(brief.body)
    common = STOP_WORDS.get(brief.language, frozenset())
    differs = said != theirs if said and theirs else bool(common) and not common.intersection(words_of(text))
    if differs and len(text.split()) >= 4:
        yield Failure(code="wrong-language", message="It is not in the language of the article.")


# --- Its manner -----------------------------------------------------------------------------------------


def _speaks_of_the_matter(text: str, brief: Brief) -> Iterator[Failure]:
    if said := phrasing.preamble(text, brief.language):
        yield Failure(code="preamble", message=f"It opens with {_quoted([said])} and not with the news.", words=(said,))
    if said := phrasing.the_article(text, brief.language, brief.body):
        message = f"It speaks of the article ({_quoted([said])}) instead of saying what the article says."
        yield Failure(code="the-article", message=message, words=(said,))
    if said := phrasing.first_person(without_quotations(text), brief.language, brief.body):
        message = f"It speaks in the first person ({_quoted([said])}) outside quotation marks."
        yield Failure(code="first-person", message=message, words=(said,))


def _names_what_it_speaks_of(text: str, brief: Brief) -> Iterator[Failure]:
    if leans(text, brief.language):
        said = re.sub(r"^\W+|\W+$", "", text.split(maxsplit=1)[0])
        message = f"It opens with {_quoted([said])}, and a reader does not know yet what that is about."
        yield Failure(code="leaning", message=message, words=(said,))


def _is_not_copied(text: str, brief: Brief) -> Iterator[Failure]:
    article, own = brief.article, _runs(f"{brief.article.headline} {brief.body}")
    dropped = " \n ".join((*(one.text for one in article.dropped), article.bio, article.credit, article.appeal))
    for code, what, elsewhere in (
        ("echo", "what was asked", brief.asked),
        ("dropped", "what is no part of the article", dropped),
    ):
        if copied := next((run for run in _runs(text) & _runs(elsewhere) - own), ""):
            yield Failure(code=code, message=f"It repeats {what}: {_quoted([copied])}.", words=(copied,))


def _runs(text: str) -> set[str]:
    """Every seven words in a row."""
    said = re.findall(r"\w+", text.lower())
    return {" ".join(said[at : at + _COPIED]) for at in range(len(said) - _COPIED + 1)}


def _says_more_than_the_headline(text: str, brief: Brief) -> Iterator[Failure]:
    from digest.articles.extraction.verdicts import repeats

    headline = brief.article.headline
    own = {key for word in content(headline, brief.language) for key in word.keys}
    new = [word for word in content(text, brief.language) if not word.keys & own]
    if headline and (repeats(text, headline) or len(new) < 3):
        yield Failure(code="headline", message="It says nothing that the headline does not say.")


# --- Its claims -----------------------------------------------------------------------------------------

_SAID = {
    Kind.NUMBER: ("strange-number", "It has {words}; the article has no such number, or has it of something else."),
    Kind.DATE: ("strange-date", "It says {words}; the article has no such date."),
    Kind.QUOTATION: ("strange-quotation", "It quotes {words}; nobody says that in the article, word for word."),
    Kind.NAME: ("strange-name", "It names {words}; that does not stand in the article."),
}


def _claims_stand_in_the_article(text: str, brief: Brief) -> Iterator[Failure]:
    found = strange(text, brief.source)
    for kind, (code, message) in _SAID.items():
        if said := _words_of_kind(text, found, kind):
            yield Failure(code=code, message=message.format(words=_quoted(said)), words=said)
    told = content(text, brief.language)
    unknown = [word.text for word in told if not brief.source.has(word)]
    if told and len(unknown) > (1 - LEAST_SHARED) * len(told):
        message = f"Too many of its words do not stand in the article, such as {_quoted(unknown)}."
        yield Failure(code="strange-words", message=message, words=tuple(unknown))


def _words_of_kind(text: str, found: list[Strange], kind: Kind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[one.start : one.end] for one in found if one.kind is kind))


def _rests_on_the_article(text: str, brief: Brief) -> Iterator[Failure]:
    resting = _resting(text, brief)
    for said, rests in resting:
        if not rests:
            message = f"No sentence of the article says what it says here: {_quoted([said])}."
            yield Failure(code="rests-on-nothing", message=message, words=(said,))
    if _is_beside_the_point(text, [one for _, rests in resting for one in rests], brief):
        yield Failure(code="beside-the-point", message="It is not about what the article is about.")


def _is_beside_the_point(text: str, rests: list[Sentence], brief: Brief) -> bool:
    """Has it all from one paragraph, and next to nothing that the headline or another sentence mentions?"""
    places = {brief.body.count("\n\n", 0, one.span.start) for one in rests if one.span}
    if len(places) > 1 or "\n\n" not in brief.body:
        return False
    told, spread = content(text, brief.language), brief.source.spread
    known = {key for word in content(brief.article.headline, brief.language) for key in word.keys}
    named = sum(bool(word.keys & known) for word in told)
    central = sum(bool(word.keys & known) or any(spread[key] > 1 for key in word.keys) for word in told)
    return named < _LEAST_NAMED and central < LEAST_CENTRAL * len(told)


def _negations_agree(text: str, brief: Brief) -> Iterator[Failure]:
    for said, rests in _resting(text, brief):
        if rests and (_denies_alone(said, rests, brief) or _overlooks_a_no(said, rests[0], brief)):
            message = f"The article says the opposite, or does not deny it: {_quoted([said])}."
            yield Failure(code="negation", message=message, words=(said,))


def _resting(text: str, brief: Brief) -> list[tuple[str, list[Sentence]]]:
    spans = split(text, brief.language)
    return [(text[s.start : s.end], rests_on(text[s.start : s.end], brief.source)) for s in spans]


def _denies_alone(said: str, rests: list[Sentence], brief: Brief) -> bool:
    """Does the summary deny what the article says without any denial?"""
    together = [word for one in brief.source.sentences for word in one.words]
    for negation in negations(said, brief.language):
        if not denies(negation, together, brief.language):
            continue
        telling = [one for one in rests if negation.denied[0] & one.keys or brief.language == "de"]
        if telling and not any(answers(one.text, negation, brief.language) for one in telling):
            return True
    return False


def _overlooks_a_no(said: str, best: Sentence, brief: Brief) -> bool:
    """Does the summary say what the article denies, and says nowhere else?"""
    told, language = content(said, brief.language), brief.language
    if sum(bool(word.keys & best.keys) for word in told) < 0.5 * len(told):
        return False
    return any(
        denies(negation, told, language)
        and not answers(said, negation, language)
        and not any(
            denies(negation, one.words, language) and not answers(one.text, negation, language)
            for one in brief.source.sentences
        )
        for negation in negations(best.text, language)
    )


def _quoted(said: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return ", ".join(f"“{one}”" for one in said[:_NAMED]) + more


Check = Callable[[str, Brief], Iterator[Failure]]

#: Every check, in the order in which a person would mention them.
CHECKS: tuple[Check, ...] = (
    _is_finished,
    _length_fits,
    _is_plain_text,
    _is_balanced,
    _speaks_of_the_matter,
    _names_what_it_speaks_of,
    _is_not_copied,
    _says_more_than_the_headline,
    _claims_stand_in_the_article,
    _rests_on_the_article,
    _negations_agree,
)
