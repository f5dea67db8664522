"""What a sender's answer means: the one table that decides who is refused, what is tried again and what stops.

    person    refused for whom it is for; recorded, the rest goes on
    pace      throttled: known not accepted; slow down and try again
    retry     known not accepted for a passing reason; try again
    account   the account cannot send now; the issue pauses and nobody is marked failed
    doubt     perhaps accepted: never sent again by itself

One row for each error of a whole call, each status of a bulk entry, each failure of the connection and each kind of
SMTP reply. Text
comes before code, because SES gives the same code to a full second and to a full day. What no row knows pauses the
issue and says so: taking the unknown for a reader's fault has burned whole lists elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from digest.errors import AccountError, DoubtError, Limit, PaceError, PersonError, SenderError
from digest.model import DeliveryState, Receipt


class Kind(StrEnum):
    PERSON = "person"
    PACE = "pace"
    RETRY = "retry"
    ACCOUNT = "account"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Row:
    """What one answer means."""

    kind: Kind
    #: What happened, in a sentence for the operator.
    says: str
    #: What to do next.
    hint: str = ""
    #: Time alone mends it.
    waits: bool = False
    #: For PACE: what was too much.
    limit: Limit = "rate"


_VERIFY = "Verify the sender's domain in SES (and leave the sandbox), then resume the issue."
_SUPPORT = "See the account's status in the SES console and its mail from AWS; resume the issue afterwards."
_ACCESS = "Check the credentials and that they allow ses:SendBulkEmail, ses:SendEmail and ses:GetAccount."
_SETTINGS = "Correct the setting and resume the issue; nobody was marked as failed."
_SETTLE = "Those readers are listed as uncertain: `digest deliveries settle ISSUE` shows what is known."

DAILY = Row(Kind.ACCOUNT, "The account's 24-hour quota is used up.", "Sending goes on when quota is free.", waits=True)
TOO_FAST = Row(Kind.PACE, "We send faster than the account allows.")
TOO_MANY_CALLS = Row(Kind.PACE, "We make more calls than the account allows.", limit="calls")
THROTTLED = Row(Kind.PACE, "We send faster, or make more calls, than the account allows.", limit="either")
PAUSED = Row(Kind.ACCOUNT, "Sending is paused for the account.", _SUPPORT)
SUSPENDED = Row(Kind.ACCOUNT, "The account is suspended.", _SUPPORT)
NOT_VERIFIED = Row(Kind.ACCOUNT, "An address or domain is not verified with SES.", _VERIFY)
MAIL_FROM = Row(Kind.ACCOUNT, "The MAIL FROM domain is not verified.", _VERIFY)
CREDENTIALS = Row(Kind.ACCOUNT, "AWS does not accept our credentials.", _ACCESS)
FORBIDDEN = Row(Kind.ACCOUNT, "The credentials may not do this.", _ACCESS)
CLOCK = Row(Kind.ACCOUNT, "AWS refuses the signature of the request.", "Check the secret key and this machine's clock.")
BAD_ADDRESS = Row(Kind.PERSON, "The address is not one that mail can be sent to.")
BAD_REQUEST = Row(Kind.ACCOUNT, "SES refuses the request for what it contains.", _SETTINGS)
REJECTED_CALL = Row(Kind.ACCOUNT, "SES rejects the message for its sender or content.", _SETTINGS)
CONFIGURATION_SET = Row(Kind.ACCOUNT, "The configuration set does not exist.", _SETTINGS)
CONFIGURATION_SET_PAUSED = Row(Kind.ACCOUNT, "Sending is paused for the configuration set.", _SETTINGS)
POOL = Row(Kind.ACCOUNT, "The configuration set's pool of addresses does not exist.", _SETTINGS)
NOT_FOUND = Row(Kind.ACCOUNT, "Something that the request names does not exist in this region.", _SETTINGS)
TEMPLATE = Row(Kind.ACCOUNT, "SES did not find the template.", _SETTINGS)
RELAY = Row(Kind.ACCOUNT, "The mail server does not send on for us.", "Check the login and the sender's address.")
ONE_OF_MANY = Row(
    Kind.ACCOUNT,
    "SES refuses the whole batch for one of its readers and does not say which.",
    'With the path "single" for SES only that reader is refused; then resume the issue.',
)
UNKNOWN = Row(Kind.ACCOUNT, "The answer is one we do not know, so the issue pauses.", _SETTINGS)
SERVER = Row(Kind.DOUBT, "SES failed while it had the request.", _SETTLE)
LOST = Row(Kind.DOUBT, "The answer was lost.", _SETTLE)
UNREADABLE = Row(Kind.DOUBT, "The answer could not be read.", _SETTLE)
NOT_TRIED = Row(Kind.RETRY, "Not tried, because the message before it did not go.")
OVERSLEPT = Row(Kind.RETRY, "Its turn had gone by, because the machine slept; nothing left.")
UNREACHABLE = Row(Kind.PACE, "SES could not be reached; nothing left.", "Check the network and the region.")

#: Message text → row; the first that is found wins, before any code.
TEXTS: tuple[tuple[re.Pattern[str], Row], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), row)
    for pattern, row in (
        (r"daily (message |sending )?quota exceeded|24.hour (sending )?quota", DAILY),
        (r"maximum sending rate exceeded|throttling failure", TOO_FAST),
        # As AWS words it for calls of any kind.
        (r"^rate exceeded|^too many requests|^request limit exceeded", TOO_MANY_CALLS),
        (r"address(es)? (is|are) not verified|identities failed the check", NOT_VERIFIED),
        (r"relay(ing)?( access)?( is)? (denied|not (permitted|allowed))|unable to relay", RELAY),
        (r"(illegal|invalid) (email )?address|missing (final )?'@|(domain|local address) contains", BAD_ADDRESS),
    )
)

#: Code of a whole call's error → row, whatever the HTTP status.
CALLS: dict[str, Row] = {
    "TooManyRequestsException": THROTTLED,
    "ThrottlingException": THROTTLED,
    "Throttling": THROTTLED,
    "RequestThrottled": THROTTLED,
    "RequestLimitExceeded": THROTTLED,
    "429": THROTTLED,  # a proxy's or gateway's, without SES's body
    # What SES v2 answers on a full day is not documented; other senders have seen this code.
    "LimitExceededException": DAILY,
    "SendingPausedException": PAUSED,
    "AccountSuspendedException": SUSPENDED,
    "MailFromDomainNotVerifiedException": MAIL_FROM,
    "MessageRejected": REJECTED_CALL,
    "NotFoundException": NOT_FOUND,
    "BadRequestException": BAD_REQUEST,
    "ValidationException": BAD_REQUEST,
    "SerializationException": BAD_REQUEST,
    "413": BAD_REQUEST,
    "AccessDeniedException": FORBIDDEN,
    "AccessDenied": FORBIDDEN,
    "UnrecognizedClientException": CREDENTIALS,
    "InvalidClientTokenId": CREDENTIALS,
    "ExpiredTokenException": CREDENTIALS,
    "ExpiredToken": CREDENTIALS,
    "MissingAuthenticationTokenException": CREDENTIALS,
    "InvalidSignatureException": CLOCK,
    "SignatureDoesNotMatch": CLOCK,
    "RequestExpired": CLOCK,
    "RequestTimeTooSkewed": CLOCK,
}

#: Status of one bulk entry → row. SUCCESS is the only one that is none of these.
STATUSES: dict[str, Row] = {
    "MESSAGE_REJECTED": Row(Kind.PERSON, "SES rejects the message to this reader."),
    "INVALID_PARAMETER": BAD_ADDRESS,  # all that differs by reader and could be invalid is checked before, but this
    "ACCOUNT_THROTTLED": TOO_FAST,
    "TRANSIENT_FAILURE": Row(Kind.RETRY, "SES had a passing failure."),
    "FAILED": Row(Kind.RETRY, "SES could not process this entry."),
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": DAILY,
    "ACCOUNT_SENDING_PAUSED": PAUSED,
    "ACCOUNT_SUSPENDED": SUSPENDED,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": MAIL_FROM,
    "CONFIGURATION_SET_NOT_FOUND": CONFIGURATION_SET,
    "CONFIGURATION_SET_SENDING_PAUSED": CONFIGURATION_SET_PAUSED,
    "INVALID_SENDING_POOL_NAME": POOL,
    "TEMPLATE_NOT_FOUND": TEMPLATE,
}

#: botocore's exception (or a parent of it) by name → row. What is not named here left us in the dark: LOST.
EXCEPTIONS: dict[str, Row] = {
    # Before any byte of the request left.
    "EndpointConnectionError": UNREACHABLE,
    "ConnectTimeoutError": UNREACHABLE,
    "ProxyConnectionError": UNREACHABLE,
    "NoCredentialsError": Row(Kind.ACCOUNT, "There are no AWS credentials.", _ACCESS),
    "PartialCredentialsError": Row(Kind.ACCOUNT, "The AWS credentials are incomplete.", _ACCESS),
    "CredentialRetrievalError": Row(Kind.ACCOUNT, "The AWS credentials could not be fetched.", _ACCESS),
    "SSOError": Row(Kind.ACCOUNT, "The AWS single sign-on session has ended.", "Run `aws sso login`."),
    "TokenRetrievalError": Row(Kind.ACCOUNT, "The AWS token could not be fetched.", "Run `aws sso login`."),
    "ProfileNotFound": Row(Kind.ACCOUNT, "The AWS profile does not exist.", _ACCESS),
    "NoRegionError": Row(Kind.ACCOUNT, "No AWS region is set.", "Set it in settings.toml or AWS_REGION."),
    "InvalidRegionError": Row(Kind.ACCOUNT, "The AWS region is not a valid one.", "Correct it in settings.toml."),
    "InvalidEndpointConfigurationError": Row(Kind.ACCOUNT, "The SES endpoint is not valid.", _SETTINGS),
    "EndpointResolutionError": Row(Kind.ACCOUNT, "There is no SES endpoint for this region.", _SETTINGS),
    "ParamValidationError": BAD_REQUEST,
    # After the request left, or perhaps.
    "ReadTimeoutError": LOST,
    "ConnectionClosedError": LOST,
    "ResponseStreamingError": LOST,
    "ResponseParserError": UNREADABLE,
}

SMTP_UNREACHABLE = Row(
    Kind.PACE, "The mail server could not be reached, or hung up before it had the message.", "Check host and port."
)
SMTP_TLS = Row(Kind.ACCOUNT, "No secure connection to the mail server.", "Check its certificate and `security`.")
SMTP_UNABLE = Row(Kind.ACCOUNT, "The mail server cannot do what the settings ask for.", "Check `security` and login.")

#: Step of the SMTP conversation and first digit of the reply → row.
REPLIES: dict[tuple[str, int], Row] = {
    ("hello", 4): SMTP_UNREACHABLE,
    ("hello", 5): Row(Kind.ACCOUNT, "The mail server does not let us in.", "Check user name and password."),
    ("mail", 4): Row(Kind.PACE, "The mail server takes no more messages now."),
    ("mail", 5): Row(Kind.ACCOUNT, "The mail server refuses the sender's address.", _SETTINGS),
    ("rcpt", 4): Row(Kind.RETRY, "The mail server cannot take mail for this reader now."),
    ("rcpt", 5): Row(Kind.PERSON, "The mail server refuses this reader's address."),
    ("data", 4): Row(Kind.RETRY, "The mail server takes no message now."),
    ("data", 5): Row(Kind.ACCOUNT, "The mail server takes no message from us.", _SETTINGS),
    ("end", 4): Row(Kind.RETRY, "The mail server could not take the message now."),
    ("end", 5): Row(Kind.PERSON, "The mail server refuses the message to this reader."),
}

#: A certificate is judged before the request leaves; other TLS errors may come in the middle of an answer.
_CERTIFICATE = Row(Kind.ACCOUNT, "SES's certificate is not trusted here.", "Check the clock, proxy and CA bundle.")

#: So many messages refused for the same reason in one batch, and none accepted, are not about their readers.
SAME_REFUSAL = 10


def of_call(code: str, http_status: int, text: str) -> Row:
    """What the error of a whole call means."""
    if (row := of_text(text)) and http_status < 500:
        return row
    return CALLS.get(code) or (SERVER if http_status >= 500 else UNKNOWN)


def of_status(status: str, text: str) -> Row | None:
    """What a bulk entry's status means; None is accepted."""
    if status == "SUCCESS":
        return None
    return of_text(text) or STATUSES.get(status, UNKNOWN)


def of_exception(error: Exception, *, left: bool) -> Row:
    """What it means that there is no answer at all. `left`: the request may have left."""
    names = [parent.__name__ for parent in type(error).__mro__]
    if "SSLError" in names:
        return _CERTIFICATE if "CERTIFICATE_VERIFY_FAILED" in str(error) else LOST
    return next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), LOST if left else UNKNOWN)


def of_reply(step: str, code: int, text: str) -> Row:
    """What an SMTP reply means that is not a yes. Steps: hello (with TLS and login), mail, rcpt, data, end."""
    if row := of_text(text) or REPLIES.get((step, code // 100)):
        return row
    # A strange answer after the message was handed over may still be a yes.
    return UNREADABLE if step == "end" else UNKNOWN


def of_text(text: str) -> Row | None:
    return next((row for pattern, row in TEXTS if pattern.search(text)), None)


def error(row: Row, *, code: str, text: str) -> SenderError:
    """The row as the error that the worker catches. A retry of a whole call is a matter of pace."""
    message = f"{row.says} ({code}: {text})" if text else f"{row.says} ({code})"
    if row.kind is Kind.ACCOUNT:
        return AccountError(message, code=code, hint=row.hint, waits=row.waits, forbidden=row is FORBIDDEN)
    if row.kind is Kind.PERSON:
        return PersonError(message, code=code, hint=row.hint)
    if row.kind is Kind.DOUBT:
        return DoubtError(message, code=code, hint=row.hint)
    return PaceError(message, code=code, hint=row.hint, limit=row.limit)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one message."""

    position: int
    #: None when it was accepted.
    row: Row | None
    message_id: str = ""
    #: The sender's own name for it, such as MESSAGE_REJECTED, and its words.
    code: str = ""
    text: str = ""

    def receipt(self) -> Receipt:
        if self.row is None:
            return Receipt(position=self.position, state=DeliveryState.ACCEPTED, message_id=self.message_id)
        reason = f"{self.code}: {self.text}" if self.text else self.code or self.row.says
        if self.row.kind is Kind.PERSON:
            return Receipt(position=self.position, state=DeliveryState.REFUSED, reason=reason)
        if self.row.kind is Kind.DOUBT:
            return Receipt(position=self.position, state=DeliveryState.UNCERTAIN, reason=reason)
        return Receipt(position=self.position, state=DeliveryState.PLANNED, reason=reason)


def receipts(answers: list[Answer]) -> list[Receipt]:
    """A receipt for each answer, in order; raises when they all say that the call as a whole failed.

    When some were accepted and others met the account's limits, those others are PLANNED: the next call that meets
    nothing but the limit raises.
    """
    rows = [answer.row for answer in answers]
    for kind in (Kind.ACCOUNT, Kind.PACE):
        if rows and all(row is not None and row.kind is kind for row in rows):
            first = answers[0]
            assert first.row is not None  # noqa: S101  # `all` above; mypy cannot follow it
            raise error(first.row, code=first.code, text=first.text)
    refusals = {(a.code, a.text) for a in answers if a.row is not None and a.row.kind is Kind.PERSON}
    everyone = all(row is not None and row.kind is Kind.PERSON for row in rows)
    if everyone and len(answers) >= SAME_REFUSAL and len(refusals) == 1:
        code, text = refusals.pop()
        raise AccountError(
            f"All {len(answers)} messages of a batch were refused for the same reason ({code}: {text}).",
            code=code,
            hint="That is hardly about the readers, so nobody was marked as refused. Correct it and resume.",
        )
    return [answer.receipt() for answer in answers]
