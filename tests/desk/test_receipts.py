"""Receipts: what each sentence of a summary rests on, which words the article does not have, and what was left out."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path

import pytest

from digest.articles.summaries.ladder import summarise
from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.desk.receipts import Receipt, receipt
from digest.model import Article, Dropped, DropReason, Issue, Rung, Span, Story, Summary
from digest.store import articles, asked, issues
from digest.store.articles import StoredArticle
from digest.store.asked import Spent
from tests.articles.summaries.towns import PIER, TOWNS, Town
from tests.newsroom import Clock, Newsroom

BODY = "The board met. It voted for the pier.\n\nThe work begins in spring. Nobody objected."


def _stored(body: str = BODY, **fields: object) -> StoredArticle:
    article = Article(url="https://h.example/a", headline="The pier", body=body, **fields)  # type: ignore[arg-type]
    return _kept(article)


def _kept(article: Article) -> StoredArticle:
    return StoredArticle(id=1, article=article, summary=None, gathered_at=Clock()())


def _story(summary: Summary, headline: str = "The pier") -> Story:
    return Story(article_id=1, section="news", headline=headline, summary=summary, reason="Yes: new.")


def _written(text: str, rung: Rung = Rung.EDITOR, headline: str = "The pier") -> Story:
    return _story(Summary(text=text, rung=rung), headline)


def _extract(*sentences: str) -> Summary:
    spans = tuple(Span(start=BODY.index(said), end=BODY.index(said) + len(said)) for said in sentences)
    return Summary(text=" ".join(sentences), rung=Rung.EXTRACT, spans=spans)


def _marked(found: Receipt) -> list[tuple[str, list[int]]]:
    return [(p.text, list(p.sentences)) for paragraph in found.paragraphs for p in paragraph if p.sentences]


def _quoted(found: Receipt) -> list[list[str]]:
    return [[quote.text for quote in sentence.quotes] for sentence in found.sentences]


def _foreign(found: Receipt) -> list[str]:
    return [str(one) for one in found.foreign]


# --- What it rests on --------------------------------------------------------------------------------------


def test_each_sentence_of_an_extract_is_marked_where_it_stands() -> None:
    found = receipt(_story(_extract("It voted for the pier.", "Nobody objected.")), _stored())

    assert _marked(found) == [("It voted for the pier.", [1]), ("Nobody objected.", [2])]
    assert _quoted(found) == [["It voted for the pier."], ["Nobody objected."]]
    assert found.is_verbatim


def test_a_sentence_is_shown_with_what_stands_around_it() -> None:
    found = receipt(_story(_extract("It voted for the pier.", "Nobody objected.")), _stored())

    [[first], [second]] = [sentence.quotes for sentence in found.sentences]
    assert (first.before, first.after, first.paragraph) == ("The board met. ", "", 1)
    assert (second.before, second.after, second.paragraph) == ("The work begins in spring. ", "", 2)


def test_a_long_paragraph_is_shown_near_the_sentence_only() -> None:
    long = " ".join(f"Stone number {at} was laid." for at in range(60))
    body = f"{long} The pier was done. {long}"
    at = body.index("The pier was done.")
    summary = Summary(text="The pier was done.", rung=Rung.EXTRACT, spans=(Span(start=at, end=at + 18),))

    [[quote]] = [sentence.quotes for sentence in receipt(_story(summary), _stored(body)).sentences]

    assert quote.before.startswith("… ")
    assert quote.before.endswith("Stone number 59 was laid. ")
    assert quote.after.startswith(" Stone number 0 was laid.")
    assert quote.after.endswith(" …")
    assert len(quote.before) + len(quote.after) < 400


def test_the_article_is_whole_whatever_is_marked_in_it() -> None:
    for text in ("Nobody objected. It voted for the pier.", "The board voted in spring.", "Nothing of this."):
        found = receipt(_written(text), _stored())
        assert "\n\n".join("".join(piece.text for piece in part) for part in found.paragraphs) == BODY


def test_sentences_are_numbered_as_the_summary_tells_them() -> None:
    found = receipt(_story(_extract("Nobody objected.", "The board met.")), _stored())

    assert _marked(found) == [("The board met.", [2]), ("Nobody objected.", [1])]


def test_what_a_model_wrote_is_shown_beside_the_sentences_that_it_rests_on() -> None:
    found = receipt(_written(PIER.first, Rung.MODEL, PIER.article.headline), _kept(PIER.article))

    [first, second] = _quoted(found)
    assert first[0].startswith("The harbour board voted on Tuesday to rebuild the north pier")
    assert second == [
        "Several of them applauded when the result was read out: seven in favour, two against.",
        *second[1:],
    ]
    assert not found.is_verbatim


def test_one_sentence_of_the_article_may_carry_two_of_the_summary() -> None:
    found = receipt(_written("The board voted for the pier. The vote was for the pier."), _stored())

    assert ("It voted for the pier.", [1, 2]) in _marked(found)


def test_an_article_that_changed_since_is_not_marked_in_the_wrong_places() -> None:
    story = _story(_extract("It voted for the pier."))

    found = receipt(story, _stored("Correction: a storm came over the bay, and no meeting was held."))

    assert not found.is_verbatim
    assert ["".join(part.text for part in sentence.words) for sentence in found.sentences] == ["It voted for the pier."]
    assert _marked(found) == []
    assert "The article changed since it was summarised: compare the summary with it." in found.warnings


def test_a_story_whose_article_is_gone_still_shows_its_summary() -> None:
    found = receipt(_story(_extract("Nobody objected.")), None)

    assert [part.text for part in found.sentences[0].words] == ["Nobody objected."]
    assert (found.warnings, found.foreign, found.is_compared) == (["The article is not kept any more."], [], False)


def test_a_story_without_a_summary_has_no_sentences() -> None:
    assert receipt(_written("", Rung.LEAD), _stored()).sentences == []


# --- What the article does not have ------------------------------------------------------------------------


def test_names_and_numbers_that_the_article_lacks_are_graver_than_words() -> None:
    text = "The board voted for the magnificent pier, says Paul Vale, who counted 60 boats."

    found = receipt(_written(text), _stored())

    assert _foreign(found)[:2] == ["name “Paul Vale”", "number “60”"]
    assert [one.called for one in found.foreign] == ["name", "number", "words"]
    assert "magnificent" in found.foreign[-1].texts
    assert found.glance.startswith("1 name, 1 number, ")
    assert found.is_grave


def test_everybody_at_the_beginning_of_a_sentence_is_nobodys_name() -> None:
    found = receipt(
        _written("Everyone voted for the pier. Nobody objected to it. Paris voted for it as well."), _stored()
    )

    assert [one.texts for one in found.foreign if one.is_grave] == [("Paris",)]


def test_words_alone_are_not_grave() -> None:
    found = receipt(_written("The board voted for the magnificent pier."), _stored())

    assert _foreign(found) == ["word “magnificent”"]
    assert not found.is_grave


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.article.language)
def test_an_extract_never_has_a_foreign_word(town: Town) -> None:
    found = receipt(_story(summarise(town.article), town.article.headline), _kept(town.article))

    assert found.is_verbatim
    assert found.foreign == []


@pytest.mark.parametrize("rung", [Rung.EDITOR, Rung.MODEL, Rung.STANDFIRST])
def test_whoever_writes_is_compared(rung: Rung) -> None:
    assert receipt(_written("The board of Paris voted for the pier.", rung), _stored()).is_grave


def test_what_the_headline_or_the_byline_says_is_not_foreign() -> None:
    story = _written("Ada Brook saw the board of Northmere vote for the pier.", headline="Northmere gets its pier")

    assert not receipt(story, _stored(byline="Ada Brook")).is_grave
    assert _foreign(receipt(_written(story.summary.text), _stored()))[0] == "names “Ada Brook”, “Northmere”"


def test_the_publishers_line_does_not_speak_for_itself() -> None:
    line = "Paul Vale on the vote for the pier."

    assert receipt(_written(line, Rung.STANDFIRST), _stored(standfirst=line)).is_grave
    assert not receipt(_written(line, Rung.EDITOR), _stored(standfirst=line)).is_grave


def test_a_summary_in_another_language_is_not_compared_and_the_editor_told() -> None:
    text = "Der Rat hat für die neue Mole gestimmt, und niemand war dagegen, als es in der Sitzung darum ging."

    found = receipt(_written(text), _stored(language="en"))

    assert found.foreign == []
    assert "It is in another language than the article, so its words were not compared." in found.warnings


def test_a_hebrew_summary_is_compared_with_its_hebrew_article() -> None:
    [town] = [town for town in TOWNS if town.article.language == "he"]

    assert receipt(_written(town.first, headline=town.article.headline), _kept(town.article)).glance == ""
    assert receipt(_written(f"{town.first} באו 977 איש."), _kept(town.article)).is_grave


# --- How it came about, and what was left out --------------------------------------------------------------


def test_what_was_left_out_is_shown_with_the_reason() -> None:
    dropped = (Dropped(text="Ann Vale is a baker.", reason=DropReason.BIO),)

    found = receipt(_story(_extract("Nobody objected.")), _stored(dropped=dropped, warnings=("It states no date.",)))

    assert found.left_out == [("Ann Vale is a baker.", "about the author")]
    assert found.warnings == ["It states no date."]


def test_every_rung_and_every_reason_has_words() -> None:
    for rung in Rung:
        assert receipt(_story(Summary(text="x", rung=rung)), _stored()).how
    dropped = tuple(Dropped(text="x", reason=reason) for reason in DropReason)
    assert len(receipt(_story(_extract("Nobody objected.")), _stored(dropped=dropped)).left_out) == len(DropReason)


def test_what_a_model_was_asked_and_what_that_came_to_is_said() -> None:
    spent = Spent(tokens=2310, dollars=0.0041, answers=2, models=("scribe-v1",))

    found = receipt(_written("The board voted for the pier.", Rung.MODEL), _stored(), spent)

    assert found.asked == "scribe-v1 was asked twice: 2,310 tokens, $0.0041."
    assert receipt(_written("The board voted."), _stored()).asked == ""


# --- The page ----------------------------------------------------------------------------------------------


def _read(page: str) -> str:
    without = re.sub(r"<(style|iframe)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def _page(room: Newsroom, issue: Issue) -> str:
    return preview_page(room.app, room.app.proofs.proof(issue.id))


def test_the_page_shows_the_sources_the_foreign_words_and_why_nothing_is_better(newsroom: Newsroom) -> None:
    issue = newsroom.draft()
    before = _read(_page(newsroom, issue))
    assert "Word for word in paragraph 1:" in before
    assert "Why not better" in before
    assert "The publisher gives no summary line." in before

    text = "The harbour board rebuilds the pier, says Paul Vale."
    newsroom.app.editing.edit(issue.id, Edits(summaries={1: text}), actor="Nora")

    page = _page(newsroom, issue)
    read = _read(page)
    assert "Written by an editor." in read
    assert "Rests on paragraph 1:" in read
    assert (
        '<u class="grave">Paul Vale</u><small class="tag" lang="en" dir="ltr" title="not in the article">name?' in page
    )
    assert "Not in the article: name “Paul Vale”" in read
    assert "Receipts 1 to compare" in read


def test_the_page_says_what_the_models_came_to(newsroom: Newsroom) -> None:
    stored = newsroom.write_article()
    model = Summary(text="The harbour board voted to rebuild the north pier.", rung=Rung.MODEL)
    with newsroom.app.database.write() as conn:
        articles.save(conn, stored.article, model, at=newsroom.app.clock())
        key = articles.key_of(stored.article)
        at = newsroom.app.clock()
        asked.count(conn, "k", newsletter="daily", article=key, model="scribe-v1", tokens=2310, dollars=0.5, at=at)
    issue = newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue

    read = _read(_page(newsroom, issue))

    assert "Model 1 summary by scribe-v1, 2,310 tokens, $0.50" in read
    assert "Compare them. scribe-v1 was asked once: 2,310 tokens, $0.5000." in read


def test_every_sentence_has_a_description_and_every_link_leads_somewhere_on_the_page(newsroom: Newsroom) -> None:
    for at in range(3):
        newsroom.write_article(f"The pier, part {at}", f"{BODY}\n\nPart {at} of the story is told by Ada Brook here.")
    page = re.sub(r'srcdoc="[^"]*"', "", _page(newsroom, newsroom.draft()))

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-describedby="([^"]+)"', page)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert page.count('<details class="sentence') == page.count("aria-describedby=") > 3


def test_a_hostile_article_stays_text_in_its_receipt(newsroom: Newsroom) -> None:
    hostile = '<script>alert(1)</script> "quoted" </details><img src=x onerror=alert(2)> was all the board said in May.'
    newsroom.write_article("The board", f"{hostile}\n\nThe work begins in spring, and it is to last two summers.")

    page = re.sub(r'srcdoc="[^"]*"', "", _page(newsroom, newsroom.draft()))

    assert "<script" not in page
    assert "<img" not in page


def test_the_page_of_twelve_stories_is_written_in_under_a_second(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for at in range(12):
        body = "\n\n".join(f"{paragraph} This is told {at} times." for paragraph in PIER.article.body.split("\n\n") * 4)
        room.write_article(f"The pier, part {at}", body)
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    with room.app.database.read() as conn:
        found = articles.newest(conn, limit=20)
        here = [story.article_id for story in issues.stories(conn, issue.id)]
    room.app.editing.edit(issue.id, Edits(add=[one.id for one in found if one.id not in here]), actor="Nora")
    room.app.editing.edit(issue.id, Edits(summaries=dict.fromkeys(range(1, 13), PIER.first)), actor="Nora")
    proof = room.app.proofs.proof(issue.id)

    began = time.perf_counter()
    page = preview_page(room.app, proof)
    took = time.perf_counter() - began
    room.app.close()

    assert page.count('class="card receipt"') == 12
    assert took < 1
