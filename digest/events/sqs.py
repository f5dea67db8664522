"""The way in by Amazon SQS: messages are taken by the ten, recorded in one commit, and deleted only then.

A worker that dies in between leaves them to the queue, which shows them again after the visibility timeout; told
twice, an event counts once. What nobody can read is set aside in a table before it leaves the queue.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, Protocol

from digest.deliver.senders.ses_wire import Wire
from digest.errors import SenderError
from digest.events.fold import Recorded

#: SQS hands out and deletes ten at most.
_TEN = 10
#: Messages in one commit: a commit costs the same for one and for many.
MOST = 300
#: Questions in the air at a time at most. One takes 15 to 60 ms to answer and brings ten, so that many bring what one
#: commit takes while the one before it is written; each full answer adds one.
_AT_ONCE = 20
#: Threads that delete beside those that ask, and how many tens may be behind what is committed.
_DELETING = 20
_BEHIND = 60
#: Seconds that SQS keeps a question open when there is nothing: who stops a worker waits for as long.
PATIENCE = 5
#: … and those of the others, who ask because one had a full answer. Not 0: then SQS asks only some of its own hosts.
_OTHERS = 1
#: Seconds after which what is there is committed, though there be room for more: somebody may have complained.
_SOON = 1.0
#: Seconds for which others do not see what was taken.
HIDDEN = 120
#: A question is asked so often: taking and deleting twice does no harm. Seconds between, doubled each time.
_TRIES, _PAUSE = 3, 0.25


#: The ways in: what comes as it happens, and what SQS had given up on.
WAY, DEAD = "queue", "dead letters"


class Taken(NamedTuple):
    """A message in our hands."""

    body: str
    #: What deletes it.
    receipt: str


class Takes(Protocol):
    """Records messages; what it returns from is committed."""

    def take(self, bodies: Sequence[str], *, way: str) -> Recorded: ...


class Queue:
    """A queue of SQS. Safe for threads; connects when it is first used."""

    def __init__(self, url: str, *, region: str, name: str = WAY) -> None:
        """`name` is the way in that its messages came by."""
        self.url = url
        self.name = name
        self._region = region
        self._connected: Wire | None = None
        self._lock = threading.Lock()

    def receive(self, *, patience: int) -> list[Taken]:
        """Ten messages at most; waits up to `patience` seconds for the first. Raises SenderError."""
        found = self._ask(
            "ReceiveMessage", MaxNumberOfMessages=_TEN, WaitTimeSeconds=patience, VisibilityTimeout=HIDDEN
        )
        return [Taken(one.get("Body", ""), one["ReceiptHandle"]) for one in found.get("Messages") or ()]

    def delete(self, taken: Sequence[Taken]) -> None:
        """Done with these, ten at most. What cannot be deleted comes again, which does no harm. Raises SenderError."""
        entries = [{"Id": str(at), "ReceiptHandle": one.receipt} for at, one in enumerate(taken)]
        self._ask("DeleteMessageBatch", Entries=entries)

    def waiting(self) -> dict[str, int]:
        """About how many messages wait, and how many are in somebody's hands. Raises SenderError."""
        names = {"waiting": "ApproximateNumberOfMessages", "taken": "ApproximateNumberOfMessagesNotVisible"}
        said = self._ask("GetQueueAttributes", AttributeNames=list(names.values())).get("Attributes") or {}
        return {name: int(said.get(attribute, 0)) for name, attribute in names.items()}

    def dead(self) -> Queue | None:
        """Where SQS puts what was taken too often and never deleted; None for a queue without one. Raises SenderError.

        It is in the same account and region as the queue itself: SQS wants it so.
        """
        said = self._ask("GetQueueAttributes", AttributeNames=["RedrivePolicy"]).get("Attributes") or {}
        arn = str(json.loads(said.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", ""))
        if not arn:
            return None
        return Queue(f"{self.url.rpartition('/')[0]}/{arn.rpartition(':')[2]}", region=self._region, name=DEAD)

    def dead_letters(self) -> int:
        """About how many messages SQS gave up on. Raises SenderError."""
        if (dead := self.dead()) is None:
            return 0
        try:
            return dead.waiting()["waiting"]
        finally:
            dead.close()

    def _ask(self, action: str, **members: Any) -> dict[str, Any]:
        """One question, asked again when the answer got lost or SQS is busy."""
        body = json.dumps({"QueueUrl": self.url, **members}).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        for left in reversed(range(_TRIES)):
            try:
                return self._answer(body, headers)
            except _Passing as passing:
                if not left:
                    raise passing.as_error(self.url) from passing.__cause__
                time.sleep(_PAUSE * 2 ** (_TRIES - 1 - left))
        raise AssertionError  # pragma: no cover  (the last try returns or raises)

    def _answer(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            wire = self._wire()
            reply = wire.send(wire.sign("POST", "/", body, headers))
        except HTTPClientError as lost:
            raise _Passing(str(lost)) from lost
        except (BotoCoreError, ClientError) as error:  # region, credentials, the role
            raise _unasked(self.url, str(error)) from error
        code, text = reply.error() if reply.is_error else ("", "")
        if reply.status >= 500 or reply.status == 429 or "Throttl" in code:
            raise _Passing(text or code)
        if code:
            raise SenderError(f"The queue {self.url} said no: {text or code}", code=code, hint=_HINT)
        try:
            return reply.fields()
        except ValueError as unreadable:  # a proxy's answer, or half of SQS's
            raise _Passing(str(unreadable)) from unreadable

    def _wire(self) -> Wire:
        with self._lock:
            if self._connected is None:
                self._connected = Wire(
                    "sqs",
                    region=self._region,
                    connections=_AT_ONCE + _DELETING,
                    connect_timeout=5,
                    read_timeout=PATIENCE + 25,
                )
            return self._connected

    def close(self) -> None:
        if self._connected is not None:
            self._connected.close()


_HINT = "Look at events.queue_url, and whether the credentials may receive and delete; `digest doctor` examines it."


class _Passing(Exception):
    """No answer, or one that says that it is not the moment."""

    def as_error(self, url: str) -> SenderError:
        return _unasked(url, str(self))


def _unasked(url: str, why: str) -> SenderError:
    return SenderError(
        f"The queue {url} could not be asked: {why}", hint="Nothing is lost: messages wait in it for days."
    )


class Reader:
    """Empties a queue into a recorder: while one commit is written, the messages of the next are asked for, and those
    of the one before deleted."""

    def __init__(self, queue: Queue, recorder: Takes) -> None:
        self._queue = queue
        self._recorder = recorder
        self._asking = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="queue")
        self._deleting = ThreadPoolExecutor(_DELETING, thread_name_prefix="delete")

    def read(
        self,
        stop: Callable[[], bool],
        *,
        patience: int = PATIENCE,
        told: Callable[[Recorded], object] = lambda _: None,
    ) -> Recorded:
        """Until the queue has nothing for `patience` seconds, or `stop`. Raises SenderError or StoreError.

        What raised is in the queue still, and nothing of it was recorded; what was recorded before is.
        """
        done = Recorded()
        while not stop():
            first = self._queue.receive(patience=patience)
            if not first:
                break
            going: deque[Future[None]] = deque()
            for some in self._all_there_is(first, stop, min(patience, _OTHERS)):
                recorded = self._recorder.take([one.body for one in some], way=self._queue.name)
                going += self._delete(some)
                _finish(going, but=_BEHIND)
                told(recorded)
                done += recorded
            _finish(going)
        return done

    def _all_there_is(self, first: list[Taken], stop: Callable[[], bool], patience: int) -> Iterator[list[Taken]]:
        """Messages, as many as fit one commit, while the queue gives all that it can."""
        taken, trouble, since = list(first), None, time.monotonic()
        hands = 1 if len(first) == _TEN else 0
        asked: set[Future[list[Taken]]] = set()
        while taken or asked:
            while len(asked) < hands and not stop():
                asked.add(self._asking.submit(self._queue.receive, patience=patience))
            if asked and len(taken) < MOST and (not taken or time.monotonic() - since < _SOON):
                answered, asked = wait(asked, timeout=_SOON, return_when=FIRST_COMPLETED)
                for answer in answered:
                    try:
                        some = answer.result()
                    except SenderError as error:
                        trouble, some = error, []
                    taken += some
                    hands = min(hands + 1, _AT_ONCE) if len(some) == _TEN and trouble is None else 0
                continue
            if taken:
                yield taken[:MOST]
            taken, since = taken[MOST:], time.monotonic()
        if trouble is not None:
            raise trouble

    def _delete(self, taken: Sequence[Taken]) -> list[Future[None]]:
        tens = [taken[start : start + _TEN] for start in range(0, len(taken), _TEN)]
        return [self._deleting.submit(self._queue.delete, ten) for ten in tens]

    def close(self) -> None:
        self._asking.shutdown()
        self._deleting.shutdown()
        self._queue.close()


def _finish(going: deque[Future[None]], *, but: int = 0) -> None:
    """Wait until all is deleted, or all but so many. Raises SenderError."""
    while len(going) > but:
        going.popleft().result()
