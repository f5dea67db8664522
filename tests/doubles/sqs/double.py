"""The SQS double as a test holds it: a server in a thread, and its queues as plain attributes."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.doubles.served import Served
from tests.doubles.sqs.queue import Queue
from tests.doubles.sqs.service import Refused, Service


class SqsDouble(Served):
    """Speaks SQS on a port of its own.

    with SqsDouble(twice=0.01) as sqs:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", sqs.url)
    """

    def __init__(
        self, *, twice: float = 0.0, fewer: float = 0.0, latency: float = 0.0, seed: int = 20261122, port: int = 0
    ) -> None:
        """`twice` of all messages show again though they were taken or deleted, `fewer` of all answers are not full."""
        self.service = Service(twice=twice, fewer=fewer, seed=seed)
        self.latency = latency
        super().__init__(_Server(self, port))
        self.service.url = self.url

    # --- Queues, without HTTP ------------------------------------------------------------------------------

    def queue(self, name: str = "digest-events", *, tries: int = 0) -> str:
        """The URL of a new queue; with `tries`, what was handed out so often goes to another, `NAME-dead`."""
        attributes = {}
        if tries:
            self.service.answer("CreateQueue", {"QueueName": f"{name}-dead"})
            target = f"arn:aws:sqs:eu-west-1:123456789012:{name}-dead"
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": tries})
        said = self.service.answer("CreateQueue", {"QueueName": name, "Attributes": attributes})
        return str(said["QueueUrl"])

    def put(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            self.service.answer("SendMessage", {"QueueUrl": queue, "MessageBody": body})

    def left(self, queue: str) -> tuple[int, int]:
        """Messages that wait, and that somebody has in hand."""
        with self.service.changed:
            return self.of(queue).counts(time.monotonic())

    def of(self, queue: str) -> Queue:
        """The queue at a URL, with its counters."""
        return self.service.queues[queue.rpartition("/")[2]]

    # --- The server ----------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client may keep its connection for as long as it likes.
    block_on_close = False
    request_queue_size = 512

    def __init__(self, double: SqsDouble, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.double = double

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: a client waits for both.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        double = self.server.double
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = self.headers.get("X-Amz-Target", "").removeprefix("AmazonSQS.")
        if double.latency:
            time.sleep(double.latency)
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        try:
            self._say(200, double.service.answer(action, json.loads(body or b"{}"), signed=signed))
        except Refused as no:
            older = no.older or no.name
            said = {"__type": f"com.amazonaws.sqs#{no.name}", "message": no.message}
            self._say(400, said, ("x-amzn-query-error", f"{older};Sender"))

    def _say(self, status: int, members: dict[str, Any], *headers: tuple[str, str]) -> None:
        body = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests say what they see."""
