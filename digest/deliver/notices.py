"""Notices: small mails to one person that a page owes them, sent singly by the rules of the ledger.

A page writes down what it owes and answers; whoever looks next sends it: `digest serve` at once, or a worker at its
next tick. *calling* is committed before the request leaves, so that a crash costs a mail at most and sends none twice.
What is certainly not sent is tried again for a day; what is in doubt is left, because the reader can ask again.
Each takes a turn of the account's rate, beside the batches of whatever issue is on its way.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

import subscribers
from digest.deliver.pace import Turn
from digest.deliver.senders.port import Sender
from digest.errors import DigestError, DoubtError, PaceError, RenderError, SenderError, StoreError
from digest.issue.compose import envelope_of
from digest.languages import spoken_to
from digest.model import DeliveryState, Message, Newsletter, Receipt, Recipient, Rendered
from digest.render.notice import Notice
from digest.store import limits, outgoing
from digest.store.database import Database
from digest.store.outgoing import Outgoing, State
from subscribers import State as Standing
from subscribers import Subscriber

log = logging.getLogger(__name__)

#: Older than that a notice is no answer to anything any more.
STALE = timedelta(days=1)
#: How long after a sender that would not take it a notice is tried again, doubled each time up to the second.
FIRST, LONGEST = timedelta(seconds=5), timedelta(minutes=30)
#: How often `run` looks by itself for what other processes left, in seconds; its own pages wake it.
LOOK = 2.0
#: Seconds between two moments at which what is long done is swept away.
SWEEP = timedelta(minutes=10)

#: Whom a notice goes to that nobody gets: a page that must not tell whether it knows an address does the same work.
NOBODY = 0

#: Whom a notice may still go to when it leaves: where they stand with the newsletter. The others need no standing.
_ONLY = {"welcome": {Standing.ACTIVE}, "already": {Standing.ACTIVE}, "goodbye": {Standing.LEFT}}
#: Notices to people who are on a newsletter, who must be able to leave it by one click.
_LEAVABLE = frozenset({"welcome", "already"})


class Writer(Protocol):
    """What makes a notice (`digest.render.edition.Renderer`)."""

    def render_notice(self, name: str, language: str, values: Mapping[str, str], *, theme: str) -> Notice: ...


class Links(Protocol):
    """The addresses that notices carry."""

    def join(self, newsletter: str) -> str: ...
    def confirm(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str: ...
    def data(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str: ...
    def leave(self, subscriber_id: int, newsletter: str) -> str: ...
    def back(self, subscriber_id: int, newsletter: str) -> str: ...
    def preferences(self, subscriber_id: int, newsletter: str) -> str: ...


class Turns(Protocol):
    """Shares of the account's rate (`digest.deliver.turns`)."""

    def take(self, stop: threading.Event) -> Turn | None: ...
    def give_back(self, turn: Turn, error: SenderError | None = None) -> None: ...


class Notices:
    def __init__(
        self,
        database: Database,
        sender: Callable[[], Sender],
        writer: Callable[[], Writer],
        links: Links,
        newsletters: Mapping[str, Newsletter],
        *,
        turns: Callable[[], Turns],
        clock: Callable[[], datetime],
        on_planned: Callable[[Connection], object] = lambda _conn: None,
    ) -> None:
        """`on_planned` tells workers, at the end of the page's transaction.

        `sender`, `writer` and `turns` load when needed.
        """
        self._db = database
        self._sender = sender
        self._turns = turns
        self._writer = writer
        self._links = links
        self._newsletters = newsletters
        self._clock = clock
        self._on_planned = on_planned
        self._wake = threading.Event()
        self._swept: datetime | None = None

    # --- For pages -----------------------------------------------------------------------------------------

    def plan(self, conn: Connection, notice: str, newsletter: str, subscriber_id: int) -> bool:
        """Owe somebody a notice, within the page's own transaction. Say it last in it, and `hurry` after it.

        False when the same one waits already.
        """
        if not outgoing.plan(conn, notice, newsletter, subscriber_id, at=self._clock()):
            return False
        self._on_planned(conn)
        return True

    def hurry(self) -> None:
        """Have `run` look now."""
        self._wake.set()

    # --- For whoever sends ---------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Send what is owed until `stop` is set: the thread beside the pages. Outlives whatever happens."""
        while not stop.is_set():
            try:
                busy = self.work(stop)
            except StoreError as error:
                log.warning("Notices wait for the database: %s", error)
                busy = False
            except Exception:
                log.exception("Sending notices failed, and is tried again")
                busy = False
            if not busy and not stop.is_set():
                self._wake.wait(LOOK)
            self._wake.clear()

    def work(self, stop: threading.Event) -> bool:
        """Send what is due now; True when something was."""
        self._sweep()
        with self._db.read() as conn:
            due = outgoing.due(conn, now=self._clock())
        for notice in due:
            if stop.is_set():
                break
            self._deal_with(notice, stop)
        return bool(due)

    def owed(self, conn: Connection) -> bool:
        return outgoing.waits(conn, now=self._clock())

    def _sweep(self) -> None:
        now = self._clock()
        if self._swept and timedelta(0) <= now - self._swept < SWEEP:
            return
        self._swept = now
        with self._db.write("sweep notices") as conn:
            outgoing.reap(conn, now=now)
            limits.sweep(conn, now=now)

    def _deal_with(self, notice: Outgoing, stop: threading.Event) -> None:
        with self._db.read() as conn:
            found = self._to_whom(conn, notice)
        letter = self._newsletters.get(notice.newsletter)
        if isinstance(found, str) or letter is None:
            why_not = found if isinstance(found, str) else "the newsletter is not declared any more"
            self._settle(notice, State.SKIPPED, reason=why_not)
            return
        try:
            rendered = self._rendered(notice, letter, spoken_to(found.language, letter.language))
            sender = self._sender()
            prepared = sender.prepare(rendered, [self._message(notice, found.address)])
            prepared.insist()
            turn = self._turns().take(stop)
        except (RenderError, SenderError) as ours:
            # Our own mistake, in a template or in the settings, or the account's: nothing has left, and it may be
            # mended.
            log.error("Notice %s (%s) waits: %s", notice.id, notice.notice, ours)  # noqa: TRY400 (it explains itself)
            self._put_off(notice, ours)
            return
        if turn is not None:
            self._leave(notice, turn, lambda: sender.send(prepared))

    def _to_whom(self, conn: Connection, notice: Outgoing) -> Subscriber | str:
        """Whom it goes to, or why nothing is sent to them any more."""
        if self._clock() - notice.asked_at > STALE:
            return "too late"
        try:
            person = subscribers.get(conn, notice.subscriber_id)
        except subscribers.UnknownSubscriber:
            return "forgotten"
        held = subscribers.suppressed(conn, person.address)
        # Somebody who was forgotten and joins anew has a row again; confirming lifts it.
        if held and held.reason is not subscribers.Reason.FORGOTTEN:
            return held.reason.value
        if wanted := _ONLY.get(notice.notice):
            place = subscribers.standing(conn, notice.subscriber_id, notice.newsletter)
            if place is None or place.state not in wanted:
                return "stands otherwise now"
        return person

    def _leave(self, notice: Outgoing, turn: Turn, send: Callable[[], list[Receipt]]) -> None:
        with self._db.write("call notice") as conn:
            mine = outgoing.call(conn, notice, now=self._clock())
        if mine:
            self._send(notice, turn, send)
        else:
            self._turns().give_back(turn)

    def _send(self, notice: Outgoing, turn: Turn, send: Callable[[], list[Receipt]]) -> None:
        try:
            (receipt,) = send()
        except DoubtError as doubt:
            self._settle(notice, State.UNCERTAIN, reason=doubt.message)
        except SenderError as error:
            self._came_back(notice, turn, error)
        except Exception as mistake:
            # In the middle of a call: nobody knows whether it left.
            log.exception("Notice %s (%s) is in doubt", notice.id, notice.notice)
            self._settle(notice, State.UNCERTAIN, reason=type(mistake).__name__)
        else:
            self._record(notice, turn, receipt)

    def _record(self, notice: Outgoing, turn: Turn, receipt: Receipt) -> None:
        if receipt.state is DeliveryState.PLANNED:
            self._came_back(notice, turn, PaceError(receipt.reason))
        else:
            state = State(receipt.state.value)
            self._settle(notice, state, reason=receipt.reason, message_id=receipt.message_id)

    def _came_back(self, notice: Outgoing, turn: Turn, error: SenderError) -> None:
        """It was certainly not accepted: its turn counts for nothing, and it is tried again."""
        log.warning("Notice %s (%s) waits: %s", notice.id, notice.notice, error)
        self._put_off(notice, error)
        self._turns().give_back(turn, error)

    def _settle(self, notice: Outgoing, state: State, *, reason: str = "", message_id: str = "") -> None:
        with self._db.write("record notice") as conn:
            outgoing.settle(conn, notice, state, reason=reason, message_id=message_id, at=self._clock())

    def _put_off(self, notice: Outgoing, error: DigestError) -> None:
        now = self._clock()
        until = now + wait_after(now - notice.asked_at)
        with self._db.write("put notice off") as conn:
            outgoing.put_off(conn, notice, until=until, reason=error.message, at=now)

    # --- What is sent --------------------------------------------------------------------------------------

    def _rendered(self, notice: Outgoing, letter: Newsletter, language: str) -> Rendered:
        values = self._values(notice, letter)
        made = self._writer().render_notice(notice.notice, language, values, theme=letter.theme)
        return Rendered(
            edition=notice.notice,
            subject=made.subject,
            preheader="",
            html=made.html,
            text=made.text,
            # What an issue tracks, a notice never does.
            envelope=replace(envelope_of(letter), track_clicks=False, track_opens=False),
        )

    def _values(self, notice: Outgoing, letter: Newsletter) -> dict[str, str]:
        who, slug, links = notice.subscriber_id, letter.slug, self._links
        urls: dict[str, Callable[[], str]] = {
            "confirm": lambda: links.confirm(who, slug, at=notice.asked_at),
            "data": lambda: links.data(who, slug, at=notice.asked_at),
            "goodbye": lambda: links.back(who, slug),
        }
        return {
            "newsletter_name": letter.name,
            "postal_address": letter.postal_address,
            "welcome": letter.welcome if notice.notice == "welcome" else "",
            f"{notice.notice}_url": urls.get(notice.notice, lambda: links.preferences(who, slug))(),
        }

    def _message(self, notice: Outgoing, address: str) -> Message:
        headers = {"Auto-Submitted": "auto-generated"}
        if notice.notice in _LEAVABLE:
            leave = self._links.leave(notice.subscriber_id, notice.newsletter)
            headers["List-Unsubscribe"] = f"<{leave}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return Message(
            recipient=Recipient(position=notice.id, subscriber_id=notice.subscriber_id, address=address),
            slots={},
            headers=headers,
            tags={
                # Of no issue, like a trial: what becomes of it counts for none.
                "issue": "0",
                "delivery": str(notice.id),
                "attempt": str(notice.attempt + 1),
                "newsletter": notice.newsletter,
                "notice": notice.notice,
            },
        )


def wait_after(waited: timedelta) -> timedelta:
    """How long to wait before the next try, having waited so long: about as long again."""
    return min(max(waited, FIRST), LONGEST)
