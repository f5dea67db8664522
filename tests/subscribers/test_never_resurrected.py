"""Whatever a file says, nobody who left, bounced, complained, was blocked or forgotten is mailed again.

Every standing that somebody can have with us meets everything that a file can say about them.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import subscribers
from subscribers import ImportReport, Reason, State
from tests.subscribers.conftest import NOW, later, mailable, yes
from tests.subscribers.test_exporting import fresh

Take = Callable[..., ImportReport]

ALICE = "alice@example.org"

#: Where Alice stands before the file comes.
BEFORE = ("unknown", "active", "unconfirmed", "left", "bounce", "complaint", "manual", "forgotten", "elsewhere")
#: What the file says.
SAID = ("active", "unconfirmed", "left", "bounce", "complaint", "manual")

#: The only ways to be mailed afterwards: she was or asked nothing else, and the file has no word against it.
MAILED = {
    ("unknown", "active"),
    ("elsewhere", "active"),
    ("active", "active"),
    ("active", "unconfirmed"),
    ("unconfirmed", "active"),
}


@pytest.mark.parametrize(("before", "said"), list(itertools.product(BEFORE, SAID)))
def test_every_standing_meets_every_word(conn: sa.Connection, take: Take, before: str, said: str) -> None:
    stand(conn, before)
    dry = take(f"email,status\nAlice@Example.org,{said}\n", dry_run=True, at=later())
    assert mailable(conn) == ([ALICE] if before == "active" else [])
    report = take(f"email,status\nAlice@Example.org,{said}\n", at=later())
    assert bool(mailable(conn)) == ((before, said) in MAILED)
    # The dry run had said so, in every figure.
    assert told(dry) == told(report)
    if before == "forgotten":
        assert subscribers.find(conn, ALICE) is None


@pytest.mark.parametrize("before", ["left", "bounce", "complaint", "manual", "forgotten"])
def test_no_number_of_files_brings_somebody_back(conn: sa.Connection, take: Take, before: str) -> None:
    stand(conn, before)
    for said in (*SAID, *reversed(SAID)):
        take(f"email,status,consent date\n{ALICE},{said},2030-01-01\n", at=later())
        assert mailable(conn) == []


_rows = st.lists(
    st.tuples(
        st.sampled_from(["alice", "Bob", "charlie", "Dave"]),
        st.sampled_from(["en", "he", ""]),
        st.sampled_from(SAID),
        st.sampled_from(["", "press", "gala; press", "members"]),
    ),
    max_size=8,
)


@given(rows=_rows, more=_rows, order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_decides_about_nobody_s_standing_or_tags(
    rows: Sequence[tuple[str, ...]], more: Sequence[tuple[str, ...]], order: object
) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    with fresh() as one, fresh() as other:
        for conn, first in ((one, rows), (other, shuffled)):
            put(conn, first)
            put(conn, more)
        assert standings(one) == standings(other)
        # A second time is no time.
        before = everything(one)
        put(one, more)
        assert everything(one) == before


def put(conn: sa.Connection, rows: Sequence[tuple[str, ...]]) -> None:
    lines = [f"{who}@example.org,{language},{said},{tags}\n" for who, language, said, tags in rows]
    file = io.StringIO("email,language,status,tags\n" + "".join(lines))
    subscribers.import_csv(conn, file, newsletter="daily", at=NOW, force=True)


def standings(conn: sa.Connection) -> set[tuple[str, ...]]:
    return {(row["email"].lower(), row["status"], row["suppressed"], row["tags"]) for row in subscribers.export(conn)}


def everything(conn: sa.Connection) -> list[str]:
    return [str(tuple(row)) for table in subscribers.metadata.sorted_tables for row in conn.execute(table.select())]


def told(report: ImportReport) -> tuple[object, ...]:
    return (report.added, report.updated, report.unchanged, report.kept_out, report.rejected, report.unconfirmed)


def stand(conn: sa.Connection, where: str) -> None:
    if where in {"unknown", "elsewhere"}:
        if where == "elsewhere":
            subscribers.add(conn, ALICE, newsletter="weekly", consent=yes(), at=NOW)
        return
    alice = subscribers.add(
        conn,
        ALICE,
        newsletter="daily",
        consent=yes(),
        at=NOW,
        state=State.UNCONFIRMED if where == "unconfirmed" else State.ACTIVE,
    ).subscriber_id
    if where == "left":
        subscribers.leave(conn, alice, "daily", at=NOW, how="link")
    elif where == "forgotten":
        subscribers.forget(conn, ALICE, at=NOW)
    elif where in set(Reason):
        subscribers.suppress(conn, ALICE, reason=Reason(where), at=NOW)
