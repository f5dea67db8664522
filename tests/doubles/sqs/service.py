"""SQS's actions as its JSON protocol has them: names and members in, members or an error out."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import md5
from random import Random
from typing import Any

from tests.doubles.sqs.queue import Queue

ACCOUNT = "123456789012"
_TEN = 10
_LONGEST = 1_048_576
_WAITING, _TAKEN = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
_DEFAULTS = {"VisibilityTimeout": "30", "ReceiveMessageWaitTimeSeconds": "0", "MessageRetentionPeriod": "345600"}


@dataclass
class Refused(Exception):
    """An error as SQS tells it: its name, and the one that clients of the older protocol know."""

    name: str
    message: str
    older: str = ""


class Service:
    """Queues of one account. Safe for threads; who waits for messages is woken when some come."""

    def __init__(self, *, twice: float, fewer: float, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = ""
        self.queues: dict[str, Queue] = {}
        self.changed = threading.Condition()
        self._twice, self._fewer = twice, fewer
        self._chance = Random(seed)
        self._clock = clock
        self._actions: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "CreateQueue": self._create,
            "GetQueueUrl": lambda said: {"QueueUrl": self._url(self._named(said["QueueName"]))},
            "SetQueueAttributes": self._set,
            "GetQueueAttributes": self._get,
            "SendMessage": lambda said: self._send(self._of(said), said),
            "SendMessageBatch": lambda said: self._each(said, self._send),
            "ReceiveMessage": self._receive,
            "DeleteMessage": lambda said: self._delete(self._of(said), said),
            "DeleteMessageBatch": lambda said: self._each(said, self._delete),
        }

    def answer(self, action: str, said: Mapping[str, Any], *, signed: bool = True) -> dict[str, Any]:
        """What SQS says. Raises Refused."""
        if not signed:
            raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token.")
        if action not in self._actions:
            raise Refused("UnknownOperationException", f"{action} is not among what this double does.")
        with self.changed:
            return self._actions[action](said)

    # --- Queues --------------------------------------------------------------------------------------------

    def _create(self, said: Mapping[str, Any]) -> dict[str, Any]:
        name = said["QueueName"]
        if name not in self.queues:
            self.queues[name] = Queue(name=name, chance=self._chance, twice=self._twice, fewer=self._fewer)
            self.queues[name].attributes |= _DEFAULTS
        self._change(self.queues[name], said.get("Attributes") or {})
        return {"QueueUrl": self._url(self.queues[name])}

    def _set(self, said: Mapping[str, Any]) -> dict[str, Any]:
        self._change(self._of(said), said["Attributes"])
        return {}

    def _change(self, queue: Queue, attributes: Mapping[str, str]) -> None:
        queue.attributes |= attributes
        if policy := attributes.get("RedrivePolicy"):
            wanted = json.loads(policy)
            queue.dead = self._named(wanted["deadLetterTargetArn"].rpartition(":")[2])
            queue.tries = int(wanted["maxReceiveCount"])

    def _get(self, said: Mapping[str, Any]) -> dict[str, Any]:
        queue = self._of(said)
        waiting, taken = queue.counts(self._clock())
        told = {**queue.attributes, _WAITING: str(waiting), _TAKEN: str(taken)}
        told["QueueArn"] = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{queue.name}"
        wanted = said.get("AttributeNames") or []
        return {"Attributes": {name: value for name, value in told.items() if name in wanted or "All" in wanted}}

    def _of(self, said: Mapping[str, Any]) -> Queue:
        return self._named(str(said.get("QueueUrl", "")).rpartition("/")[2])

    def _named(self, name: str) -> Queue:
        if name not in self.queues:
            older = "AWS.SimpleQueueService.NonExistentQueue"
            raise Refused("QueueDoesNotExist", "The specified queue does not exist.", older)
        return self.queues[name]

    def _url(self, queue: Queue) -> str:
        return f"{self.url}/{ACCOUNT}/{queue.name}"

    # --- Messages ------------------------------------------------------------------------------------------

    def _send(self, queue: Queue, said: Mapping[str, Any]) -> dict[str, Any]:
        body = said["MessageBody"]
        if not 0 < len(body.encode()) <= _LONGEST:
            raise Refused("InvalidParameterValue", "A message must have 1 byte to 1 MiB.")
        number = queue.send(body, now=self._clock())
        self.changed.notify_all()
        return {"MessageId": number, "MD5OfMessageBody": _digest(body)}

    def _receive(self, said: Mapping[str, Any]) -> dict[str, Any]:
        queue, most = self._of(said), int(said.get("MaxNumberOfMessages") or 1)
        if not 1 <= most <= _TEN:
            raise Refused("InvalidParameterValue", f"Value {most} for MaxNumberOfMessages must be from 1 to 10.")
        hidden = float(said.get("VisibilityTimeout", queue.attributes["VisibilityTimeout"]))
        patience = float(said.get("WaitTimeSeconds", queue.attributes["ReceiveMessageWaitTimeSeconds"]))
        ends = self._clock() + patience
        while not (found := queue.receive(most, hidden=hidden, now=self._clock())):
            now, due = self._clock(), queue.due()
            if now >= ends:
                return {}
            self.changed.wait(max(0.001, min(ends, due if due is not None else ends) - now))
        messages = [
            {
                "MessageId": one.message_id,
                "ReceiptHandle": one.receipt,
                "Body": one.body,
                "MD5OfBody": _digest(one.body),
                "Attributes": {"ApproximateReceiveCount": str(one.tries)},
            }
            for one in found
        ]
        return {"Messages": messages}

    def _delete(self, queue: Queue, said: Mapping[str, Any]) -> dict[str, Any]:
        receipt = said["ReceiptHandle"]
        if not receipt.replace("-", "").isdigit():
            raise Refused(
                "ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is not a valid receipt handle.'
            )
        queue.delete(receipt)
        return {}

    def _each(
        self, said: Mapping[str, Any], do: Callable[[Queue, Mapping[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        queue, entries = self._of(said), said.get("Entries") or []
        if not entries:
            raise Refused("EmptyBatchRequest", "There should be at least one entry in the request.")
        if len(entries) > _TEN:
            raise Refused(
                "TooManyEntriesInBatchRequest", f"Maximum number of entries per request are 10: {len(entries)}."
            )
        if len({one["Id"] for one in entries}) < len(entries):
            raise Refused("BatchEntryIdsNotDistinct", "Two entries have one id.")
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for one in entries:
            try:
                done.append({"Id": one["Id"], **do(queue, one)})
            except Refused as no:
                failed.append({"Id": one["Id"], "SenderFault": True, "Code": no.name, "Message": no.message})
        return {"Successful": done, "Failed": failed}


def _digest(body: str) -> str:
    return md5(body.encode(), usedforsecurity=False).hexdigest()
