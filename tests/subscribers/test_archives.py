"""Lists as they are downloaded: packed, in several files, with other files beside them."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import FileMistake, ImportReport, Reason, State
from tests.subscribers.conftest import NOW, later, mailable

Take = Callable[..., ImportReport]

MAILCHIMP = {
    "subscribed_email_audience_export_1a2b.csv": "Email Address,First Name,OPTIN_TIME,OPTIN_IP,LEID,TAGS\n"
    'alice@example.org,Alice,2020-05-01 12:00:00,192.0.2.1,1,"""Members"",""Gala, 2026"""\n'
    "bob@example.org,Bob,,,2,\n",
    "unsubscribed_email_audience_export_1a2b.csv": "Email Address,First Name,LEID,UNSUB_TIME,UNSUB_REASON\n"
    "charlie@example.org,Charlie,3,2021-06-02 08:30:00,Too many\n",
    "cleaned_email_audience_export_1a2b.csv": "Email Address,First Name,LEID\ndave@example.org,Dave,4\n",
    "nonsubscribed_email_audience_export_1a2b.csv": "Email Address,First Name,LEID\nerin@example.org,Erin,5\n",
}


def packed(files: Mapping[str, str | bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return archive.getvalue()


def test_mailchimp_s_archive_brings_everybody_over_as_they_stood(conn: sa.Connection, take: Take) -> None:
    report = take(packed({**MAILCHIMP, "__MACOSX/._subscribed.csv": b"\0\1", "readme.txt": "Hello\n"}))
    assert (report.system, report.rows, report.added, report.rejected) == ("Mailchimp", 5, 3, 0)
    assert mailable(conn) == ["alice@example.org", "bob@example.org"]
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"left": 1, "bounce": 1, "unconfirmed": 1}
    assert "cleaned_email_audience_export_1a2b.csv: Everybody in it is taken as bounced" in " ".join(report.notes)


def test_the_log_says_in_which_file_and_line_somebody_stood(conn: sa.Connection, take: Take) -> None:
    take(packed(MAILCHIMP), source="mailchimp.zip")
    said = {}
    for name in ("alice", "charlie"):
        person = subscribers.find(conn, f"{name}@example.org")
        assert person is not None
        said[name] = subscribers.history(conn, person.id)[0][1].evidence
    assert said == {
        "alice": "from 192.0.2.1; mailchimp.zip, subscribed_email_audience_export_1a2b.csv, line 2",
        "charlie": "mailchimp.zip, unsubscribed_email_audience_export_1a2b.csv, line 2",
    }


def test_tags_come_over(conn: sa.Connection, take: Take) -> None:
    take(packed(MAILCHIMP))
    assert _tags(conn, "alice@example.org") == ("gala, 2026", "members")
    again = take(packed(MAILCHIMP), at=later())
    assert (again.added, again.updated, again.kept_out) == (0, 0, {"left": 1, "bounce": 1})
    more = take("email,tags\nalice@example.org,Members; Press\nbob@example.org,\n")
    assert (more.updated, more.unchanged) == (1, 1)
    assert _tags(conn, "alice@example.org") == ("gala, 2026", "members", "press")


def test_of_substack_s_archive_only_the_list_is_read_and_no_opens(conn: sa.Connection, take: Take) -> None:
    report = take(
        packed(
            {
                "posts/1.opens.csv": "post_id,timestamp,email\n1,2024-01-01,stranger@example.org\n",
                "posts.csv": "post_id,title\n1,Hello\n",
                "email_list.riverbend.csv": "email,active_subscription,email_disabled\nalice@example.org,false,false\n",
            }
        )
    )
    assert (report.system, mailable(conn)) == ("Substack", ["alice@example.org"])


def test_an_archive_of_several_lists_is_not_mixed_up(conn: sa.Connection, take: Take) -> None:
    files: dict[str, str | bytes] = {
        "a.csv": "email,name\nalice@example.org,Alice\n",
        "b.csv": "member email,city\nbob@example.org,Oslo\n",
    }
    with pytest.raises(FileMistake, match=r"2 files \(a.csv, b.csv\) .* Nothing was changed") as mistake:
        take(packed(files))
    assert "one by one" in mistake.value.hint
    assert subscribers.page(conn).entries == ()


def test_a_list_in_two_parts_is_one_list(conn: sa.Connection, take: Take) -> None:
    part = "email,name\n{0}@example.org,{0}\n"
    report = take(
        packed({"1.csv": part.format("alice"), "2.csv": part.format("bob") + "nobody,N\nalice@example.org,A\n"})
    )
    assert (report.added, report.duplicates) == (2, 1)
    assert [(row.file, row.line) for row in report.rejected_rows] == [("2.csv", 3)]


def test_a_packed_file_is_read_as_if_it_were_not(conn: sa.Connection, take: Take) -> None:
    assert take(gzip.compress(b"email\nalice@example.org\nbob@example.org\n")).added == 2


def test_what_is_in_no_archive_is_explained(take: Take) -> None:
    for content, says in (
        (packed({"photo.jpg": b"\xff\xd8\xff"}), "There is no CSV file"),
        (packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"}), "Excel workbook"),
        (gzip.compress(b"email\nalice@example.org\n" * 900)[:-30], "damaged"),
        (packed({"list.csv": "email\nalice@example.org\n" * 900})[:-30], "damaged"),
    ):
        with pytest.raises(FileMistake, match=says):
            take(content)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("unsubscribed_members.csv", State.LEFT),
        ("Unsubscribes 2024.csv", State.LEFT),
        ("bounces.csv", Reason.BOUNCE),
        ("complaints-may.csv", Reason.COMPLAINT),
        ("suppression list.csv", Reason.MANUAL),
        ("readers without bounces.csv", None),
        ("cleaned.csv", None),
    ],
)
def test_a_list_that_is_named_for_those_who_are_gone_mails_nobody(name: str, told: State | Reason | None) -> None:
    from subscribers.systems import UNKNOWN, standing_by_name

    assert standing_by_name(UNKNOWN, name) == told


def test_an_operator_can_say_that_everybody_in_a_file_has_left(conn: sa.Connection, take: Take) -> None:
    take("email\nalice@example.org\nbob@example.org\n")
    report = take("email,status\nalice@example.org,active\n", everybody=State.LEFT)
    assert report.kept_out == {"left": 1}
    assert mailable(conn) == ["bob@example.org"]


def _tags(conn: sa.Connection, address: str) -> tuple[str, ...]:
    from subscribers import tags

    person = subscribers.find(conn, address)
    assert person is not None
    return tags.of(conn, [person.id]).get(person.id, ())
