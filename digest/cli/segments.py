"""`digest segments`: parts of a newsletter's readers, said in words and counted before anybody is mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.output import AsJson, say, show
from digest.cli.session import Slug, session

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from digest.bootstrap import App
    from digest.model import Issue, Newsletter

app = typer.Typer(help="Segments: a part of a newsletter's readers, said in words and counted.", no_args_is_help=True)


@app.command("list")
def list_(newsletter: Slug, as_json: AsJson = False) -> None:
    """List the segments of settings.toml, with how many of a newsletter's readers each has now.

    Example: `digest segments list -n daily`
    """
    with session() as app_:
        letter = app_.settings.newsletter(newsletter)
        with app_.database.read() as conn:
            every = _count(app_, conn, letter, "")
            found = [
                {"name": name, "where": where} | counted(app_, conn, letter, where, of=every)
                for name, where in app_.settings.segments.items()
            ]

    def tell() -> None:
        for one in found:
            say(f"{one['name']}: {_in_words(one)}")
            for remark in one["remarks"]:
                say(f"  ! {remark}")
        if not found:
            say('None yet: declare them in settings.toml, as [segments.loyal] with where = "clicked 90d".')

    show({"newsletter": letter.slug, "readers": every, "segments": found}, as_json, tell)


@app.command("count")
def count(
    words: Annotated[str, typer.Argument(metavar="SEGMENT", help="A name of settings.toml, or words in quotes.")],
    newsletter: Slug,
    as_json: AsJson = False,
) -> None:
    """Say whom a segment means, and how many of a newsletter's readers that are now. Mails nobody.

    It can have: clicked 90d, opened 30d, joined 30d, joined before 2026-01-01, supporter:monthly, language:fr,
    topic:sport, tag:member, on:weekend, sample 10%, segment:NAME; with and, or, not and parentheses.

    Example: `digest segments count "clicked 90d and not supporter:monthly" -n daily`
    """
    with session() as app_:
        letter = app_.settings.newsletter(newsletter)
        where = app_.settings.segment(words)
        with app_.database.read() as conn:
            found = {"where": where} | counted(app_, conn, letter, where, of=_count(app_, conn, letter, ""))

    def tell() -> None:
        say(_in_words(found))
        for remark in found["remarks"]:
            say(f"! {remark}")

    show({"newsletter": letter.slug} | found, as_json, tell)


def counted(app_: App, conn: Connection, letter: Newsletter, where: str, *, of: int) -> dict[str, Any]:
    """A segment of a newsletter in words and in numbers."""
    return {
        "sentence": sentence(app_, letter, where),
        "readers": _count(app_, conn, letter, where),
        "of": of,
        "remarks": _remarks(letter, where),
    }


def sentence(app_: App, letter: Newsletter, where: str) -> str:
    import subscribers

    names = {slug: other.name for slug, other in app_.newsletters.items()}
    meant = subscribers.read_segment(where) if where else None
    return subscribers.segment_in_words(meant, letter.name, names=names)


def whom(app_: App, issue: Issue) -> list[str]:
    """Whom an issue is for, where that is not everybody."""
    if not issue.segment:
        return []
    return [f"for: {sentence(app_, app_.settings.newsletter(issue.newsletter), issue.segment)}"]


def _count(app_: App, conn: Connection, letter: Newsletter, where: str) -> int:
    import subscribers
    from digest.store import deliveries

    at = app_.clock()
    narrowed = subscribers.in_segment(subscribers.read_segment(where), newsletter=letter.slug, at=at) if where else None
    return deliveries.count(conn, subscribers.audience(letter.slug, at=at, segment=narrowed))


def _remarks(letter: Newsletter, where: str) -> list[str]:
    """What makes a count another one than one would think."""
    import subscribers

    if not where:
        return []
    meant = subscribers.read_segment(where)
    signs = subscribers.signs_in(meant)
    strange = sorted(subscribers.topics_in(meant) - {topic.slug for topic in letter.topics})
    # Who chose no topics wants all: a slip of the pen would mean nearly everybody, and look as if it had worked.
    return [f"{letter.name} has no topic “{slug}”: only who chose no topics at all is meant." for slug in strange] + [
        f"{letter.name} does not track {what}, so nobody is known to have {sign}: set {setting} = true."
        for sign, what, setting, tracked in (
            ("clicked", "clicks", "track_clicks", letter.track_clicks),
            ("opened", "openings", "track_opens", letter.track_opens),
        )
        if sign in signs and not tracked
    ]


def _in_words(found: dict[str, Any]) -> str:
    share = f" ({found['readers'] / found['of']:.1%})" if found["of"] else ""
    return f"{found['readers']:,} of {found['of']:,}{share}: {found['sentence']}"
