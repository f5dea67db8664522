"""Each article that an issue takes or leaves has its reason, and the same offer always makes the same issue."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.articles.selection.select import Carried, Rules, choose
from digest.articles.similarity import canonical_url, clusters, containment, shingles
from digest.model import Access, Article, Candidate, Cause, Choice
from tests.articles.texts import COLUMN, text

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TOPICS = [
    "ferry",
    "harbour",
    "council",
    "school",
    "marsh",
    "bridge",
    "library",
    "theatre",
    "hospital",
    "market",
    "museum",
    "river",
    "station",
    "orchard",
]


def story(number: int, *, words: int = 80) -> str:
    """An article of its own: nobody else says these words in this order."""
    chance = random.Random(number)
    return " ".join(f"{chance.choice(TOPICS)}{chance.randrange(1000)}" for _ in range(words))


def offer(
    number: int,
    *,
    hours: float | None = 1,
    source: str = "Northmere Now",
    body: str = "",
    headline: str | None = None,
    weight: float = 1.0,
    pinned: bool = False,
    section: str = "",
    url: str | None = None,
    found: float = 1,
) -> Candidate:
    article = Article(
        url=f"https://news.example/{number}" if url is None else url,
        headline=f"Story {number}" if headline is None else headline,
        body=body or story(number),
        published_at=None if hours is None else NOW - timedelta(hours=hours),
    )
    return Candidate(
        article_id=number,
        article=article,
        source=source,
        section=section,
        weight=weight,
        gathered_at=NOW - timedelta(hours=found),
        pinned=pinned,
    )


def chosen(choices: list[Choice]) -> list[int]:
    return [choice.candidate.article_id for choice in choices if choice.chosen]


def reason(choices: list[Choice], number: int) -> str:
    return next(choice.reason for choice in choices if choice.candidate.article_id == number)


def test_the_newest_come_first_and_old_ones_say_so() -> None:
    choices = choose(
        [offer(1, hours=5), offer(2, hours=1), offer(3, hours=70, found=70)], now=NOW, rules=Rules(count=2)
    )

    assert chosen(choices) == [2, 1]
    assert reason(choices, 2) == "Yes: published 1 hour ago."
    assert reason(choices, 3) == "No: it is not new (in the last 24 hours)."


def test_a_weighty_source_outranks_a_slightly_newer_one() -> None:
    choices = choose([offer(1, hours=1), offer(2, hours=6, weight=2.0)], now=NOW)

    assert chosen(choices) == [2, 1]
    assert "its source counts 2 times" in reason(choices, 2)


def test_too_few_new_ones_widen_the_search_and_say_so() -> None:
    choices = choose([offer(1, hours=2), offer(2, hours=30, found=30)], now=NOW, rules=Rules(count=6))

    assert chosen(choices) == [1, 2]
    assert "widened to the last 48 hours" in reason(choices, 2)


def test_only_what_came_since_the_last_issue_is_new() -> None:
    since = NOW - timedelta(hours=10)
    choices = choose([offer(1, hours=2), offer(2, hours=12, found=12)], now=NOW, since=since, rules=Rules(count=2))

    assert chosen(choices) == [1]
    assert reason(choices, 2) == "No: it is not new (since the last issue)."


def test_a_slow_feed_loses_no_story() -> None:
    since = NOW - timedelta(hours=10)
    choices = choose([offer(1), offer(2, hours=12, found=9)], now=NOW, since=since, rules=Rules(count=2))

    assert chosen(choices) == [1, 2]


def test_a_pinned_article_is_in_first_whatever_its_age() -> None:
    choices = choose([offer(1), offer(2, hours=900, found=900, pinned=True)], now=NOW, rules=Rules(count=1))

    assert chosen(choices) == [2]
    assert reason(choices, 2) == "Yes: an editor asked for it."
    assert reason(choices, 1) == "No: the issue is full with 1 article that rank higher."


def test_a_future_date_counts_as_now_and_a_missing_one_as_when_it_was_found() -> None:
    choices = choose(
        [offer(1, hours=None, found=3), offer(2, hours=-500), offer(3, hours=1)], now=NOW, rules=Rules(count=3)
    )

    assert chosen(choices) == [2, 3, 1]
    assert reason(choices, 1) == "Yes: found (it states no date) 3 hours ago."


def test_an_article_without_headline_waits_for_one() -> None:
    choices = choose([offer(1, headline=" "), offer(2)], now=NOW)

    assert chosen(choices) == [2]
    assert "no headline" in reason(choices, 1)


def test_caps_per_source_and_section_are_kept() -> None:
    offers = [offer(n, hours=n, section="town" if n < 4 else "coast", source=f"Source {n % 2}") for n in range(1, 7)]

    choices = choose(offers, now=NOW, rules=Rules(count=6, per_source=2, per_section={"town": 1}))

    assert chosen(choices) == [1, 4, 5, 6]
    assert reason(choices, 2) == "No: the section “town” has its 1 article already."


def test_copies_of_a_story_are_merged_into_the_weightiest_then_the_longest() -> None:
    whole = story(7, words=200)
    short = " ".join(whole.split()[:60])
    offers = [offer(1, body=short, source="A"), offer(2, body=whole, source="B"), offer(3, body=short, source="C")]

    choices = choose(offers, now=NOW)

    assert chosen(choices) == [2]
    assert [copy.article_id for copy in choices[0].also] == [1, 3]
    assert "2 other copies of the story merged into it" in choices[0].reason
    heavier = choose([*offers[:2], offer(3, body=short, source="C", weight=2.0)], now=NOW)
    assert chosen(heavier) == [3]


def test_the_same_address_is_the_same_story() -> None:
    offers = [offer(1, url="https://www.news.example/a/?utm_source=x"), offer(2, url="https://news.example/a#top")]

    assert len(chosen(choose(offers, now=NOW))) == 1


def test_what_an_earlier_issue_carried_is_not_carried_again() -> None:
    told = offer(1).article
    rewritten = offer(2, body=story(1) + " and a few words more", url="https://other.example/b")

    choices = choose([offer(1), rewritten, offer(3)], now=NOW, carried=[Carried(article=told, issue=7)])

    assert chosen(choices) == [3]
    again = choose(
        [offer(4, body=story(1), url="https://other.example/c")], now=NOW, carried=[Carried(article=told, issue=7)]
    )
    assert again[0].reason == "No: issue 7 carried the same story (“Story 1”)."


def test_every_offer_is_answered_and_the_order_of_offers_does_not_matter() -> None:
    offers = [offer(n, hours=n % 5, body=story(n % 9), headline="" if n == 3 else f"Story {n}") for n in range(20)]
    answers = choose(offers, now=NOW, rules=Rules(count=4))
    shuffled = offers[:]
    random.Random(1).shuffle(shuffled)

    told = [choice.candidate.article_id for choice in answers] + [
        c.article_id for choice in answers for c in choice.also
    ]
    assert sorted(told) == list(range(20))
    assert chosen(choose(shuffled, now=NOW, rules=Rules(count=4))) == chosen(answers)


def test_one_address_in_all_its_spellings() -> None:
    spellings = [
        "https://news.example/a/b?id=7",
        "http://WWW.News.Example:80/a/b/?utm_source=mail&id=7#top",
        "https://m.news.example/a/b/amp?id=7&fbclid=9",
        "https://amp.news.example/a/b?id=7&gclid=3",
    ]

    assert {canonical_url(url) for url in spellings} == {"https://news.example/a/b?id=7"}
    assert canonical_url("https://news.example/a/b?id=8") != canonical_url(spellings[0])


def test_an_excerpt_is_contained_in_its_story_and_a_stranger_is_not() -> None:
    whole = text(*COLUMN)

    assert containment(shingles(COLUMN[2]), shingles(whole)) == 1.0
    assert containment(shingles(story(1)), shingles(whole)) < 0.05
    texts = [whole, story(1), COLUMN[2], "It rained.", "It rained."]
    assert clusters([shingles(one) for one in texts]) == [[0, 2], [1], [3], [4]]


def test_more_pinned_articles_than_an_issue_holds_wait_for_the_next_one() -> None:
    choices = choose([offer(number, pinned=True) for number in (1, 2, 3)], now=NOW, rules=Rules(count=2))

    assert chosen(choices) == [1, 2]
    assert choices[2].reason == "No: the issue is full with 2 articles."


def test_articles_without_a_date_keep_the_order_of_their_feed() -> None:
    choices = choose([offer(number, url=f"https://a.example/{9 - number}") for number in (1, 2, 3)], now=NOW)

    assert chosen(choices) == [1, 2, 3]


# --- Sections ----------------------------------------------------------------------------------------------


def test_places_are_kept_for_a_section_that_is_to_have_so_many() -> None:
    """Culture is older than all of the news and has two places all the same."""
    news = [offer(number, hours=1, section="news") for number in (1, 2, 3, 4)]
    culture = [offer(number, hours=number, section="culture") for number in (9, 10, 11)]
    rules = Rules(count=4, least_per_section={"culture": 2})

    choices = choose([*news, *culture], now=NOW, rules=rules)

    assert chosen(choices) == [1, 2, 9, 10]
    assert reason(choices, 3) == "No: the last places are kept for “culture”."
    assert reason(choices, 11) == "No: the issue is full with 4 articles that rank higher."


def test_places_that_a_section_cannot_fill_go_to_the_others() -> None:
    news = [offer(number, hours=1, section="news") for number in (1, 2, 3)]
    stale = offer(9, hours=90, found=90, section="culture")

    choices = choose([*news, stale], now=NOW, rules=Rules(count=3, least_per_section={"culture": 2}))

    assert chosen(choices) == [1, 2, 3]


def test_a_section_gets_no_more_from_one_source_for_its_places() -> None:
    offers = [offer(number, hours=number, section="culture", source="Lantern") for number in (1, 2, 3)]
    rules = Rules(count=3, per_source=1, least_per_section={"culture": 2})

    assert chosen(choose(offers, now=NOW, rules=rules)) == [1]


# --- Round-ups ---------------------------------------------------------------------------------------------


def test_a_round_up_does_not_make_one_story_of_all_that_it_mentions() -> None:
    ferry, choir = story(1, words=60), story(2, words=60)
    offers = [offer(1, body=ferry), offer(2, body=choir), offer(3, body=f"{ferry} {choir} {story(3)}")]

    choices = choose(offers, now=NOW)

    assert sorted(chosen(choices)) == [1, 2, 3]
    assert not any(choice.also for choice in choices)


def test_a_story_that_a_hundred_publishers_have_is_one_story() -> None:
    wire = story(1, words=120)
    offers = [offer(number, body=f"{wire} {story(number, words=20)}") for number in range(2, 102)]

    (choice,) = choose(offers, now=NOW)

    assert len(choice.also) == 99


# --- Updates -----------------------------------------------------------------------------------------------

FERRY = offer(1, body=story(1, words=200), headline="The ferry is back")


def again(*, kept: int, new: int, headline: str = "The ferry is back", url: str | None = None) -> Candidate:
    """The ferry's story as it is told now: so many of its words kept, so many new."""
    body = " ".join([*FERRY.article.body.split()[:kept], *story(77, words=new).split()])
    return offer(1, body=body, headline=headline, hours=30, found=2, url=url)


def told_again(candidate: Candidate) -> Choice:
    carried = [Carried(article=FERRY.article, issue=7)]
    (choice,) = choose([candidate], now=NOW, since=NOW - timedelta(hours=20), carried=carried)
    return choice


def test_half_of_a_story_new_makes_it_an_update_and_as_new_as_its_change() -> None:
    """It stands at its old address with its old date, from before the last issue."""
    choice = told_again(again(kept=100, new=120))

    assert (choice.chosen, choice.update, choice.cause) == (True, True, Cause.UPDATE)
    assert choice.reason == "Yes: it is an update, 55% of its text is new since issue 7 carried it."


def test_under_a_new_headline_a_quarter_is_enough() -> None:
    changed = again(kept=200, new=80, headline="The ferry is back, and sails at night")

    assert told_again(changed).update
    assert not told_again(replace(changed, article=replace(changed.article, headline="The ferry is back!"))).update


def test_a_new_headline_alone_is_no_update() -> None:
    choice = told_again(again(kept=200, new=3, headline="Ferry returns"))

    assert (choice.chosen, choice.cause) == (False, Cause.CARRIED)
    assert choice.reason == "No: issue 7 carried it, and 1% of its text is new since: too little for an update."


def test_somebody_elses_rewrite_of_old_news_is_no_update() -> None:
    rewrite = again(kept=110, new=100, headline="Night ferry sails", url="https://rival.example/ferry")

    choice = told_again(rewrite)

    assert (choice.chosen, choice.update) == (False, False)
    assert choice.reason == "No: issue 7 carried the same story (“The ferry is back”)."


def test_the_publishers_own_story_at_a_new_address_is_an_update() -> None:
    follow_up = again(kept=110, new=100, headline="Night ferry sails", url="https://news.example/ferry-2")

    assert told_again(follow_up).update


def test_an_excerpt_that_was_read_whole_is_no_update() -> None:
    """The earlier issue knew only what the feed carried of it."""
    whole = story(5, words=300)
    excerpt = offer(1, body=" ".join(whole.split()[:60]))
    now = offer(1, body=whole, found=2)

    (choice,) = choose([now], now=NOW, carried=[Carried(article=excerpt.article, issue=7)])

    assert (choice.chosen, choice.cause) == (False, Cause.CARRIED)


def test_an_update_is_told_by_its_publisher_although_a_weightier_source_has_a_copy() -> None:
    update = again(kept=100, new=120)
    copy = offer(2, body=update.article.body, weight=3.0, url="https://rival.example/ferry", source="Rival")

    (choice,) = choose([copy, update], now=NOW, carried=[Carried(article=FERRY.article, issue=7)])

    assert (choice.candidate, choice.also, choice.update) == (update, (copy,), True)


def test_what_an_update_said_is_not_news_again() -> None:
    first, second = again(kept=100, new=120), again(kept=100, new=120, headline="Another headline for the ferry")
    carried = [Carried(article=first.article, issue=8), Carried(article=FERRY.article, issue=7)]

    (choice,) = choose([second], now=NOW, carried=carried)

    assert (choice.chosen, choice.reason) == (False, "No: issue 8 carried it.")


# --- What only begins --------------------------------------------------------------------------------------


def test_an_article_of_which_only_the_beginning_came_is_left_to_those_who_can_read_it() -> None:
    walled = offer(1)
    walled = replace(walled, article=replace(walled.article, access=Access.CUT))

    (choice,) = choose([walled], now=NOW)

    assert (choice.chosen, choice.cause) == (False, Cause.TEXT)
    with_standfirst = replace(walled, article=replace(walled.article, standfirst="The ferry sails again."))
    assert choose([with_standfirst], now=NOW)[0].chosen
