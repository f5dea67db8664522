"""Amazon on this machine: queues and topics of moto's, over HTTP."""

from __future__ import annotations

import urllib.request
from typing import Any

import boto3

REGION = "eu-west-1"
ACCOUNT = "123456789012"


class Cloud:
    def __init__(self, url: str, *, region: str) -> None:
        self.url = url
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
        self.sqs = boto3.client("sqs", region_name=region)
        self.sns = boto3.client("sns", region_name=region)

    def queue(self, name: str = "digest-events", **attributes: str) -> str:
        """The URL of a new queue."""
        return str(self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def put(self, queue: str, *bodies: str) -> None:
        for start in range(0, len(bodies), 10):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies[start : start + 10])]
            self.sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    def left(self, queue: str) -> tuple[int, int]:
        """Messages that wait, and that somebody has in hand."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        said: dict[str, Any] = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        waiting, taken = (int(said[name]) for name in names)
        return waiting, taken
