"""The sender's identity in SES: may it send, and is its mail signed so that mailbox providers believe it?

An identity is an address or a domain, and a domain's holds for all below it
(docs.aws.amazon.com/ses/latest/dg/verify-addresses-and-domains.html). Gmail, Yahoo and Microsoft want mail to many
signed with DKIM by the domain that it says it is from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from digest.errors import SenderError
from digest.events.amazon import Amazon, explained

_UNKNOWN = "NotFoundException"
_SUCCESS = "SUCCESS"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What SES says of the identity that a sender's address belongs to."""

    name: str
    #: Why nothing can be sent; empty when it can.
    trouble: str = ""
    #: Why what is sent may not arrive.
    doubts: tuple[str, ...] = ()


def covering(amazon: Amazon, address: str) -> Identity | None:
    """The identity that counts for an address: its own, its domain's, or that of a domain above; None without any.

    Raises SenderError when SES cannot be asked.
    """
    for name in _names(address):
        try:
            with explained(f"SES, asked for {name},"):
                return _read(name, amazon.ses.get_email_identity(EmailIdentity=name))
        except SenderError as error:
            if error.code != _UNKNOWN:
                raise
    return None


def _names(address: str) -> Iterator[str]:
    domain = address.rpartition("@")[2].lower().encode("idna").decode()
    yield address
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _read(name: str, said: dict[str, Any]) -> Identity:
    return Identity(name=name, trouble=_trouble(name, said), doubts=tuple(_doubts(name, said)))


def _trouble(name: str, said: dict[str, Any]) -> str:
    if said.get("VerifiedForSendingStatus", False):
        return ""
    status = str(said.get("VerificationStatus") or "not verified").lower().replace("_", " ")
    why = str((said.get("VerificationInfo") or {}).get("ErrorType") or "").lower().replace("_", " ")
    return f"{name} is not verified in SES ({status}{': ' if why else ''}{why}): nothing from it is sent."


def _doubts(name: str, said: dict[str, Any]) -> Iterator[str]:
    if said.get("IdentityType") == "EMAIL_ADDRESS":
        yield (
            f"Only the address {name} is verified, not its domain: its mail is not signed by it, and mailbox providers "
            "distrust that. Verify the domain with Easy DKIM."
        )
        return
    dkim = said.get("DkimAttributes") or {}
    if not dkim.get("SigningEnabled") or dkim.get("Status") != _SUCCESS:
        status = str(dkim.get("Status") or "off").lower().replace("_", " ")
        yield f"Mail of {name} is not signed with DKIM ({status}); Gmail and Yahoo refuse unsigned mail to many."
    bounces = said.get("MailFromAttributes") or {}
    if (domain := bounces.get("MailFromDomain")) and bounces.get("MailFromDomainStatus") != _SUCCESS:
        yield f"The MAIL FROM domain {domain} does not work (see its MX and SPF records): SPF speaks for Amazon."
    elif not domain:
        yield f"{name} has no MAIL FROM domain of its own: SPF speaks for Amazon, and DMARC rests on DKIM alone."
