"""Summaries told again at an editor's wish, and editors' own words, which nothing replaces unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.articles.summaries.ladder import summarise
from digest.articles.summaries.retelling import Wish
from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.desk.resummarising import Resummarising
from digest.errors import UsageMistake
from digest.model import Article, Issue, IssueState, Rung, Story
from digest.store import articles, issues
from digest.store.articles import StoredArticle
from tests.articles.summaries.towns import PIER
from tests.articles.texts import COLUMN, text
from tests.doubles.bedrock import BedrockDouble, Says
from tests.newsroom import SETTINGS, Newsroom

SANDBAGS = Article(
    url="https://news.example/sandbags", headline="The town of sandbags", body=text(*COLUMN), language="en"
)
OWN = "A town still waits for the wall that it was promised."


def kept(room: Newsroom, article: Article = SANDBAGS) -> int:
    with room.app.database.write() as conn:
        found = articles.save(conn, article, summarise(article), at=room.app.clock())
        articles.offer(conn, found, "daily", section="news", pinned=True, at=room.app.clock())
    return found


def stories(room: Newsroom, issue: Issue) -> list[Story]:
    with room.app.database.read() as conn:
        return issues.stories(conn, issue.id)


def stored(room: Newsroom, article_id: int) -> StoredArticle:
    with room.app.database.read() as conn:
        return articles.get(conn, article_id)


def retell(room: Newsroom, issue: Issue, wish: Wish, place: int = 1, *, force: bool = False) -> Issue:
    retold = room.app.resummarising.stories(issue.id, {place: wish}, force=force)
    return room.app.editing.edit(issue.id, Edits(retold=retold), actor="Nora")


def to_the_end(room: Newsroom, issue: Issue, wish: Wish, place: int = 1) -> UsageMistake:
    """What ends it when somebody wishes the same again and again."""
    for _ in range(20):
        try:
            retell(room, issue, wish, place)
        except UsageMistake as end:
            return end
    raise AssertionError(stories(room, issue))


def words(story: Story) -> int:
    return len(story.summary.text.split())


@pytest.fixture
def issue(newsroom: Newsroom) -> Issue:
    kept(newsroom)
    return newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue


# --- A story of an issue -----------------------------------------------------------------------------------


def test_nora_shortens_the_lead_and_the_article_keeps_its_summary(newsroom: Newsroom, issue: Issue) -> None:
    [before] = stories(newsroom, issue)

    retell(newsroom, issue, Wish.SHORTER)

    [after] = stories(newsroom, issue)
    assert words(after) < words(before)
    assert after.summary.rung is Rung.EXTRACT
    assert stored(newsroom, after.article_id).summary == before.summary


def test_a_summary_told_otherwise_voids_the_approval_and_stands_in_the_journal(
    newsroom: Newsroom, issue: Issue
) -> None:
    newsroom.app.proofs.approve(issue.id, actor="Nora")

    changed = retell(newsroom, issue, Wish.SHORTER)

    assert (changed.state, changed.fingerprint) == (IssueState.DRAFT, "")
    with newsroom.app.database.read() as conn:
        assert issues.journal(conn, issue.id)[-1].detail == "summary 1 shortened"


def test_the_lead_may_be_longer_than_the_others(newsroom: Newsroom, issue: Issue) -> None:
    def longest(place: int) -> int:
        assert "It cannot be longer" in to_the_end(newsroom, issue, Wish.LONGER, place).message
        return len(stories(newsroom, issue)[place - 1].summary.text)

    assert longest(1) <= 600
    other = newsroom.write_article()
    newsroom.app.editing.edit(issue.id, Edits(add=[other.id]), actor="Nora")
    assert longest(2) <= 450


def test_what_cannot_be_told_so_is_said_and_nothing_is_changed(newsroom: Newsroom, issue: Issue) -> None:
    end = to_the_end(newsroom, issue, Wish.SHORTER)

    assert end.message.startswith("The summary of story 1 stays. It cannot be shorter:")
    assert end.hint == "Nothing was changed. Write it yourself."
    with pytest.raises(UsageMistake, match=r"There is no story 4; the issue has 1\."):
        retell(newsroom, issue, Wish.SHORTER, 4)


def test_a_summary_that_somebody_changed_meanwhile_is_left_alone(newsroom: Newsroom, issue: Issue) -> None:
    retold = newsroom.app.resummarising.stories(issue.id, {1: Wish.SHORTER})
    newsroom.app.editing.edit(issue.id, Edits(summaries={1: OWN}), actor="Bob")

    with pytest.raises(UsageMistake, match="was changed while another one was written"):
        newsroom.app.editing.edit(issue.id, Edits(retold=retold), actor="Nora")

    assert stories(newsroom, issue)[0].summary.text == OWN


def test_a_summary_is_not_written_and_told_again_at_once_and_none_told_of_a_dropped_story(
    newsroom: Newsroom, issue: Issue
) -> None:
    retold = newsroom.app.resummarising.stories(issue.id, {1: Wish.SHORTER})

    for edits in (Edits(retold=retold, summaries={1: OWN}), Edits(retold=retold, drop=[1])):
        with pytest.raises(UsageMistake, match="at once"):
            newsroom.app.editing.edit(issue.id, edits, actor="Nora")


# --- An editor's own words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", list(Wish))
def test_no_wish_touches_an_editors_words_unasked(newsroom: Newsroom, issue: Issue, wish: Wish) -> None:
    newsroom.app.editing.edit(issue.id, Edits(summaries={1: OWN}), actor="Nora")

    with pytest.raises(UsageMistake, match="is an editor's: “A town still waits"):
        retell(newsroom, issue, wish)

    assert stories(newsroom, issue)[0].summary.text == OWN


def test_an_editors_words_are_replaced_when_that_is_asked_for_by_name(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.app.editing.edit(issue.id, Edits(summaries={1: OWN}), actor="Nora")

    retell(newsroom, issue, Wish.AGAIN, force=True)

    [story] = stories(newsroom, issue)
    assert story.summary == summarise(SANDBAGS)


def test_even_by_name_an_editors_words_are_not_shortened(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.app.editing.edit(issue.id, Edits(summaries={1: OWN}), actor="Nora")

    with pytest.raises(UsageMistake, match="is an editor's"):
        retell(newsroom, issue, Wish.SHORTER, force=True)


def page(*paragraphs: str) -> str:
    link = '<link rel="canonical" href="https://news.example/sandbags">'
    told = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    title = "<title>The town of sandbags</title>"
    return f'<html lang="en"><head>{title}{link}</head><body><article><h1>The town of sandbags</h1>{told}</article>'


def test_an_editors_words_outlast_every_gathering_and_are_flagged_when_the_page_changed(wired: Newsroom) -> None:
    file = wired.folder / "copy" / "sandbags.html"
    file.write_text(page(*COLUMN), encoding="utf-8")
    wired.app.intake.gather(wired.daily)
    issue = wired.app.drafting.draft(wired.daily, actor="Nora").issue
    [story] = stories(wired, issue)
    with wired.app.database.write() as conn:
        articles.edit(conn, story.article_id, {"summary": OWN}, at=wired.app.clock())
    wired.app.editing.edit(issue.id, Edits(summaries={1: OWN}), actor="Nora")

    file.write_text(page("The wall will be built after all, the council said on Monday.", *COLUMN), encoding="utf-8")
    wired.app.intake.gather(wired.daily)

    [story] = stories(wired, issue)
    article = stored(wired, story.article_id)
    assert "The wall will be built after all" in article.article.body
    assert article.summary
    assert article.summary.text == story.summary.text == OWN
    proof = wired.app.proofs.proof(issue.id)
    said = "The article changed since an editor wrote its summary"
    assert any(finding.code == "summary-outdated" and said in finding.message for finding in proof.findings)
    receipts = preview_page(wired.app, proof).partition('id="receipts"')[2]
    assert said in receipts


# --- An article --------------------------------------------------------------------------------------------


def test_an_articles_own_summary_is_shortened_and_issues_keep_theirs(newsroom: Newsroom, issue: Issue) -> None:
    [story] = stories(newsroom, issue)

    after = newsroom.app.resummarising.article(story.article_id, Wish.SHORTER)

    assert after.summary
    assert len(after.summary.text) < len(story.summary.text)
    assert stories(newsroom, issue) == [story]


def test_an_article_whose_editor_lets_go_of_her_words_is_summarised_by_readings_again(newsroom: Newsroom) -> None:
    article_id = kept(newsroom)
    with newsroom.app.database.write() as conn:
        articles.edit(conn, article_id, {"summary": OWN, "headline": "Sandbags"}, at=newsroom.app.clock())
    with pytest.raises(UsageMistake, match="The summary of article 1 is an editor's"):
        newsroom.app.resummarising.article(article_id, Wish.AGAIN)

    newsroom.app.resummarising.article(article_id, Wish.AGAIN, force=True)
    newsroom.app.resummarising.article(article_id, Wish.SHORTER)
    kept(newsroom)

    after = stored(newsroom, article_id)
    assert after.summary == summarise(SANDBAGS)
    assert after.article.headline == "Sandbags"


# --- With a model ------------------------------------------------------------------------------------------

SHORT = "The harbour board will rebuild the north pier from spring on, four years after a storm took half of it away."


@pytest.fixture
def modelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom whose model writes Nora's pier long at first and short when it is asked to."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with BedrockDouble(Says(text=PIER.first), Says(text=SHORT)) as double:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", double.url)
        room = Newsroom(tmp_path, settings=f'{SETTINGS}\n[model]\nid = "eu.harbour.scribe-v1:0"\n')
        yield room
        room.app.close()


def test_a_models_summary_is_shortened_by_the_model_and_the_page_says_what_that_came_to(modelled: Newsroom) -> None:
    modelled.write_article(PIER.article.headline, PIER.article.body)
    issue = modelled.app.drafting.draft(modelled.daily, actor="Nora").issue
    assert stories(modelled, issue)[0].summary.text == PIER.first

    retell(modelled, issue, Wish.SHORTER)

    [story] = stories(modelled, issue)
    assert (story.summary.rung, story.summary.text) == (Rung.MODEL, SHORT)
    shown = preview_page(modelled.app, modelled.app.proofs.proof(issue.id))
    assert "eu.harbour.scribe-v1:0 was asked twice: " in shown


def test_without_a_model_nobody_is_asked(newsroom: Newsroom, issue: Issue) -> None:
    assert isinstance(newsroom.app.resummarising, Resummarising)
    retell(newsroom, issue, Wish.SHORTER)

    assert stories(newsroom, issue)[0].summary.rung is Rung.EXTRACT
