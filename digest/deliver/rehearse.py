"""The dry run: everything that a real run does, except that nothing leaves and nothing is kept.

The roster is frozen in a transaction that is rolled back, every recipient is personalised, every request is built to
the last byte. What is reported is therefore what would happen, not an estimate of it.

Between the two the roster is put aside in a file: on SQLite nobody else could write while the transaction is open, and
a reader who wants to leave must not wait for the rehearsal of a million messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

from digest.deliver import warmup
from digest.deliver.allowance import size_of_batches
from digest.deliver.call import LinksFor
from digest.deliver.forecast import Course, days
from digest.deliver.freeze import Frozen, freeze
from digest.deliver.message import personalise_all
from digest.deliver.pace import Limits, Pace, refreshed
from digest.deliver.senders.port import Prepared, Sender
from digest.deliver.warmup import WarmUp
from digest.model import Account, Issue, Newsletter, Recipient, Rendered
from digest.store import issues, ledger, paces, sending
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What a real run would do. Sizes are bytes of one reader's subject, html and text; rates are readers/s."""

    issue: int
    newsletter: str
    sender: str
    recipients: int
    editions: dict[str, int]
    #: Reason → readers on the list who would not be mailed.
    not_mailed: dict[str, int]
    #: Why → readers who would be refused for their address.
    refused: dict[str, int]
    batches: int
    #: Readers whose message would leave alone, because bulk calls are limited.
    singly: int
    smallest: int
    largest: int
    #: Bytes that would leave in all.
    total_bytes: int
    allowed_rate: float
    seconds: float
    #: Days that the 24-hour quota and the warm-up stretch it to; 1 is today. None without either.
    days: int | None
    cost_dollars: float
    #: What keeps it from being sent, in one sentence; empty when nothing does.
    fault: str = ""
    #: The .eml files that were written.
    files: tuple[str, ...] = field(default=(), repr=False)


class Rehearsal:
    def __init__(
        self,
        database: Database,
        sender: Sender,
        links_for: LinksFor,
        newsletters: Mapping[str, Newsletter],
        *,
        audience_jump: float,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        warm_up: WarmUp | None = None,
        price_per_thousand: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._sender = sender
        self._links_for = links_for
        self._newsletters = newsletters
        self._jump = audience_jump
        self._limits = limits
        self._warm_up = warm_up
        self._price = price_per_thousand
        self._clock = clock

    def rehearse(
        self,
        issue_id: int,
        *,
        eml_folder: Path | None = None,
        eml_count: int | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Forecast:
        """A dry run. Writes the first `eml_count` messages (None: all) to `eml_folder` when one is given.

        Raises what a real run would raise before its first message: NotApproved, Brake, IllegalStep; AccountError when
        the account cannot be asked. One that may not send now is a fault of the forecast.
        """
        account = self._sender.account()
        known, sent_today = self._pace(account)
        course = Course.from_now(known, self._limits)
        with TemporaryFile("w+", encoding="utf-8") as aside:
            issue, frozen, editions = self._freeze(issue_id, self._batch_size(known), aside)
            weighed = _Weighed(fault="" if account.sending_enabled else f"The account may not send now: {account.note}")
            writer = _EmlWriter(eml_folder, frozen.recipients if eml_count is None else eml_count)
            for prepared in self._requests(issue, editions, aside):
                weighed.add(prepared)
                course.take(len(prepared.positions))
                writer.write(prepared)
                progress(weighed.count, frozen.recipients)
        return Forecast(
            issue=issue.id,
            newsletter=issue.newsletter,
            sender=self._sender.name,
            recipients=frozen.recipients,
            editions=frozen.editions,
            not_mailed=frozen.not_mailed,
            refused=weighed.refused,
            batches=weighed.batches,
            smallest=weighed.smallest,
            largest=weighed.largest,
            total_bytes=weighed.total_bytes,
            singly=course.singly,
            allowed_rate=known.max_rate,
            seconds=course.seconds,
            days=days(frozen.recipients, account, plan=self._warm_up, sent_today=sent_today, now=self._clock()),
            cost_dollars=round(frozen.recipients * self._price / 1000, 2) if self._sender.name == "ses" else 0.0,
            fault=weighed.fault,
            files=tuple(writer.files),
        )

    def _pace(self, account: Account) -> tuple[Pace, int]:
        """What was learned of the account, with what it says now; and how many were mailed today. Keeps nothing."""
        now = self._clock()
        with self._db.read() as conn:
            known = paces.look(conn, self._sender.name)
            sent_today = sending.since(conn, warmup.day_of(now)) if self._warm_up else 0
        fresh = refreshed(
            known,
            max_rate=self._limits.rate(account.max_rate),
            quota=account.max_per_day,
            quota_left=account.remaining,
            now=now.timestamp(),
        )
        return fresh, sent_today

    def _batch_size(self, known: Pace) -> int:
        return size_of_batches(self._sender, self._limits, known, warmup.largest_batch(self._warm_up, self._clock()))

    def _freeze(self, issue_id: int, batch_size: int, aside: TextIO) -> tuple[Issue, Frozen, dict[int, Rendered]]:
        """Freeze the roster and forget it again; its batches are in `aside`, one a line."""
        with self._db.trial() as conn:
            issue = issues.get(conn, issue_id)
            frozen = freeze(
                conn,
                issue,
                batch_size=batch_size,
                audience_jump=self._jump,
                best_first=warmup.is_ahead(self._warm_up, self._clock()),
                actor="dry run",
                now=self._clock(),
            )
            editions = {edition.id: edition.rendered for edition in issues.editions(conn, issue.id)}
            for claim in ledger.batches(conn, issue.id):
                rows = [(one.position, one.subscriber_id, one.address, one.name) for one in ledger.planned(conn, claim)]
                aside.write(json.dumps([claim.edition_id, rows]) + "\n")
        aside.seek(0)
        return issue, frozen, editions

    def _requests(self, issue: Issue, editions: Mapping[int, Rendered], aside: TextIO) -> Iterator[Prepared]:
        newsletter = self._newsletters[issue.newsletter]
        links = self._links_for(issue)
        for line in aside:
            edition_id, rows = json.loads(line)
            rendered = editions[edition_id]
            messages = personalise_all(
                rendered, _recipients(rows), links, issue=issue.id, attempt=1, newsletter=newsletter
            )
            yield self._sender.prepare(rendered, messages)


def _recipients(rows: Sequence[tuple[int, int, str, str]]) -> Iterator[Recipient]:
    for position, subscriber_id, address, name in rows:
        yield Recipient(position=position, subscriber_id=subscriber_id, address=address, name=name)


class _Weighed:
    """Adds up what would leave."""

    def __init__(self, *, fault: str) -> None:
        self.batches = self.count = self.smallest = self.largest = self.total_bytes = 0
        self.refused: dict[str, int] = {}
        self.fault = fault

    def add(self, prepared: Prepared) -> None:
        self.batches += 1
        self.count += len(prepared.positions)
        self.total_bytes += prepared.total_bytes
        sizes = prepared.sizes or (0,)
        self.smallest = min(self.smallest or sizes[0], *sizes)
        self.largest = max(self.largest, *sizes)
        self.fault = self.fault or prepared.fault
        for why in prepared.refused.values():
            self.refused[why] = self.refused.get(why, 0) + 1


class _EmlWriter:
    """Writes the first so many messages as .eml files."""

    def __init__(self, folder: Path | None, count: int) -> None:
        self._folder = folder
        self._left = count if folder else 0
        self.files: list[str] = []
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, prepared: Prepared) -> None:
        if prepared.fault:
            return
        for index, position in enumerate(prepared.positions[: self._left]):
            if self._folder is None or position in prepared.refused:
                continue
            file = self._folder / f"{position:07}.eml"
            file.write_bytes(prepared.eml(index))
            self.files.append(str(file))
        self._left = max(0, self._left - len(prepared.positions))
