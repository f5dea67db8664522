"""Amazon Bedrock's Converse over HTTP, as its documentation has it, so that boto3 itself is under test.

It refuses what Bedrock refuses (turns that do not alternate, empty words), and answers as a test tells it to: with
words, errors, silence, or a connection that ends.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from types import TracebackType
from typing import Any, Literal
from urllib.parse import unquote

from tests.doubles.served import Served


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as Bedrock would see it."""

    model: str
    system: str
    #: Role and text of each turn.
    turns: tuple[tuple[str, str], ...]
    config: dict[str, Any]

    @property
    def last(self) -> str:
        return self.turns[-1][1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Says:
    """An answer. By itself it is whole; a code makes it an error, and `does` something that is no answer at all."""

    text: str = ""
    stop: str = "end_turn"
    #: Thoughts before the answer, as some models write them down.
    thought: str = ""
    status: int = 200
    code: str = ""
    message: str = ""
    does: Literal["answer", "hang", "vanish", "garble", "lack"] = "answer"


Reply = Says | Callable[[Asked], Says]


def throttled() -> Says:
    return Says(status=429, code="ThrottlingException", message="Too many requests, please wait before trying again.")


def denied() -> Says:
    return Says(status=403, code="AccessDeniedException", message="You don't have access to the model.")


class BedrockDouble(Served):
    """with BedrockDouble(Says(text="…")) as bedrock: … After the last answer it goes on with that one."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[Asked] = []
        #: Ends the wait of those who hang.
        self.let_go = threading.Event()
        super().__init__(_Server(self))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        super().__exit__(kind, error, trace)

    def answer(self, asked: Asked) -> Says:
        if refused := _refusal(asked):
            return Says(status=400, code="ValidationException", message=refused)
        reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
        self.asked.append(asked)
        return reply(asked) if callable(reply) else reply


def _refusal(asked: Asked) -> str:
    roles = [role for role, _ in asked.turns]
    if roles[:1] != ["user"] or roles[-1:] != ["user"]:
        return "A conversation must start and end with a user message."
    if any(one == other for one, other in pairwise(roles)):
        return "A conversation must alternate between user and assistant roles."
    if any(not text.strip() for _, text in asked.turns):
        return "The text field in the ContentBlock object is blank."
    return "" if asked.config.get("maxTokens", 0) > 0 else "maxTokens must be at least 1."


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double: BedrockDouble) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = re.fullmatch(r"/model/([^/]+)/converse", self.path)
        assert path, self.path
        assert self.headers["Authorization"], "every request is signed"
        asked = Asked(
            model=unquote(path[1]),
            system="".join(block["text"] for block in body.get("system", [])),
            turns=tuple((turn["role"], "".join(b["text"] for b in turn["content"])) for turn in body["messages"]),
            config=body.get("inferenceConfig", {}),
        )
        self._reply(self.server.double.answer(asked), asked)

    def _reply(self, says: Says, asked: Asked) -> None:
        if says.does == "hang":
            self.server.double.let_go.wait(10)
        if says.does in {"hang", "vanish"}:
            self.close_connection = True
            return
        content = _content(says, asked)
        self.send_response(says.status)
        self.send_header("Content-Type", "application/json")
        if says.code:
            self.send_header("x-amzn-ErrorType", f"{says.code}:http://internal.amazon.com/coral/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _content(says: Says, asked: Asked) -> bytes:
    if says.does == "garble":
        return b'{"output": {"message": {"role": "assist'
    if says.does == "lack":
        return b'{"metrics": {"latencyMs": 3}}'
    if says.code:
        return json.dumps({"message": says.message}).encode()
    thought = [{"reasoningContent": {"reasoningText": {"text": says.thought}}}] if says.thought else []
    # Four letters a token, which is near enough for counting.
    read = sum(len(text) for _, text in asked.turns) // 4 + len(asked.system) // 4
    wrote = len(says.text) // 4 + 1
    reply = {
        "output": {"message": {"role": "assistant", "content": [*thought, {"text": says.text}]}},
        "stopReason": says.stop,
        "usage": {"inputTokens": read, "outputTokens": wrote, "totalTokens": read + wrote},
        "metrics": {"latencyMs": 3},
    }
    return json.dumps(reply, ensure_ascii=False).encode()
