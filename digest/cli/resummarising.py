"""Summaries told again, and what an editor's own has that the article has not: shared by issues and articles."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from digest.cli.output import progress

if TYPE_CHECKING:
    from digest.articles.summaries.retelling import Wish
    from digest.bootstrap import App
    from digest.desk.backing import Foreign
    from digest.desk.resummarising import Retold
    from digest.model import Story, Summary
    from digest.store.articles import StoredArticle


def wished(
    again: Iterable[int], shorter: Iterable[int], longer: Iterable[int], *, what: str = "Story"
) -> dict[int, Wish]:
    """What is to become of the summaries at these places. Raises UsageMistake for two wishes at once."""
    from digest.articles.summaries.retelling import Wish
    from digest.errors import UsageMistake

    found: dict[int, Wish] = {}
    for places, wish in ((again, Wish.AGAIN), (shorter, Wish.SHORTER), (longer, Wish.LONGER)):
        for place in places:
            if found.setdefault(place, wish) is not wish:
                said = f"{what} {place}: --resummarise, --shorten or --lengthen, one at a time."
                raise UsageMistake(said, hint="Nothing was changed.")
    return found


def told_again(app_: App, issue: int, wishes: Mapping[int, Wish], *, force: bool, may_ask: bool) -> dict[int, Retold]:
    """The summaries as they are wished; nothing is changed yet."""
    from digest.articles.summaries.retelling import Wish

    if not wishes:
        return {}
    if not force and may_ask and Wish.AGAIN in wishes.values():
        force = _may_replace(app_, issue, [place for place, wish in wishes.items() if wish is Wish.AGAIN])
    found: dict[int, Retold] = {}
    with progress("Summarising") as bar:
        for done, (place, wish) in enumerate(wishes.items()):
            bar(done, len(wishes), f"story {place}")
            found |= app_.resummarising.stories(issue, {place: wish}, force=force)
    return found


def article_told_again(app_: App, article: int, wish: Wish, *, force: bool, may_ask: bool) -> None:
    """Tell an article's own summary again."""
    from digest.articles.summaries.retelling import Wish
    from digest.model import Rung
    from digest.store import articles

    if not force and may_ask and wish is Wish.AGAIN:
        with app_.database.read() as conn:
            before = articles.get(conn, article).summary
        if before and before.rung is Rung.EDITOR:
            force = confirmed(f"article {article} (“{before.text}”)")
    with progress("Summarising") as bar:
        bar(0, 1, f"article {article}")
        app_.resummarising.article(article, wish, force=force)


def _may_replace(app_: App, issue: int, places: Sequence[int]) -> bool:
    """Ask the person in front about words that an editor wrote; False where there are none or nobody is there."""
    from digest.cli.issue_words import stories_of
    from digest.model import Rung

    written = [(place, story) for place, story in enumerate(stories_of(app_, issue), start=1) if place in places]
    own = [f"story {place} (“{story.summary.text}”)" for place, story in written if story.summary.rung is Rung.EDITOR]
    return bool(own) and confirmed(" and ".join(own))


def confirmed(what: str) -> bool:
    """Does the person in front want an editor's words replaced? False when nobody is there."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return typer.confirm(f"An editor wrote the summary of {what}. Replace it?", err=True)


def in_words(retold: Mapping[int, Retold]) -> list[str]:
    """ "summary 3 shortened, 41 → 24 words (extract): …"."""
    return [f"summary {place} {one.wish}, {change(one.before, one.after)}" for place, one in retold.items()]


def change(before: Summary, after: Summary) -> str:
    return f"{len(before.text.split())} → {len(after.text.split())} words ({after.rung}): {after.text}"


def facts_of_retold(retold: Mapping[int, Retold]) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "what": one.wish,
            "before": one.before.text,
            "before_rung": one.before.rung,
            "after": one.after.text,
            "after_rung": one.after.rung,
        }
        for place, one in retold.items()
    ]


# --- What the article does not have ---------------------------------------------------------------------


def foreign_in(app_: App, stories: Mapping[int, Story]) -> dict[int, list[Foreign]]:
    """What the summaries at these places have and their articles have not, where there is something."""
    if not stories:
        return {}
    from digest.desk.backing import backing
    from digest.store import articles

    with app_.database.read() as conn:
        stored = articles.several(conn, [story.article_id for story in stories.values()])
    found = {place: backing(story, stored[story.article_id].article).foreign for place, story in stories.items()}
    return {place: foreign for place, foreign in found.items() if foreign}


def foreign_of(stored: StoredArticle) -> list[Foreign]:
    """What an article's own summary has and the article has not."""
    from digest.desk.backing import backing_of

    return backing_of(stored.summary, stored.article).foreign if stored.summary else []


def grave(foreign: Sequence[Foreign]) -> str:
    """What may be wrong, for a person: "Not in the article: name “Paris”; number “40”."; empty when nothing is."""
    said = "; ".join(str(one) for one in foreign if one.is_grave)
    return f"Not in the article: {said}." if said else ""


def facts_of_foreign(foreign: Sequence[Foreign]) -> list[dict[str, Any]]:
    return [{"kind": one.kind, "words": one.texts} for one in foreign]
