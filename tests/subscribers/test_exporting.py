"""A file that comes back as it went out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import subscribers
from subscribers import Consent, Reason, State, Supporter, Who
from subscribers.details import clean_language, clean_name
from subscribers.formulas import guarded, unguarded
from tests.subscribers.conftest import NOW, later, mailable, yes

_moments = st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2026, 1, 1), timezones=st.just(UTC))
_addresses = st.builds(
    "{}@{}.example.org".format,
    st.from_regex(r"[A-Za-z0-9=+'_-]{1,12}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True),
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_people = st.lists(
    st.fixed_dictionaries(
        {
            "address": _addresses,
            "name": _texts,
            "language": st.sampled_from(["", "en", "he", "pt-BR"]),
            "supporter": st.sampled_from(Supporter),
            "state": st.sampled_from(State),
            "since": _moments,
            "left_at": _moments,
            "left_how": st.sampled_from(["", "link", "=one-click", "'-", "5 > 4, “so”"]),
            "left_why": _texts,
            "paused_until": st.none() | _moments,
            "min_days": st.sampled_from([0, 7, 366]),
            "last_issue_at": st.none() | _moments,
            "topics": st.sets(st.sampled_from(["sport", "=council", "'- b"])),
            "tags": st.sets(st.sampled_from(["member", "gala, 2026", '"so"', "=1+1", "a; b"])),
            "suppressed": st.none() | st.sampled_from([Reason.BOUNCE, Reason.COMPLAINT, Reason.MANUAL]),
        }
    ),
    max_size=6,
    unique_by=lambda person: person["address"].lower(),
)


@given(_people)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_imported_into_an_empty_list_is_the_same_list(
    engine: sa.Engine, people: list[dict[str, Any]]
) -> None:
    with undone(engine) as conn:
        for person in people:
            enter(conn, **person)
        stood = state_of(conn)
        text = "".join(subscribers.csv_text(subscribers.export(conn, "daily")))
    with undone(engine) as conn:
        report = subscribers.import_csv(conn, io.StringIO(text), newsletter="daily", at=later(99), topics=TOPICS)
        assert report.rejected == 0
        assert state_of(conn) == stood
        again = subscribers.import_csv(conn, io.StringIO(text), newsletter="daily", at=later(100), topics=TOPICS)
        assert (again.added, again.updated) == (0, 0)
        assert "".join(subscribers.csv_text(subscribers.export(conn))) == text


@given(st.text(alphabet="'=+-@\t\ra ", max_size=8))
def test_the_guard_against_formulas_comes_off_exactly(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in set("=+-@\t\r")


@given(_texts)
def test_cleaning_a_name_twice_is_cleaning_it_once(written: str) -> None:
    assert clean_name(clean_name(written)) == clean_name(written)
    assert "\n" not in clean_name(written)


@given(st.text(max_size=20))
def test_a_name_is_cleaned_alike_whether_anything_in_it_is_odd_or_not(written: str) -> None:
    assert clean_name(written) == clean_name(f"{written}\0")


def test_a_language_is_kept_by_its_first_part() -> None:
    assert [clean_language(word) for word in ("en-US", "pt_BR.UTF-8", "HE", "english", "")] == [
        "en",
        "pt",
        "he",
        "",
        "",
    ]


def test_a_formula_is_text_in_the_file_and_a_name_on_the_list(conn: sa.Connection) -> None:
    evil = "=HYPERLINK(A1)"
    subscribers.add(conn, "eve@example.org", newsletter="daily", name=evil, consent=yes(), at=NOW)
    text = "".join(subscribers.csv_text(subscribers.export(conn)))
    [row] = csv.DictReader(io.StringIO(text))
    assert row["name"] == f"'{evil}"
    assert [row["name"] for row in subscribers.export(conn)] == [evil]


def test_an_export_of_all_newsletters_leaks_nothing_from_one_into_another(conn: sa.Connection) -> None:
    subscribers.add(conn, "alice@example.org", newsletter="daily", consent=yes(), at=NOW)
    subscribers.add(conn, "bob@example.org", newsletter="weekly", consent=yes(), at=NOW)
    text = "".join(subscribers.csv_text(subscribers.export(conn)))
    with fresh() as other:
        report = subscribers.import_csv(other, io.StringIO(text), newsletter="daily", at=NOW)
        assert (report.added, report.kept_out) == (1, {"another newsletter": 1})
        assert mailable(other, "daily") == ["alice@example.org"]
        assert mailable(other, "weekly") == []


def test_a_long_export_comes_in_pieces(conn: sa.Connection) -> None:
    rows = "".join(f"reader{n}@example.org,Reader {n}\n" for n in range(3000))
    subscribers.import_csv(conn, io.StringIO("email,name\n" + rows), newsletter="daily", at=NOW)
    pieces = list(subscribers.csv_text(subscribers.export(conn, "daily")))
    assert len(pieces) > 2
    assert len(list(csv.DictReader(io.StringIO("".join(pieces))))) == 3000


def test_tags_come_back_as_they_went_out(conn: sa.Connection) -> None:
    file = io.StringIO('email,tags\nalice@example.org,"""Gala, 2026"",=press"\nbob@example.org,\n')
    subscribers.import_csv(conn, file, newsletter="daily", at=NOW)
    text = "".join(subscribers.csv_text(subscribers.export(conn, "daily")))
    with fresh() as other:
        subscribers.import_csv(other, io.StringIO(text), newsletter="daily", at=NOW)
        assert "".join(subscribers.csv_text(subscribers.export(other, "daily"))) == text
        assert [row["tags"] for row in subscribers.export(other)] == ['"=press","gala, 2026"', ""]


@pytest.mark.parametrize(
    ("who", "people"),
    [
        (Who.EVERYBODY, "alice bob charlie dave"),
        (Who.MAILABLE, "alice"),
        (Who.LEFT, "bob"),
        (Who.SUPPRESSED, "charlie"),
        (Who.UNCONFIRMED, "dave"),
    ],
)
def test_an_export_can_be_about_some_only(conn: sa.Connection, who: Who, people: str) -> None:
    some_of_each(conn)
    assert [row["email"].partition("@")[0] for row in subscribers.export(conn, "daily", who)] == people.split()


def test_the_forgotten_are_in_no_export(conn: sa.Connection) -> None:
    some_of_each(conn)
    subscribers.forget(conn, "alice@example.org", at=later())
    for rows in (subscribers.export(conn), subscribers.export_consents(conn)):
        assert "alice" not in str(list(rows))


def test_what_people_said_is_exported_in_the_order_in_which_they_said_it(conn: sa.Connection) -> None:
    some_of_each(conn)
    said = [(row["email"].partition("@")[0], row["act"]) for row in subscribers.export_consents(conn, "daily")]
    assert said[-1] == ("bob", "left")
    assert [act for who, act in said if who == "bob"] == ["imported", "left"]
    assert list(subscribers.export_consents(conn, "weekly")) == []


def test_other_systems_get_their_own_columns_and_no_formula_for_an_address(conn: sa.Connection) -> None:
    some_of_each(conn)
    subscribers.add(conn, "+news@example.org", newsletter="daily", name="=1+1", consent=yes(), at=NOW)
    made = {}
    for name in ("mailchimp", "listmonk", "plain"):
        shape = subscribers.shape(name)
        rows = shape.of(subscribers.export(conn, "daily", Who.MAILABLE))
        made[name] = "".join(subscribers.csv_text(rows, tuple(shape.columns))).splitlines()
        assert shape.left_out == 1
    assert made == {
        "mailchimp": [
            "Email Address,First Name,Language,Supporter,Tags,OPTIN_TIME",
            "alice@example.org,'=Alice,en,monthly,press,2026-11-22T06:00:00+00:00",
        ],
        "listmonk": [
            "email,name,attributes",
            'alice@example.org,\'=Alice,"{""language"": ""en"", ""supporter"": ""monthly"", ""tags"": ""press""}"',
        ],
        "plain": ["email,name", "alice@example.org,'=Alice"],
    }


def some_of_each(conn: sa.Connection) -> None:
    file = io.StringIO(
        "email,name,language,supporter,status,tags\n"
        "alice@example.org,=Alice,en,monthly,active,press\nbob@example.org,Bob,,,active,\n"
        "charlie@example.org,C,,,bounced,\ndave@example.org,D,,,pending,\n"
    )
    subscribers.import_csv(conn, file, newsletter="daily", at=NOW)
    bob = subscribers.find(conn, "bob@example.org")
    assert bob is not None
    subscribers.leave(conn, bob.id, "daily", at=later(), how="link")


#: What readers of the newsletter may choose.
TOPICS = {word: word for word in ("sport", "=council", "'- b")}


def state_of(conn: sa.Connection) -> list[tuple[object, ...]]:
    """Everybody, as far as an export may tell: not when and by which id they came to be on this list."""
    held = {row["email"]: [row[name] for name in row if name[:5] == "suppr"] for row in subscribers.export(conn)}
    return [
        (who.address, who.name, who.language, who.supporter, entry.tags, entry.subscriptions, held[who.address])
        for entry in subscribers.page(conn).entries
        for who in [entry.subscriber]
    ]


@contextmanager
def undone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to the list of which nothing stays."""
    with engine.connect() as conn:
        yield conn
        conn.rollback()


class fresh:  # noqa: N801 - reads as a word: with fresh() as list
    """An empty list in memory."""

    def __enter__(self) -> sa.Connection:
        self._engine = sa.create_engine("sqlite://")
        subscribers.metadata.create_all(self._engine)
        self._conn = self._engine.connect()
        return self._conn

    def __exit__(self, *_: object) -> None:
        self._conn.close()
        self._engine.dispose()


def enter(
    conn: sa.Connection,
    *,
    address: str,
    name: str,
    language: str,
    supporter: Supporter,
    state: State,
    since: datetime,
    left_at: datetime,
    left_how: str,
    left_why: str,
    paused_until: datetime | None,
    min_days: int,
    last_issue_at: datetime | None,
    topics: set[str],
    tags: set[str],
    suppressed: Reason | None,
) -> None:
    added = subscribers.add(
        conn,
        address,
        newsletter="daily",
        name=name,
        language=language,
        supporter=supporter,
        consent=Consent(at=since, act=subscribers.Act.JOINED, how="form"),
        at=since,
        state=State.UNCONFIRMED if state is State.UNCONFIRMED else State.ACTIVE,
    )
    if state is State.LEFT:
        subscribers.leave(conn, added.subscriber_id, "daily", at=left_at, how=left_how)
        subscribers.say_why(conn, added.subscriber_id, "daily", left_why)
    subscribers.pause(conn, added.subscriber_id, "daily", until=paused_until)
    subscribers.choose(conn, added.subscriber_id, "daily", min_days=min_days, topics=topics)
    here = subscribers.metadata.tables["subscription"]
    conn.execute(here.update().where(here.c.subscriber_id == added.subscriber_id).values(last_issue_at=last_issue_at))
    for word in tags:
        subscribers.tag(conn, added.subscriber_id, word)
    if suppressed:
        subscribers.suppress(conn, address, reason=suppressed, at=left_at, detail=left_how)
