"""A summary told again, shorter or longer than it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.articles.summaries.ladder import Declined, summarise
from digest.articles.summaries.limits import Limits
from digest.articles.summaries.retelling import Wish, retell
from digest.errors import InputError
from digest.model import Article, Rung, Span, Summary
from tests.articles.summaries.towns import PIER, TOWNS, Town
from tests.articles.texts import COLUMN, text

SANDBAGS = Article(
    url="https://news.example/sandbags", headline="The town of sandbags", body=text(*COLUMN), language="en"
)
ROOM = Limits(20, 60, 450)


def _words(summary: Summary) -> int:
    return len(summary.text.split())


def _is_verbatim(summary: Summary, article: Article) -> bool:
    return " ".join(article.body[span.start : span.end] for span in summary.spans) == summary.text


def _to_the_end(before: Summary, wish: Wish, room: Limits) -> tuple[list[Summary], str]:
    """What the sandbags become when somebody wishes the same again and again, and what ends it."""
    found = [before]
    while len(found) < 20:
        try:
            found.append(retell(SANDBAGS, found[-1], wish, room))
        except InputError as end:
            return found, end.message
    raise AssertionError(found)


class Scribe:
    """A model that remembers how long it was told to be."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)
        self.told: list[Limits] = []

    def summarise(self, article: Article, limits: Limits) -> Summary:
        self.told.append(limits)
        if not self._texts:
            raise Declined("The model is asleep.")
        return Summary(text=self._texts.pop(0), rung=Rung.MODEL, spans=(Span(start=0, end=9),))


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.article.language)
def test_an_extract_is_shortened_and_lengthened_by_sentences_of_the_article(town: Town) -> None:
    before = summarise(town.article)

    shorter = retell(town.article, before, Wish.SHORTER, ROOM)
    longer = retell(town.article, shorter, Wish.LONGER, ROOM)

    assert _words(shorter) < _words(before)
    assert _words(longer) > _words(shorter)
    assert shorter.rung is longer.rung is Rung.EXTRACT
    assert _is_verbatim(shorter, town.article)
    assert _is_verbatim(longer, town.article)


def test_shorter_is_clearly_shorter_where_the_article_allows_it() -> None:
    before = summarise(SANDBAGS)

    shorter = retell(SANDBAGS, before, Wish.SHORTER, ROOM)

    assert _words(shorter) <= 0.75 * _words(before)


def test_shortening_ends_at_the_shortest_and_says_so() -> None:
    found, end = _to_the_end(summarise(SANDBAGS), Wish.SHORTER, ROOM)

    lengths = [_words(one) for one in found]
    assert end.startswith("It cannot be shorter: ")
    assert lengths == sorted(set(lengths), reverse=True)
    assert lengths[-1] >= 8


def test_lengthening_ends_at_the_room_of_the_theme_and_says_how_much_that_is() -> None:
    shortest = _to_the_end(summarise(SANDBAGS), Wish.SHORTER, ROOM)[0][-1]

    found, end = _to_the_end(shortest, Wish.LONGER, Limits(20, 60, 300))

    lengths = [len(one.text) for one in found]
    assert end == "It cannot be longer: nothing that says more fits into 300 characters and 70 words."
    assert lengths == sorted(set(lengths))
    assert len(lengths) > 1
    assert lengths[-1] <= 300


def test_who_wants_it_longer_may_have_more_than_the_newsletter_usually_carries() -> None:
    before = summarise(SANDBAGS, limits=Limits(10, 20, 450))

    longer = retell(SANDBAGS, before, Wish.LONGER, Limits(10, 20, 450))

    assert _words(longer) > 20


def test_the_publishers_line_has_but_one_length_so_the_article_is_told_instead() -> None:
    line = "The town of Northmere waits for its wall with sandbags, and has learned to doubt what is promised."
    article = replace(SANDBAGS, standfirst=line)
    before = summarise(article)
    assert before.rung is Rung.STANDFIRST

    shorter = retell(article, before, Wish.SHORTER, ROOM)
    longer = retell(article, before, Wish.LONGER, ROOM)

    assert shorter.rung is longer.rung is Rung.EXTRACT
    assert _words(shorter) < _words(before) < _words(longer)
    assert longer.why[0] == "The publisher's summary line is not longer than what was there."


def test_the_line_of_an_opinion_piece_that_is_preferred_at_any_length_does_not_stand_in_the_way() -> None:
    line = "The town of Northmere waits for its wall with sandbags, and has learned to doubt what is promised"
    article = replace(SANDBAGS, standfirst=line, categories=("Opinion",))
    before = summarise(article)
    assert before.rung is Rung.STANDFIRST

    shorter = retell(article, before, Wish.SHORTER, ROOM)

    assert _words(shorter) < _words(before)
    assert shorter.why[0] == "The publisher's summary line is not shorter than what was there."


def test_a_model_is_told_how_short_and_what_it_says_is_taken() -> None:
    before = Summary(text=PIER.first, rung=Rung.MODEL)
    scribe = Scribe("The harbour board will rebuild the north pier from spring on, in two summers.")

    shorter = retell(PIER.article, before, Wish.SHORTER, ROOM, model=scribe)

    assert shorter.rung is Rung.MODEL
    assert [told.most for told in scribe.told] == [round(0.75 * _words(before))]


def test_a_model_is_told_how_long() -> None:
    before = Summary(text="The harbour board will rebuild the north pier from spring on.", rung=Rung.MODEL)
    scribe = Scribe(PIER.second)

    longer = retell(PIER.article, before, Wish.LONGER, Limits(20, 60, 600), model=Scribe(PIER.first))
    retell(PIER.article, longer, Wish.LONGER, Limits(20, 60, 600), model=scribe)

    assert longer.text == PIER.first
    [told] = scribe.told
    assert told.least > _words(longer)
    assert told.characters == 600


def test_where_the_model_has_none_the_extract_is_shortened_and_the_reason_kept() -> None:
    before = summarise(SANDBAGS)

    shorter = retell(SANDBAGS, before, Wish.SHORTER, ROOM, model=Scribe())

    assert shorter.rung is Rung.EXTRACT
    assert "The model is asleep." in shorter.why


def test_told_again_it_follows_the_article_as_it_is_now() -> None:
    before = Summary(text="The wall is promised.", rung=Rung.EDITOR)

    assert retell(SANDBAGS, before, Wish.AGAIN, ROOM) == summarise(SANDBAGS)


def test_what_comes_out_as_it_was_is_said_and_not_called_new() -> None:
    with pytest.raises(InputError, match="comes out as it is"):
        retell(SANDBAGS, summarise(SANDBAGS), Wish.AGAIN, Limits())
