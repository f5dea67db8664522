"""SES's refusals, as its v2 API words them."""

from __future__ import annotations

from dataclasses import dataclass

#: Code → HTTP status, from the API's model.
STATUS = {
    "TooManyRequestsException": 429,
    "LimitExceededException": 400,
    "AccountSuspendedException": 400,
    "SendingPausedException": 400,
    "MessageRejected": 400,
    "MailFromDomainNotVerifiedException": 400,
    "NotFoundException": 404,
    "BadRequestException": 400,
    "AlreadyExistsException": 400,
    "InternalServiceErrorException": 500,
}

#: What SES says when it is asked for too much at once, on one day, or with too many calls of one kind.
TOO_FAST = "Maximum sending rate exceeded."
TOO_MANY_TODAY = "Daily message quota exceeded."
TOO_MANY_CALLS = "Rate exceeded"


@dataclass
class SesError(Exception):
    code: str
    message: str
    #: 0 is the status that the API's model gives to the code.
    status: int = 0

    @property
    def http_status(self) -> int:
        return self.status or STATUS.get(self.code, 400)


def bad_request(message: str) -> SesError:
    return SesError("BadRequestException", message)
