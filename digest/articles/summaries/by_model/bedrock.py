"""Amazon Bedrock's Converse through boto3: any of its models, by id. Credentials come from AWS's usual chain.

A summary is a luxury and a send never waits for it, so there is little patience here: one call with short time-outs,
one more after being throttled, and when an account or a network says no, nothing is asked of it for a while.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from digest.articles.summaries.by_model.asking import Answer, NoAnswerError, Turn

#: Seconds between being throttled and trying once more.
_AFTER_THROTTLE = 2.0
#: Seconds for which nothing is asked: after what only a person can mend, and after so many failures in a row.
_REST = 300.0
_FAILURES = 3

_THROTTLED = frozenset(("ThrottlingException", "ModelNotReadyException", "TooManyRequestsException"))
#: What only a person can mend, as a sentence; {model} is the model's id, {text} what AWS says.
_LASTING = {
    "AccessDeniedException": "AWS does not let us ask {model}: the credentials need bedrock:InvokeModel for it, and "
    "the account access to it ({text}).",
    "UnrecognizedClientException": "AWS does not know the credentials that {model} is asked with ({text}).",
    "ExpiredTokenException": "The credentials that {model} is asked with have run out ({text}).",
    "InvalidSignatureException": "AWS refuses the credentials that {model} is asked with ({text}).",
    "ResourceNotFoundException": "Bedrock has no model {model} in this region ({text}).",
    "ValidationException": "Bedrock does not take what {model} is asked with ({text}).",
    "ServiceQuotaExceededException": "The account's quota for {model} is used up ({text}).",
}
#: Why an answer is not whole, by Bedrock's stop reason.
_CUT = {
    "max_tokens": "It was cut off before its end.",
    "model_context_window_exceeded": "It was cut off before its end.",
    "guardrail_intervened": "A guardrail of the account stepped in.",
    "content_filtered": "The model's own filter stepped in.",
}
_WHOLE = frozenset(("end_turn", "stop_sequence"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How Bedrock is reached."""

    region: str
    #: Seconds for one answer.
    timeout: float = 20.0
    connect_timeout: float = 5.0


class Bedrock:
    """One model of Amazon Bedrock's. Safe for threads; connects when it is first asked."""

    def __init__(
        self,
        model: str,
        reach: Reach,
        *,
        max_tokens: int = 300,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model = model
        self._reach = reach
        self._max_tokens = max_tokens
        self._now = now
        self._pause = pause
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0
        self._why = ""
        self._connected: Any = None

    @property
    def name(self) -> str:
        return self._model

    def ask(self, system: str, turns: Sequence[Turn]) -> Answer:
        """The model's answer. Raises NoAnswerError."""
        if self._now() < self._rests_until:
            raise NoAnswerError(f"No model was asked, because a moment ago it did not work: {self._why}")
        try:
            answer = _answer(self._converse(system, turns))
        except Exception as trouble:  # whatever it is: a summary must never stop the gathering of articles
            said, lasting = _told(trouble, self._model)
            self._note_failure(said, lasting=lasting)
            raise NoAnswerError(said) from trouble
        self._failures = 0
        return answer

    def lacks(self) -> str:
        """What is missing of region or credentials; a call would cost money, so none is made."""
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            self._client()
            found = boto3.session.Session().get_credentials() or os.environ.get("AWS_BEARER_TOKEN_BEDROCK")
        except BotoCoreError as trouble:  # no region, no such profile
            return str(trouble)
        return "" if found else "there are no AWS credentials on this machine."

    def _converse(self, system: str, turns: Sequence[Turn]) -> dict[str, Any]:
        request = {
            "modelId": self._model,
            "system": [{"text": system}],
            "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in turns],
            "inferenceConfig": {"maxTokens": self._max_tokens, "temperature": 0},
        }
        try:
            return dict(self._client().converse(**request))
        except Exception as trouble:
            if _code(trouble) not in _THROTTLED:
                raise
        self._pause(_AFTER_THROTTLE)
        return dict(self._client().converse(**request))

    def _client(self) -> Any:
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> Any:
        import boto3
        from botocore.config import Config

        # boto3 by itself reads AWS_DEFAULT_REGION only, though every other SDK of AWS reads AWS_REGION.
        region = self._reach.region or os.environ.get("AWS_REGION") or None
        config = Config(
            connect_timeout=self._reach.connect_timeout,
            read_timeout=self._reach.timeout,
            # Left alone boto3 asks up to five times; each answer costs money, also one that was lost.
            retries={"total_max_attempts": 1},
        )
        return boto3.session.Session(region_name=region).client("bedrock-runtime", config=config)

    def _note_failure(self, said: str, *, lasting: bool) -> None:
        self._failures += 1
        if lasting or self._failures >= _FAILURES:
            self._failures, self._why, self._rests_until = 0, said, self._now() + _REST


def _answer(reply: dict[str, Any]) -> Answer:
    """What was answered. Thoughts that a model writes down before it answers are no part of it."""
    blocks = reply["output"]["message"]["content"]
    usage = reply.get("usage") or {}
    stop = str(reply.get("stopReason") or "")
    return Answer(
        text="".join(str(block["text"]) for block in blocks if "text" in block),
        cut=""
        if stop in _WHOLE
        else _CUT.get(stop) or f"The model stopped before its end ({stop or 'no reason given'}).",
        tokens_in=int(usage.get("inputTokens") or 0),
        tokens_out=int(usage.get("outputTokens") or 0),
    )


def _code(trouble: Exception) -> str:
    response = getattr(trouble, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _told(trouble: Exception, model: str) -> tuple[str, bool]:
    """The trouble as a sentence, and whether it lasts until a person mends it."""
    from botocore import exceptions as aws
    from botocore.parsers import ResponseParserError

    if said := _LASTING.get(_code(trouble)):
        return said.format(model=model, text=_error_text(trouble)), True
    late = _code(trouble) == "ModelTimeoutException"
    if _code(trouble) in _THROTTLED:
        said = f"{model} is asked more often than the account allows."
    elif late or isinstance(trouble, aws.ReadTimeoutError | aws.ConnectTimeoutError):
        said = f"{model} did not answer in time."
    elif isinstance(trouble, aws.HTTPClientError):
        said = f"{model} could not be reached ({type(trouble).__name__})."
    elif isinstance(trouble, aws.ClientError):
        said = f"{model} could not answer: {_error_text(trouble) or _code(trouble)}."
    elif isinstance(trouble, aws.BotoCoreError) and not isinstance(trouble, ResponseParserError):
        return f"{model} cannot be asked: {trouble}", True  # no credentials, no region, no such profile
    else:
        said = f"{model} answered with something that nobody can read ({type(trouble).__name__})."
    return said, False


def _error_text(trouble: Exception) -> str:
    response = getattr(trouble, "response", {})
    return str(response.get("Error", {}).get("Message", "")).rstrip(".")
