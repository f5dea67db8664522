"""`digest subscribers`: who may be mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from digest.cli import exporting, importing, people, unconfirmed
from digest.cli.output import AsJson, say, show, table
from digest.cli.session import Slug, actor, session

if TYPE_CHECKING:
    from subscribers import Entry

app = typer.Typer(
    help="Subscribers: import, add, show, leave, suppress, tag, pause, forget, export.", no_args_is_help=True
)

app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.command("prune")(unconfirmed.prune)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="Email address.")]


@app.command("add")
def add(
    address: Address,
    newsletter: Slug,
    name: Annotated[str, typer.Option(help="As they want to be called.")] = "",
    language: Annotated[str, typer.Option(help="Such as en or he.")] = "",
    supporter: Annotated[
        Literal["none", "one-time", "monthly", "lapsed", "unknown"], typer.Option(help="What we know of their giving.")
    ] = "unknown",
    consent: Annotated[str, typer.Option(help="How they said yes; kept in the log.")] = "asked the newsroom",
    as_json: AsJson = False,
) -> None:
    """Add one subscriber, or bring one up to date.

    Example: `digest subscribers add alice@example.com -n daily --name Alice`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        now = app_.clock()
        added = subscribers.add(
            conn,
            address,
            newsletter=app_.settings.newsletter(newsletter).slug,
            name=name,
            language=language,
            supporter=subscribers.Supporter(supporter),
            consent=subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="command line", evidence=consent),
            at=now,
        )
    show(
        {"subscriber": added.subscriber_id, "outcome": added.outcome},
        as_json,
        lambda: say(f"{address}: {added.outcome}"),
    )


@app.command("list")
def list_(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    state: Annotated[Literal["", "active", "left", "unconfirmed"], typer.Option(help="Only these.")] = "",
    search: Annotated[str, typer.Option(help="Part of an address or name.")] = "",
    after: Annotated[int, typer.Option(help="Go on after this subscriber.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List subscribers, with where they stand.

    Example: `digest subscribers list -n daily --search alice`
    """
    import subscribers

    with session() as app_, app_.database.read() as conn:
        if newsletter:
            app_.settings.newsletter(newsletter)
        page = subscribers.page(
            conn,
            newsletter or None,
            subscribers.State(state) if state else None,
            search,
            after_id=after,
            limit=limit,
        )
        counts = {
            slug: subscribers.counts(conn, slug, at=app_.clock())
            for slug in ([newsletter] if newsletter else app_.newsletters)
        }

    def tell() -> None:
        table(
            ["id", "address", "name", "supporter", "stands"], [_row(entry) for entry in page.entries], empty="Nobody."
        )
        for slug, count in counts.items():
            say(f"{slug}: {count.mailable:,} may be mailed; {count.active:,} active, {count.left:,} left, "
                f"{count.unconfirmed:,} unconfirmed, {count.paused:,} paused, "
                f"{sum(count.suppressed.values()):,} suppressed")  # fmt: skip
        if page.next_after:
            say(f"More: --after {page.next_after}")

    show({"subscribers": page.entries, "next_after": page.next_after, "counts": counts}, as_json, tell)


@app.command("leave")
def leave(address: Address, newsletter: Slug, as_json: AsJson = False) -> None:
    """Take somebody off a newsletter, at their wish.

    Example: `digest subscribers leave alice@example.com -n daily`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        slug = app_.settings.newsletter(newsletter).slug
        person = people.found(conn, address)
        left = subscribers.leave(conn, person, slug, at=app_.clock(), how=f"command line, {actor()}")
    show(
        {"address": address, "left": left},
        as_json,
        lambda: say(f"{address} {'has left' if left else 'was not on'} {slug}."),
    )


@app.command("suppress")
def suppress(
    address: Address,
    reason: Annotated[Literal["manual", "bounce", "complaint"], typer.Option(help="Why.")] = "manual",
    detail: Annotated[str, typer.Option(help="For whoever asks later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Never mail an address again, whatever list it is on. It need not be a subscriber.

    Example: `digest subscribers suppress alice@example.com --detail "asked by phone"`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        new = subscribers.suppress(conn, address, reason=subscribers.Reason(reason), at=app_.clock(), detail=detail)
    words = "is suppressed" if new else "was suppressed already"
    show({"address": address, "suppressed": new}, as_json, lambda: say(f"{address} {words}."))


@app.command("unsuppress")
def unsuppress(address: Address, as_json: AsJson = False) -> None:
    """Lift a suppression that was a mistake.

    Example: `digest subscribers unsuppress alice@example.com`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        lifted = subscribers.unsuppress(conn, address)
    words = "may be mailed again" if lifted else "was not suppressed"
    show({"address": address, "lifted": lifted}, as_json, lambda: say(f"{address} {words}."))


for _command in (people.data, people.forget, people.tag, people.untag, people.pause):
    app.command()(_command)
app.command("show")(people.show_)


def _row(entry: Entry) -> tuple[object, ...]:
    stands = ", ".join(f"{place.newsletter}: {place.state}" for place in entry.subscriptions)
    if entry.suppressed:
        stands += f" (suppressed: {entry.suppressed})"
    person = entry.subscriber
    return person.id, person.address, person.name, person.supporter, stands
