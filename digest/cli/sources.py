"""`digest sources`: what the newsletters read, and how it fares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.output import PARTLY, AsJson, progress, say, show, table
from digest.cli.session import session

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from digest.articles.sources.health import Health
    from digest.articles.sources.survey import Survey
    from digest.bootstrap import App
    from digest.model import Newsletter, Source

app = typer.Typer(help="Where articles come from.", no_args_is_help=True)

Only = Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")]


@app.command("check")
def check(newsletter: Only = "", as_json: AsJson = False) -> None:
    """Look at every source and store nothing: what it is, how much it has, how it fared, what is wrong with it.

    A source that is retired, or asked to wait, is not asked. Exit code 10 when a source cannot be read.

    Example: `digest sources check --newsletter daily`
    """
    from digest.articles.sources.survey import check_all

    with session() as app_:
        found = _healths(app_, newsletter)
        now = app_.clock()
        asked = [source for _, source, health in found if not health.why_not_asked(now)]
        with progress("Checking sources") as bar:
            surveys = check_all(asked, app_.web, done=lambda done: bar(done, len(asked), ""))
    by_source = dict(zip(map(id, asked), surveys, strict=True))
    rows = [(slug, source, health, by_source.get(id(source))) for slug, source, health in found]

    def tell() -> None:
        headings = ["newsletter", "source", "kind", "found", "entries", "full text", "newest", "stands", "last read"]
        cells = [
            (slug, s.name, s.kind, *_seen(survey), health.standing(now), health.good_at)
            for slug, s, health, survey in rows
        ]
        table(headings, cells, empty="No sources are declared in settings.toml.")
        for slug, source, health, survey in rows:
            for problem in dict.fromkeys((*(survey.problems if survey else ()), *health.remarks(now))):
                say(f"{slug}/{source.name}: {problem}")

    facts = [
        {
            "newsletter": slug,
            "kind": source.kind,
            "location": source.location,
            "readable": bool(survey and survey.readable),
            "survey": survey,
            "health": health_facts(health, now),
        }
        for slug, source, health, survey in rows
    ]
    show({"sources": facts}, as_json, tell)
    if not all(fact["readable"] for fact in facts):
        raise typer.Exit(PARTLY)


@app.command("retry")
def retry(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Its name in settings.toml.")],
    newsletter: Only = "",
    as_json: AsJson = False,
) -> None:
    """Have a source asked again at the next gathering that is retired, or asked to be left alone for a while.

    Example: `digest sources retry "Harbour wire"`
    """
    from digest.errors import UsageMistake
    from digest.store import sources

    with session() as app_:
        meant = [(slug, one.name) for slug, one, _ in _healths(app_, newsletter) if one.name == source]
        if not meant:
            known = ", ".join(dict.fromkeys(one.name for _, one, _ in _healths(app_, newsletter))) or "none"
            raise UsageMistake(f"There is no source {source!r}.", hint=f"Declared are: {known}.")
        with app_.database.write() as conn:
            changed = [slug for slug, name in meant if sources.ask_again(conn, slug, name)]

    def tell() -> None:
        for slug, name in meant:
            was = "is asked at the next gathering" if slug in changed else "is asked at every gathering anyway"
            say(f"{slug}/{name} {was}.")

    show({"source": source, "newsletters": [slug for slug, _ in meant], "changed": changed}, as_json, tell)


def health_facts(health: Health, now: Any) -> dict[str, Any]:
    return {
        "standing": health.standing(now),
        "checked_at": health.checked_at,
        "good_at": health.good_at,
        "new_at": health.new_at,
        "failures": health.failures,
        "problem": health.problem,
        "moved_to": health.moved_to,
        "retired_at": health.retired_at,
        "wait_until": health.wait_until,
        "dry_since": health.dry_since(now),
    }


def remarks(app_: App, conn: Connection, letter: Newsletter) -> Iterator[tuple[str, str]]:
    """What an operator should know of a newsletter's sources: name and sentence. Asks nobody."""
    from digest.articles.sources.health import Health
    from digest.store import sources

    for source in letter.sources:
        _, health = sources.recall(conn, letter.slug, source.name)
        known = health if health.location == source.location else Health()
        yield from ((source.name, said) for said in known.remarks(app_.clock()))


def _healths(app_: App, newsletter: str) -> list[tuple[str, Source, Health]]:
    """Every source of the newsletters that are meant, with how it fares."""
    from digest.articles.sources.health import Health
    from digest.store import sources

    chosen = [app_.settings.newsletter(newsletter)] if newsletter else list(app_.newsletters.values())
    found = []
    with app_.database.read() as conn:
        for letter in chosen:
            for source in letter.sources:
                _, health = sources.recall(conn, letter.slug, source.name)
                # Another location is another source, of which nothing is known yet.
                found.append((letter.slug, source, health if health.location == source.location else Health()))
    return found


def _seen(survey: Survey | None) -> tuple[object, ...]:
    if survey is None:
        return ("not asked", None, None, None)
    return (survey.looks_like or "unreadable", survey.entries, survey.full_text, survey.newest)
