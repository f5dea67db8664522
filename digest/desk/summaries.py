"""Summaries that an editor should look at again before an issue goes out: the article moved on, or room is short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from digest.model import Article, Finding, Level, Rung, Story, Summary
from digest.render.theme import Room
from digest.store.articles import StoredArticle

#: Rungs whose summary is made of the article's own sentences.
VERBATIM = frozenset((Rung.EXTRACT, Rung.LEAD))


def to_look_at(stories: Sequence[Story], stored: Mapping[int, StoredArticle], room: Room) -> Iterator[Finding]:
    """Findings on the summaries of `stories`, the lead first. An editor's words are never cut and never replaced."""
    for place, story in enumerate(stories):
        found = stored.get(story.article_id)
        if found and (said := outdated(story.summary, found.article)):
            yield _warning("summary-outdated", said, story)
        fits = room.lead if place == 0 else room.story
        if len(story.summary.text) > fits:
            said = f"The summary has {len(story.summary.text)} characters; the theme has room for {fits} there."
            yield _warning("summary-room", said, story)


def outdated(summary: Summary, article: Article) -> str:
    """What an editor should know where the article is not any more what its summary is about; empty where it is."""
    if summary.rung is Rung.EDITOR and summary.about and summary.about != article.mark:
        return "The article changed since an editor wrote its summary: read both; save the summary again if it holds."
    if summary.rung in VERBATIM and summary.spans and summary.text != _said(summary, article):
        return "The article changed since it was summarised: compare the summary with it."
    return ""


def _said(summary: Summary, article: Article) -> str:
    return " ".join(article.body[span.start : span.end] for span in summary.spans)


def _warning(code: str, message: str, story: Story) -> Finding:
    return Finding(level=Level.WARNING, code=code, message=message, where=story.headline)
