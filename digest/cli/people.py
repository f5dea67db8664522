"""`digest subscribers` about one person: what we hold on them, what the newsroom notes, and erasing it all."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.output import AsJson, say, show
from digest.cli.session import Slug, session

if TYPE_CHECKING:
    from sqlalchemy import Connection

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="Email address.")]
Tag = Annotated[str, typer.Argument(metavar="TAG", help="A word of the newsroom's, such as member.")]


def found(conn: Connection, address: str) -> int:
    """The subscriber with this address. Raises UsageMistake."""
    import subscribers
    from digest.errors import UsageMistake

    person = subscribers.find(conn, address)
    if person is None:
        raise UsageMistake(f"{address} is on no list.", hint="`digest subscribers list --search …` finds parts.")
    return person.id


def _held(conn: Connection, address: str) -> dict[str, Any]:
    """All that is held on a person. Raises UnknownSubscriber when that is nothing."""
    import subscribers
    from digest.store import people

    facts: dict[str, Any] = subscribers.export_person(conn, address)
    person = subscribers.find(conn, address)
    return facts | (people.held(conn, person.id) if person else {})


def show_(address: Address, as_json: AsJson = False) -> None:
    """Show one person: where they stand, what they want, and why nothing arrives if nothing does.

    Example: `digest subscribers show alice@example.com`
    """
    with session() as app_, app_.database.read() as conn:
        facts, now = _held(conn, address), app_.clock()

    def tell() -> None:
        name = f"{facts['name']}, " if facts.get("name") else ""
        say(f"{name}{facts['address']}" + (f" ({facts['language']})" if facts.get("language") else ""))
        if "supporter" in facts:
            say(f"  supporter: {facts['supporter']}" + _list("; tags: ", facts["tags"]))
        for place in facts.get("subscriptions", ()):
            say(f"  {place['newsletter']}: {_stands(place, now)}")
        if held := facts.get("suppression"):
            say(f"  suppressed since {held['at'][:10]}: {held['reason']}" + (held["detail"] and f", {held['detail']}"))
        if sent := facts.get("deliveries"):
            say(f"  was sent {len(sent)} issue(s), the last of them issue {sent[-1]['issue']}: {sent[-1]['state']}")
        for said in facts.get("consents", ()):
            say(f"  {said['at'][:10]} {said['newsletter']}: {said['act']} ({said['how'] or 'erased'})")

    show(facts, as_json, tell)


def data(address: Address, as_json: AsJson = True) -> None:
    """All that we hold on a person, always as JSON: for whoever asks what is known about them.

    Example: `digest subscribers data alice@example.com`
    """
    with session() as app_, app_.database.read() as conn:
        facts = _held(conn, address)
    show(facts, as_json, lambda: None)


def forget(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything about a person and say what it was; a hash stays, so that no import brings them back.

    Example: `digest subscribers forget alice@example.com --yes`
    """
    import subscribers
    from digest.errors import UsageMistake
    from digest.store import people

    if not yes and not (sys.stdin.isatty() and typer.confirm(f"Erase {address} for good?", err=True)):
        raise UsageMistake("Nothing was erased.", hint="Say --yes to erase without being asked.")
    with session() as app_, app_.database.write() as conn:
        rows = subscribers.traces(conn, address)
        person = subscribers.forget(conn, address, at=app_.clock())
        rows |= people.erase(conn, person, address)

    def tell() -> None:
        say(f"{address} is forgotten." if person is not None else f"{address} was on no list, and will be on none.")
        for what, count in rows.items():
            say(f"  {_ERASED[what].format(count=count)}")
        say("  A hash of the address stays, so that no file brings them back. Backups keep what they have.")

    show({"address": address, "erased": person is not None, "rows": rows}, as_json, tell)


_ERASED = {
    "subscriber": "The subscriber: address, name, language and supporter erased; an empty row stays for the figures.",
    "subscriptions": "{count} place(s) on newsletters: left; reasons, pauses, last click and opening erased.",
    "consents": "{count} consent(s): how and by what erased; that and when stays.",
    "topics": "{count} topic(s) deleted.",
    "tags": "{count} tag(s) deleted.",
    "suppression": "The suppression: address, reason and detail erased.",
    "deliveries": "{count} deliveries: address, name and what servers said erased; that each was sent stays.",
    "events": "{count} event(s): what was read, and what servers said, erased.",
    "notices": "{count} notice(s) deleted.",
    "messages set aside": "{count} message(s) of nobody's that named the address erased.",
}


def tag(address: Address, word: Tag, as_json: AsJson = False) -> None:
    """Note something about a person, for segments.

    Example: `digest subscribers tag alice@example.com member`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        new = subscribers.tag(conn, found(conn, address), word)
    said = "has the tag now" if new else "had the tag already"
    show({"address": address, "tag": word, "changed": new}, as_json, lambda: say(f"{address} {said}: {word}"))


def untag(address: Address, word: Tag, as_json: AsJson = False) -> None:
    """Take a note about a person back.

    Example: `digest subscribers untag alice@example.com member`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        gone = subscribers.untag(conn, found(conn, address), word)
    said = "has the tag no more" if gone else "did not have the tag"
    show({"address": address, "tag": word, "changed": gone}, as_json, lambda: say(f"{address} {said}: {word}"))


def pause(
    address: Address,
    newsletter: Slug,
    days: Annotated[int, typer.Option(min=0, max=366, help="For so many days from now; 0 ends a pause.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Send somebody nothing of a newsletter for a while, at their wish. They stay on it.

    Example: `digest subscribers pause alice@example.com -n daily --days 30`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        slug = app_.settings.newsletter(newsletter).slug
        person = found(conn, address)
        until = app_.clock() + timedelta(days=days) if days else None
        subscribers.pause(conn, person, slug, until=until)
        on_it = subscribers.standing(conn, person, slug) is not None

    def tell() -> None:
        if not on_it:
            say(f"{address} is not on {slug}.")
        else:
            say(f"{address} gets no {slug} until {until:%Y-%m-%d}." if until else f"{address} gets {slug} again.")

    show({"address": address, "newsletter": slug, "paused_until": until if on_it else None}, as_json, tell)


def _stands(place: dict[str, Any], now: datetime) -> str:
    said = f"{place['state']} since {(place['left_at'] or place['since'])[:10]}"
    if place["left_how"]:
        said += f" by {place['left_how']}" + (f" (“{place['left_why']}”)" if place["left_why"] else "")
    if place["paused_until"] and datetime.fromisoformat(place["paused_until"]) > now:
        said += f", paused until {place['paused_until'][:10]}"
    if place["min_days"]:
        said += f", one issue in {place['min_days']} days at most"
    clicked = f", last clicked {place['clicked_at'][:10]}" if place["clicked_at"] else ""
    return said + _list(", wants ", place["topics"]) + clicked


def _list(before: str, words: list[str]) -> str:
    return before + ", ".join(words) if words else ""
