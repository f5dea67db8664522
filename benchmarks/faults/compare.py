"""The ledger against SES, reader by reader. Pure: rows and lines in, a verdict out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from digest.model import DeliveryState

#: States of readers whom the ledger says nobody mailed.
_NOT_MAILED = (DeliveryState.PLANNED, DeliveryState.SKIPPED, DeliveryState.REFUSED)
#: The ledger has nothing more to do for readers in these.
_CARED_FOR = (DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN, DeliveryState.SKIPPED, DeliveryState.REFUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A reader of the roster, as the ledger has it."""

    position: int
    address: str
    state: DeliveryState
    message_id: str
    #: Subject of the edition that the ledger says was sent; empty when it says none.
    subject: str
    batch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A mail that SES took."""

    position: int
    address: str
    message_id: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    readers: int
    accepted: int
    refused: int
    skipped: int
    uncertain: int
    #: Uncertain readers of whom SES knows that it took their mail.
    truly_accepted: int
    #: Batches with uncertain readers.
    uncertain_batches: int
    #: Addresses, each with a sentence.
    lost: Mapping[str, str]
    twice: Mapping[str, str]
    lies: Mapping[str, str]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.lies)


def compare(audience: Collection[str], ledger: Sequence[Entry], taken: Sequence[Taken]) -> Verdict:
    """`audience` has the addresses that were to get the issue; it is finished by now."""
    by_position: defaultdict[int, list[Taken]] = defaultdict(list)
    for mail in taken:
        by_position[mail.position].append(mail)
    counts = Counter(entry.state for entry in ledger)
    doubtful = [entry for entry in ledger if entry.state is DeliveryState.UNCERTAIN]
    return Verdict(
        readers=len(ledger),
        accepted=counts[DeliveryState.ACCEPTED],
        refused=counts[DeliveryState.REFUSED],
        skipped=counts[DeliveryState.SKIPPED],
        uncertain=len(doubtful),
        truly_accepted=sum(bool(by_position[entry.position]) for entry in doubtful),
        uncertain_batches=len({entry.batch for entry in doubtful}),
        lost=_lost(audience, ledger, by_position),
        twice=_twice(taken),
        lies=_lies(ledger, by_position) | _strangers(ledger, taken),
    )


def _lost(audience: Collection[str], ledger: Sequence[Entry], taken: Mapping[int, list[Taken]]) -> dict[str, str]:
    known = {entry.address for entry in ledger}
    missing = {address: "is not on the roster" for address in audience if address not in known}
    return missing | {
        entry.address: f"is {entry.state} although the issue is finished"
        for entry in ledger
        if entry.state not in _CARED_FOR and not taken.get(entry.position)
    }


def _twice(taken: Sequence[Taken]) -> dict[str, str]:
    counts = Counter(mail.address for mail in taken)
    return {address: f"was taken {count} times" for address, count in counts.items() if count > 1}


def _lies(ledger: Sequence[Entry], taken: Mapping[int, list[Taken]]) -> dict[str, str]:
    return {entry.address: lie for entry in ledger if (lie := _lie(entry, taken.get(entry.position, [])))}


def _lie(entry: Entry, taken: Sequence[Taken]) -> str:
    """What the ledger says of a reader that is not so; empty when all of it is."""
    if entry.state in _NOT_MAILED and taken:
        return f"is {entry.state}, and SES took it"
    if entry.state is not DeliveryState.ACCEPTED:
        return ""
    if not taken:
        return "is accepted, and SES never took it"
    lies = {
        f"is accepted, and SES took it for {taken[0].address}": any(mail.address != entry.address for mail in taken),
        # Settled by a person, an accepted message has no id.
        f"is accepted as {entry.message_id}, which SES does not know": entry.message_id
        and entry.message_id not in {mail.message_id for mail in taken},
        f"is said to have got “{entry.subject}”, and SES took “{taken[0].subject}”": entry.subject
        and entry.subject not in {mail.subject for mail in taken},
    }
    return next((lie for lie, told in lies.items() if told), "")


def _strangers(ledger: Sequence[Entry], taken: Sequence[Taken]) -> dict[str, str]:
    positions = {entry.position for entry in ledger}
    return {mail.address: "was mailed and is not on the roster" for mail in taken if mail.position not in positions}
