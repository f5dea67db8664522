"""The wire to SES and to its queue of events: signed requests with AWS's own parts, and without the rest of boto3.

boto3 takes twice the time that signing and HTTP take: models, events, logging, parsing. Here a request is bytes and an
answer is JSON, so none of that is needed. What differs from account to account stays AWS's: where credentials come
from and when they are fetched anew, endpoints of regions, partitions and FIPS, signatures, proxies, certificates.

Nothing is ever sent twice: boto3's retries are left out with the rest, and its HTTP session has none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from digest.deliver.senders.ses_answer import Reply

_HEADERS = {"Content-Type": "application/json", "User-Agent": "digest-mailer"}


class Wire:
    """Credentials, endpoint and open connections of one account, region and service. Safe for threads."""

    def __init__(
        self, service: str = "sesv2", *, region: str, connections: int, connect_timeout: float, read_timeout: float
    ) -> None:
        """Raises botocore's exceptions for what is missing or wrong in its configuration."""
        import boto3
        from botocore.config import Config

        # boto3 by itself reads AWS_DEFAULT_REGION only, though every other SDK of AWS reads AWS_REGION.
        session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION") or None)
        config = Config(max_pool_connections=connections, connect_timeout=connect_timeout, read_timeout=read_timeout)
        self._client = session.client(service, config=config)
        self._credentials = session.get_credentials()
        # Private to boto3, and the one place where AWS_CA_BUNDLE, proxies and client certificates come together.
        self._http = self._client._endpoint.http_session  # noqa: SLF001  (built anew it could differ from boto3's)

    def sign(self, method: str, path: str, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
        """A request that `send` takes, good for five minutes. Raises botocore's exceptions; nothing has left."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import NoCredentialsError

        if self._credentials is None:
            raise NoCredentialsError
        meta = self._client.meta
        request = AWSRequest(method, meta.endpoint_url.rstrip("/") + path, headers={**_HEADERS, **headers}, data=body)
        # Asked for each time: credentials of a role run out and are fetched anew.
        credentials = self._credentials.get_frozen_credentials()
        SigV4Auth(credentials, meta.service_model.signing_name, meta.region_name).add_auth(request)
        return request.prepare()

    def send(self, request: Any) -> Reply:
        """Once. Raises botocore's exceptions; the request may have left."""
        answer = self._http.send(request)
        return Reply(answer.status_code, answer.content, answer.headers.get("x-amzn-errortype"))

    def close(self) -> None:
        self._client.close()
