"""Suppression: which reason stays when several are told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy import Connection

from subscribers import ImportReport, Reason, suppress, suppressed, unsuppress
from tests.subscribers.conftest import NOW


def reason(conn: Connection, address: str) -> Reason | None:
    entry = suppressed(conn, address)
    return entry.reason if entry else None


@pytest.mark.parametrize("graver", [Reason.COMPLAINT, Reason.MANUAL])
def test_what_nobody_but_a_person_takes_back_outweighs_a_bounce_in_any_order(conn: Connection, graver: Reason) -> None:
    for told in permutations([Reason.BOUNCE, graver]):
        for each in told:
            suppress(conn, "alice@example.com", reason=each, at=NOW)
        assert reason(conn, "alice@example.com") is graver
        unsuppress(conn, "alice@example.com")


def test_of_a_complaint_and_a_person_s_decision_the_first_stays(conn: Connection) -> None:
    assert suppress(conn, "alice@example.com", reason=Reason.MANUAL, at=NOW, detail="asked us by letter")
    assert not suppress(conn, "alice@example.com", reason=Reason.COMPLAINT, at=NOW)

    assert reason(conn, "alice@example.com") is Reason.MANUAL


def test_a_file_of_the_blocked_outweighs_bounces_too(conn: Connection, take: Callable[..., ImportReport]) -> None:
    suppress(conn, "alice@example.com", reason=Reason.BOUNCE, at=NOW, detail="passing bounces: 3 in a row")

    take("email\nalice@example.com\nbob@example.com\n", everybody=Reason.MANUAL)

    assert reason(conn, "alice@example.com") is Reason.MANUAL
    assert reason(conn, "bob@example.com") is Reason.MANUAL
