"""What a row's columns say about mailing its person: a status, flags, dates of leaving, all in one answer.

Several columns may speak; the most careful one counts. Only columns that the file has are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from subscribers import words
from subscribers.formulas import unguarded
from subscribers.headings import Field, letters
from subscribers.model import Reason, State

#: The higher number counts, of two columns in a row as of two rows for one address.
CAUTION: dict[State | Reason, int] = {
    State.ACTIVE: 0,
    State.UNCONFIRMED: 1,
    State.LEFT: 2,
    Reason.MANUAL: 3,
    Reason.BOUNCE: 4,
    Reason.COMPLAINT: 5,
}

Told = State | Reason | None


class Unclear(Exception):
    """A cell on which it depends whether somebody may be mailed says something that we do not understand."""


class Standing:
    """Asks the columns of one file.

    `everybody` is what is known of the whole file (its name may say it): nobody in it stands better than that.
    `own` are words that the system which made the file uses in a way of its own. `further` columns are second ones for
    the same, which are heard when they speak against somebody.
    """

    def __init__(
        self,
        place: Mapping[Field, int],
        everybody: State | Reason | None = None,
        own: Mapping[str, State | Reason] | None = None,
        further: Sequence[tuple[Field, int]] = (),
    ) -> None:
        self._asked = [(place[field], ask) for field, ask in TELLING.items() if field in place]
        self._further = [(at, TELLING[field]) for field, at in further]
        self._own = own or {}
        self._status = place.get(Field.STATUS)
        self._everybody = (
            (State.ACTIVE, everybody) if isinstance(everybody, Reason) else (everybody or State.ACTIVE, None)
        )
        #: Whether it depends on a row's cells at all.
        self.speaks = bool(self._asked)

    def of(self, cells: Sequence[str]) -> tuple[State, Reason | None]:
        """The state, and why the address is suppressed if the file says so. Raises Unclear."""
        state, reason = self._everybody
        for at, ask in self._asked:
            written = unguarded(cells[at].strip()) if at < len(cells) else ""
            own = self._own.get(letters(written)) if at == self._status and self._own else None
            told = own or ask(written)
            state, reason = _worse(told, state, reason)
        for at, ask in self._further:
            if told := _against(ask, unguarded(cells[at].strip()) if at < len(cells) else ""):
                state, reason = _worse(told, state, reason)
        return state, reason


def _worse(told: Told, state: State, reason: Reason | None) -> tuple[State, Reason | None]:
    if isinstance(told, State):
        return max(state, told, key=CAUTION.__getitem__), reason
    return state, max(reason or told, told, key=CAUTION.__getitem__) if told else reason


def _against(ask: Callable[[str], Told], written: str) -> Told:
    """What a second column says against somebody; it may well be about something else, and then says nothing here."""
    try:
        told = ask(written)
    except Unclear:
        return None
    return told if written and told not in (State.ACTIVE, State.UNCONFIRMED) else None


def _by_word(written: str) -> Told:
    found = words.standing(written)
    if found is None:
        message = f"the status “{written[:40]}” is not known, so we cannot tell whether they may be mailed."
        raise Unclear(message)
    return found


def _by_suppression(written: str) -> Told:
    """Any word in a column of suppressions keeps somebody out, also one that we do not know."""
    if not words.is_set(written):
        return None
    found = words.standing(written)
    return found if isinstance(found, Reason) else Reason.MANUAL


def _when_set(told: State | Reason) -> Callable[[str], Told]:
    return lambda written: told if words.is_set(written) else None


def _by_mailable(written: str) -> Told:
    if not written:
        return State.UNCONFIRMED  # nobody said no, but nobody said yes either
    return State.ACTIVE if words.is_yes(written) else State.LEFT


def _by_confirmed(written: str) -> Told:
    return State.ACTIVE if words.is_yes(written) else State.UNCONFIRMED


#: The fields that say anything about mailing somebody.
TELLING: dict[Field, Callable[[str], Told]] = {
    Field.STATUS: _by_word,
    Field.SUPPRESSED: _by_suppression,
    Field.LEFT_FLAG: _when_set(State.LEFT),
    Field.LEFT_AT: _when_set(State.LEFT),
    Field.BOUNCED_FLAG: _when_set(Reason.BOUNCE),
    Field.BOUNCED_AT: _when_set(Reason.BOUNCE),
    Field.BLOCKED_FLAG: _when_set(Reason.MANUAL),
    Field.COMPLAINED_FLAG: _when_set(Reason.COMPLAINT),
    Field.MAILABLE_FLAG: _by_mailable,
    Field.CONFIRMED_FLAG: _by_confirmed,
}
