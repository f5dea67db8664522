"""The way in by Amazon SQS: messages are taken by the ten, recorded in one commit, and deleted only then.

A worker that dies in between leaves them to the queue, which shows them again after the visibility timeout; told
twice, an event counts once. What nobody can read is set aside in a table before it leaves the queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from digest.errors import SenderError
from digest.events.fold import Recorded

#: SQS hands out and deletes ten at most.
_TEN = 10
#: Messages in one commit: a commit costs the same for one and for many.
MOST = 300
#: Questions in the air at a time: one takes some 15 ms to answer, whatever it brings.
_AT_ONCE = 8
#: Seconds that SQS keeps a question open when there is nothing: who stops a worker waits for as long.
PATIENCE = 5
#: Seconds for which others do not see what was taken.
HIDDEN = 120


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

    name = "queue"

    def __init__(self, url: str, *, region: str) -> None:
        self.url = url
        self._region = region
        self._connected: Any = None
        self._lock = threading.Lock()

    def receive(self, *, patience: int) -> list[Taken]:
        """Ten messages at most; waits up to `patience` seconds for the first. Raises SenderError."""
        with _explained(self.url):
            found = self._client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=_TEN, WaitTimeSeconds=patience, VisibilityTimeout=HIDDEN
            )
        return [Taken(one.get("Body", ""), one["ReceiptHandle"]) for one in found.get("Messages", [])]

    def delete(self, taken: Sequence[Taken]) -> None:
        """Done with these, ten at most. What cannot be deleted comes again, which does no harm. Raises SenderError."""
        entries = [{"Id": str(at), "ReceiptHandle": one.receipt} for at, one in enumerate(taken)]
        with _explained(self.url):
            self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)

    def waiting(self) -> dict[str, int]:
        """About how many messages wait, and how many are in somebody's hands. Raises SenderError."""
        names = {"waiting": "ApproximateNumberOfMessages", "taken": "ApproximateNumberOfMessagesNotVisible"}
        with _explained(self.url):
            said = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names.values()))
        return {name: int(said["Attributes"].get(attribute, 0)) for name, attribute in names.items()}

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._connected is None:
                import boto3
                from botocore.config import Config

                config = Config(max_pool_connections=_AT_ONCE + 1, connect_timeout=5, read_timeout=PATIENCE + 25)
                self._connected = boto3.client("sqs", region_name=self._region or None, config=config)
            return self._connected

    def close(self) -> None:
        if self._connected is not None:
            self._connected.close()


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """What SQS, or the way to it, says: in words that help."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        raise SenderError(
            f"The queue {url} said no: {said.get('Message') or said.get('Code')}",
            code=str(said.get("Code", "")),
            hint="Look at events.queue_url, and whether the credentials may receive and delete; "
            "`digest doctor` examines it.",
        ) from error
    except BotoCoreError as error:
        raise SenderError(
            f"The queue {url} could not be asked: {error}", hint="Nothing is lost: messages wait in it for days."
        ) from error


class Reader:
    """Empties a queue into a recorder."""

    def __init__(self, queue: Queue, recorder: Takes) -> None:
        self._queue = queue
        self._recorder = recorder
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="queue")

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
            taken = self._gather(patience)
            if not taken:
                break
            recorded = self._recorder.take([one.body for one in taken], way=self._queue.name)
            self._delete(taken)
            told(recorded)
            done += recorded
        return done

    def _gather(self, patience: int) -> list[Taken]:
        """As many as fit one commit and are there already."""
        taken = some = self._queue.receive(patience=patience)
        while len(some) == _TEN and len(taken) < MOST:
            answers = [self._pool.submit(self._queue.receive, patience=0) for _ in range(_AT_ONCE)]
            found = [answer.result() for answer in answers]
            some = min(found, key=len)
            taken = [*taken, *(one for ten in found for one in ten)]
        return taken

    def _delete(self, taken: Sequence[Taken]) -> None:
        tens = [taken[start : start + _TEN] for start in range(0, len(taken), _TEN)]
        for _ in self._pool.map(self._queue.delete, tens):
            pass

    def close(self) -> None:
        self._pool.shutdown()
        self._queue.close()
