"""The hook: SNS posts what SES tells, where there is no queue. It answers 2xx only after the commit.

SNS tries again for an hour after anything else. Who forges is told nothing, not even that there is something to forge.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from digest.bootstrap import App
from digest.errors import DigestError, SenderError
from digest.events.certificates import Forged
from digest.events.sns import Envelope

HOOK = "/hooks/ses"
#: SNS carries 256 KB, and its envelope writes a quote as two signs and some letters as six.
MOST_BYTES = 1_000_000
WAY = "hook"
#: Confirmations that are remembered; there is one for each topic, once.
_MOST_CONFIRMED = 100

_log = logging.getLogger(__name__)


class Hook:
    """One route. Verifying and writing are done in a thread: both wait."""

    def __init__(self, app: App) -> None:
        self._app = app
        #: Tokens of confirmations that SNS was told of, or is being told: whoever plays one again within its hour
        #: must not have us call SNS each time.
        self._confirmed: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    async def take(self, request: Request) -> Response:
        body = b""
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        return await run_in_threadpool(self._take, body)

    def _take(self, body: bytes) -> Response:
        try:
            envelope = self._app.verifier.verified(body)
        except Forged as forged:
            _log.warning("A message to the hook was refused: %s", forged.message)
            return Response(status_code=403)
        except DigestError as error:
            # The certificate could not be had just now, or too many are asked for: SNS tries again.
            _log.warning("A message to the hook could not be verified: %s", error)
            return Response(status_code=503)
        return self._do(envelope)

    def _do(self, envelope: Envelope) -> Response:
        if envelope.type == "Notification":
            done = self._app.recorder.take([envelope.message], way=WAY)
            for warning in done.warnings:
                _log.warning("%s", warning)
        elif envelope.type == "SubscriptionConfirmation":
            try:
                self._confirm(envelope)
            except SenderError as error:
                # Nothing is subscribed yet: SNS tries again.
                _log.warning("The hook could not be subscribed to %s: %s", envelope.topic, error)
                return Response(status_code=503)
        else:
            _log.warning("SNS says that the hook is no longer subscribed to %s.", envelope.topic)
        return Response(status_code=204)

    def _confirm(self, envelope: Envelope) -> None:
        """Subscribe to the topic; once for each token. What failed is tried again when SNS does."""
        with self._lock:
            if envelope.token in self._confirmed:
                return
            self._confirmed[envelope.token] = None
            if len(self._confirmed) > _MOST_CONFIRMED:
                self._confirmed.popitem(last=False)
        try:
            self._app.amazon.confirm(envelope.topic, envelope.token)
        except BaseException:
            with self._lock:
                self._confirmed.pop(envelope.token, None)
            raise
        _log.warning("The hook is subscribed to %s.", envelope.topic)
