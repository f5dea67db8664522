"""Bringing a file in: what is taken, what is kept out, what stops everything."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Act, FileMistake, ImportReport, Reason, Rejected, State, Supporter, TooManyRejected
from tests.subscribers.conftest import NOW, later, mailable, yes

Take = Callable[..., ImportReport]

FILE = """\
email,name,language,supporter,consent date,consent source
Alice@example.org,Alice Example,en-US,monthly,2021-03-01,newsroom party
bob@example.org,Bob,he,none,,
charlie@example.org,"Charlie
Example",,,2022-01-05T10:00:00+02:00,
"""


def test_people_are_added_with_all_that_the_file_says(conn: sa.Connection, take: Take) -> None:
    report = take(FILE, source="party.csv")
    assert (report.rows, report.added, report.rejected) == (3, 3, 0)
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    assert (alice.name, alice.language, alice.supporter) == ("Alice Example", "en", Supporter.MONTHLY)
    [(newsletter, said)] = subscribers.history(conn, alice.id)
    assert (newsletter, said.act, said.at.isoformat()) == ("daily", Act.IMPORTED, "2021-03-01T00:00:00+00:00")
    assert said.evidence == "newsroom party; party.csv, line 2"
    charlie = subscribers.find(conn, "charlie@example.org")
    assert charlie is not None
    assert charlie.name == "Charlie Example"
    assert mailable(conn) == ["Alice@example.org", "bob@example.org", "charlie@example.org"]


def test_the_same_file_again_changes_nothing(conn: sa.Connection, take: Take) -> None:
    take(FILE)
    before = [tuple(row) for table in subscribers.metadata.sorted_tables for row in conn.execute(table.select())]
    again = take(FILE, at=later())
    after = [tuple(row) for table in subscribers.metadata.sorted_tables for row in conn.execute(table.select())]
    assert (again.added, again.updated, again.unchanged) == (0, 0, 3)
    assert before == after


def test_a_newer_file_updates_and_empty_cells_wipe_nothing(conn: sa.Connection, take: Take) -> None:
    take(FILE)
    report = take("email,name,supporter\nalice@example.org,,\nbob@example.org,Robert,lapsed\n", at=later())
    assert (report.updated, report.unchanged) == (1, 1)
    bob, alice = subscribers.find(conn, "bob@example.org"), subscribers.find(conn, "alice@example.org")
    assert bob is not None
    assert alice is not None
    assert (bob.name, bob.supporter, bob.language, bob.updated_at) == ("Robert", Supporter.LAPSED, "he", later())
    assert (alice.name, alice.supporter, alice.updated_at) == ("Alice Example", Supporter.MONTHLY, NOW)


def test_one_newsletter_s_file_touches_no_other(conn: sa.Connection, take: Take) -> None:
    take(FILE)
    report = take("email,status\nalice@example.org,unsubscribed\nbob@example.org,active\n", newsletter="weekly")
    assert (report.added, report.kept_out) == (1, {"left": 1})
    assert "Alice@example.org" in mailable(conn, "daily")
    assert mailable(conn, "weekly") == ["bob@example.org"]


def test_every_rejected_row_is_listed_with_line_value_and_reason(take: Take) -> None:
    heard: list[Rejected] = []
    report = take(
        "name,email\nAlice,alice@example.org\nBob,bob at home\nNobody,\n"
        "C,c@example.org\nZoë,zoë@example.org\nE,e@example.org\n",
        on_reject=heard.append,
    )
    assert [(row.line, row.value) for row in report.rejected_rows] == [
        (3, "bob at home"),
        (4, "Nobody"),
        (6, "zoë@example.org"),
    ]
    assert "must have an @-sign" in report.rejected_rows[0].reason
    assert "letters outside English" in report.rejected_rows[2].reason
    assert tuple(heard) == report.rejected_rows
    assert (report.added, report.rejected) == (3, 3)


def test_line_numbers_count_lines_also_after_cells_of_several_lines_and_blank_rows(take: Take) -> None:
    report = take('email,name\n\na@example.org,"A\nB\nC"\n,,\n\nwrong,W\nb@example.org,\n')
    assert [(row.line, row.value) for row in report.rejected_rows] == [(8, "wrong")]


def test_duplicates_count_once_and_the_most_careful_row_wins(conn: sa.Connection, take: Take) -> None:
    report = take(
        "email,name,status\n"
        "alice@example.org,First,active\nALICE@example.org,Second,active\n"
        "bob@example.org,Bob,active\nbob@example.org,Bob,unsubscribed\n"
        "erin@example.org,Erin,complained\nerin@example.org,Erin,bounced\n"
    )
    assert (report.duplicates, report.added, report.kept_out) == (3, 1, {"left": 1, "complaint": 1})
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    assert alice.name == "First"
    assert mailable(conn) == ["alice@example.org"]


def test_who_left_or_is_suppressed_stays_out_and_is_reported(conn: sa.Connection, take: Take) -> None:
    take(FILE)
    bob = subscribers.find(conn, "bob@example.org")
    assert bob is not None
    subscribers.leave(conn, bob.id, "daily", at=NOW, how="link")
    subscribers.suppress(conn, "charlie@example.org", reason=Reason.COMPLAINT, at=NOW)
    subscribers.suppress(conn, "dave@example.org", reason=Reason.BOUNCE, at=NOW)
    report = take(FILE + "dave@example.org,Dave,,,,\n", at=later())
    assert report.kept_out == {"left": 1, "complaint": 1, "bounce": 1}
    assert [(row.line, row.address, row.reason) for row in report.kept_out_rows] == [
        (3, "bob@example.org", "left"),
        (4, "charlie@example.org", "complaint"),
        (6, "dave@example.org", "bounce"),
    ]
    assert mailable(conn) == ["Alice@example.org"]
    assert subscribers.find(conn, "dave@example.org") is None


def test_a_leaving_in_the_file_is_believed_unless_it_is_older_than_the_coming_back(
    conn: sa.Connection, take: Take
) -> None:
    take("email,consent date\nalice@example.org,2024-01-01\nbob@example.org,2024-01-01\n")
    report = take("email,unsub_time\nalice@example.org,2023-05-05 10:00:00\nbob@example.org,2025-05-05 10:00:00\n")
    assert (report.unchanged, report.kept_out) == (1, {"left": 1})
    assert mailable(conn) == ["alice@example.org"]
    bob = subscribers.find(conn, "bob@example.org")
    assert bob is not None
    assert [said.act for _, said in subscribers.history(conn, bob.id)] == [Act.IMPORTED, Act.LEFT]


def test_a_file_makes_the_unconfirmed_active_and_never_the_other_way_round(conn: sa.Connection, take: Take) -> None:
    take("email,status\nalice@example.org,pending\nbob@example.org,active\n")
    assert mailable(conn) == ["bob@example.org"]
    report = take("email,status\nalice@example.org,active\nbob@example.org,pending\n", at=later())
    assert (report.updated, report.unchanged) == (1, 1)
    assert mailable(conn) == ["alice@example.org", "bob@example.org"]


def test_a_status_that_nobody_knows_is_rejected_because_it_might_be_a_no(take: Take) -> None:
    report = take("email,status\na@example.org,active\nb@example.org,gone fishing\nc@example.org,active\n")
    assert report.added == 2
    assert report.rejected_rows[0].reason == (
        "the status “gone fishing” is not known, so we cannot tell whether they may be mailed."
    )


def test_what_was_not_understood_is_said_and_nothing_is_guessed(conn: sa.Connection, take: Take) -> None:
    report = take(
        "email,donor,language,consent date,City\n"
        "alice@example.org,yes,Klingon,03/04/2020,Oslo\nbob@example.org,,en,,Rome\n"
    )
    notes = "\n".join(report.notes)
    assert "“yes”" in notes
    assert "“Klingon”" in notes
    assert "“03/04/2020”" in notes
    assert "not read: City" in notes
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    assert alice.supporter is Supporter.UNKNOWN
    [(_, said)] = subscribers.history(conn, alice.id)
    assert (said.at, said.evidence) == (NOW, "(03/04/2020); list.csv, line 2")


def test_the_brake_stops_a_file_that_is_mostly_wrong(conn: sa.Connection, take: Take) -> None:
    wrong = "email\nalice@example.org\nno\nnope\nnever\n"
    with pytest.raises(TooManyRejected, match=r"3 of 4 rows .* Nothing was changed.*line 3: “no”") as stopped:
        take(wrong)
    assert stopped.value.exit_code == 7
    assert subscribers.page(conn).entries == ()
    assert take(wrong, force=True).added == 1


def test_another_file_can_follow_a_refused_one_on_the_same_connection(take: Take) -> None:
    with pytest.raises(TooManyRejected):
        take("email\nno\n")
    assert take(FILE).added == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        (b"first,last\nAlice,Example\n", "Columns seen: first, last"),
        (b"PK\x03\x04 workbook", "damaged"),
        (b"\x1f\x8b\x08 cut off", "damaged"),
        (b"\xd0\xcf\x11\xe0 workbook", "old Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0", "picture"),
        (b"\x00\x01\x02\x03" * 50, "not text"),
        (b'email,name\nalice@example.org,Alice\nbob@example.org,"Bob\nc@example.org,C\n', "line 3"),
        (b'email,name\nalice@example.org,"' + b"x" * 140_000 + b'"\n', "line 2"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_explained_and_changes_nothing(
    conn: sa.Connection, take: Take, content: bytes, says: str
) -> None:
    with pytest.raises(FileMistake, match=says) as mistake:
        take(content)
    assert "Nothing was changed" in str(mistake.value)
    assert mistake.value.hint
    assert subscribers.page(conn).entries == ()


def test_a_quotation_mark_that_swallows_rows_is_noticed(take: Take) -> None:
    report = take('email,name\na@example.org,A\nb@example.org,"B\nc@example.org,C\nd@example.org,D"\ne@example.org,E\n')
    assert report.added == 2
    assert [(row.line, row.reason) for row in report.rejected_rows] == [
        (3, "a quotation mark that is not closed here swallowed 2 further rows.")
    ]


def test_a_file_that_is_not_there_is_explained(conn: sa.Connection, tmp_path: Path) -> None:
    with pytest.raises(FileMistake, match=r"gone\.csv cannot be opened: No such file"):
        subscribers.import_csv(conn, tmp_path / "gone.csv", newsletter="daily", at=NOW)


def test_headings_without_rows_are_fine(take: Take) -> None:
    report = take("email,name\n")
    assert (report.rows, report.notes) == (0, ("The file has headings but no rows.",))


@pytest.mark.parametrize(
    "stream", [lambda: io.BytesIO(FILE.encode()), lambda: io.StringIO(FILE)], ids=["bytes", "text"]
)
def test_a_stream_is_as_good_as_a_file(conn: sa.Connection, stream: Callable[[], IO[Any]]) -> None:
    assert subscribers.import_csv(conn, stream(), newsletter="daily", at=NOW).added == 3


def test_progress_goes_up_to_the_end(take: Take) -> None:
    seen: list[tuple[float, int]] = []
    take(FILE, progress=lambda share, rows: seen.append((share, rows)))
    assert seen == sorted(seen)
    assert seen[-1] == (1.0, 3)


def test_others_may_write_while_a_file_is_being_read(engine: sa.Engine) -> None:
    """A newsroom imports while an issue is going out: bounces are recorded until the file is applied."""

    def bounce(share: float, rows: int) -> None:
        if share < 0.6:
            with engine.begin() as other:
                subscribers.suppress(other, f"reader{rows}@example.org", reason=Reason.BOUNCE, at=NOW)

    file = io.StringIO("email\n" + "".join(f"reader{n}@example.org\n" for n in range(1, 5001)))
    with engine.begin() as conn:
        report = subscribers.import_csv(conn, file, newsletter="daily", at=NOW, progress=bounce)
    assert report.kept_out == {"bounce": 2}
    assert report.added == 4998


def test_who_joined_by_the_form_and_stands_in_the_file_is_not_added_twice(conn: sa.Connection, take: Take) -> None:
    subscribers.add(conn, "alice@example.org", newsletter="weekly", consent=yes(), at=NOW)
    report = take(FILE)
    assert report.added == 3
    [entry] = subscribers.page(conn, search="alice").entries
    assert {place.newsletter: place.state for place in entry.subscriptions} == {
        "daily": State.ACTIVE,
        "weekly": State.ACTIVE,
    }
    assert entry.subscriber.name == "Alice Example"
