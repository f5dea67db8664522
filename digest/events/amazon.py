"""Calls to Amazon beside sending and the queue: topics, the suppression list, what `digest aws setup` makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from digest.errors import SenderError


class Amazon:
    """Clients of one region, made when they are first used."""

    def __init__(self, region: str) -> None:
        self.region = region

    @cached_property
    def ses(self) -> Any:
        return self._client("sesv2")

    @cached_property
    def sns(self) -> Any:
        return self._client("sns")

    @cached_property
    def sqs(self) -> Any:
        return self._client("sqs")

    @cached_property
    def account(self) -> str:
        """The number of the account that the credentials are of. Raises SenderError."""
        with explained("Amazon"):
            return str(self._client("sts").get_caller_identity()["Account"])

    def _client(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        # Nothing here sends mail: what failed in passing may be asked again.
        config = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
        with explained(service):
            return boto3.client(service, region_name=self.region or None, config=config)

    # --- Topics --------------------------------------------------------------------------------------------

    def confirm(self, topic: str, token: str) -> None:
        """Subscribe the hook for good; nobody but the account can undo it. Raises SenderError."""
        with explained(f"The topic {topic}"):
            self.sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """What AWS, or the way to it, says: in words that help."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        code = str(said.get("Code", ""))
        raise SenderError(f"{what} said no: {said.get('Message') or code}", code=code, hint=_HINT) from error
    except NoCredentialsError as error:
        raise SenderError("There are no AWS credentials.", hint=_CREDENTIALS) from error
    except BotoCoreError as error:
        raise SenderError(f"{what} could not be asked: {error}", hint=_HINT) from error


_HINT = "Look at ses.region and at what the credentials may do; docs/running.md lists it."
_CREDENTIALS = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role."
