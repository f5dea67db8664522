"""Whether what SES tells arrives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.events.sqs import Queue
    from digest.model import Finding


def of_events(app_: App) -> Iterator[Finding]:
    """Whether what SES tells arrives, and what it told that a person should know."""
    from datetime import timedelta

    from digest.errors import StoreError
    from digest.events.sqs import DEAD
    from digest.store import events

    if app_.settings["sender"] == "ses":
        yield from _ways_in(app_)
    try:
        with app_.database.read() as conn:
            heard, odd = events.ways(conn), events.count_asides(conn)
            unsent = events.warnings(conn, since=app_.clock() - timedelta(days=_LATELY))
            sent = events.last_sent_at(conn)
    except StoreError:
        return  # said already
    heard.pop(DEAD, None)  # what a person brought back says nothing of the way in
    if heard:
        last = max(heard.values())
        yield finding("hint", "last-event", f"The last one came at {last:%Y-%m-%d %H:%M} UTC.", "events")
    grace = timedelta(minutes=15)
    is_silent = sent is not None and (not heard or max(heard.values()) < sent - grace)
    if _is_expected(app_) and sent and is_silent and app_.clock() - sent > grace:
        yield finding("warning", "no-events", _NO_EVENTS.format(at=sent), "events")
    if odd:
        said = f"{odd:,} messages could not be read as events: look at `digest events status`."
        yield finding("warning", "unreadable-events", said, "events")
    for issue, reasons in unsent.items():
        for reason, count in reasons.items():
            yield finding("warning", "not-sent", f"{count:,} messages: {reason}", f"issue {issue}")


def _is_expected(app_: App) -> bool:
    return bool(app_.settings["events.queue_url"] or app_.settings["events.topics"])


def _ways_in(app_: App) -> Iterator[Finding]:
    from digest.errors import SenderError

    if not app_.settings["ses.configuration_set"] or not _is_expected(app_):
        yield finding("warning", "no-way-in", _NO_WAY_IN, "events")
    if app_.queue is None:
        return
    try:
        waiting = app_.queue.waiting()
    except SenderError as error:
        yield finding("error", "queue", str(error), "events.queue_url")
        return
    yield finding("hint", "queue", f"About {waiting['waiting']:,} messages wait in the queue.", "events.queue_url")
    yield from _given_up(app_.queue)
    yield from _account_parts(app_)


def _given_up(queue: Queue) -> Iterator[Finding]:
    """What SQS took out of the queue because no worker ever recorded it: bounces and complaints among it."""
    from digest.errors import SenderError

    try:
        count = queue.dead_letters()
    except SenderError as error:
        yield finding("warning", "given-up", f"What SQS gave up on was not examined: {error}", "events.queue_url")
        return
    if count:
        yield finding("warning", "given-up", _GIVEN_UP.format(count=count), "events.queue_url")


def _account_parts(app_: App) -> Iterator[Finding]:
    """What `digest aws setup` would make; who may not look at it learns that and no more."""
    from digest.cli.aws import setup_of
    from digest.errors import SenderError

    name = app_.settings["events.queue_url"].rpartition("/")[2]
    try:
        missing = [part.what for part in setup_of(app_, name).look() if part.state == "is missing"]
    except SenderError as error:
        yield finding("hint", "not-examined", f"Topic and policies were not examined: {error.message}", "events")
        return
    for what in missing:
        said = f"{what.removeprefix('… ')}: missing, or not as `digest aws setup --name {name}` makes it."
        yield finding("warning", "set-up", said, "events")


_LATELY = 7
_NO_WAY_IN = (
    "Nobody tells of bounces and complaints: make a way in with `digest aws setup`, and set ses.configuration_set and "
    "events.queue_url (or events.topics)."
)
_GIVEN_UP = (
    "About {count:,} messages were taken from the queue again and again and never recorded, so SQS gave up on them "
    "and deletes them in time. See in the worker's log what kept them out, mend it, and say `digest events redrive`."
)
_NO_EVENTS = (
    "Mail was last accepted at {at:%Y-%m-%d %H:%M} UTC, and no event came since: see whether `digest run` reads the "
    "queue, and `digest aws setup --dry-run`."
)
