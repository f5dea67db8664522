"""When: what editors write, what the clocks of the world do to it, and how it is said back to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.errors import UsageMistake
from digest.issue.schedule import describe, read_at, read_cadence, until

NEW_YORK, BERLIN, KOLKATA = "America/New_York", "Europe/Berlin", "Asia/Kolkata"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # a Sunday, 05:00 in New York


def slots(cadence: str, zone: str, *, after: str, count: int) -> list[str]:
    """The next so many slots, as a clock on the wall of `zone` shows them."""
    found = read_cadence(cadence).slots(datetime.fromisoformat(after).astimezone(UTC), zone)
    return [f"{moment.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M %z}" for moment in islice(found, count)]


# --- Cadences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        (
            NEW_YORK,
            "2027-03-11T12:00+00:00",
            ["Fri 03-12 06:00 -0500", "Mon 03-15 06:00 -0400", "Tue 03-16 06:00 -0400"],
        ),
        (
            NEW_YORK,
            "2026-10-29T12:00+00:00",
            ["Fri 10-30 06:00 -0400", "Mon 11-02 06:00 -0500", "Tue 11-03 06:00 -0500"],
        ),
        (
            BERLIN,
            "2027-03-25T12:00+00:00",
            ["Fri 03-26 06:00 +0100", "Mon 03-29 06:00 +0200", "Tue 03-30 06:00 +0200"],
        ),
        (
            BERLIN,
            "2026-10-22T12:00+00:00",
            ["Fri 10-23 06:00 +0200", "Mon 10-26 06:00 +0100", "Tue 10-27 06:00 +0100"],
        ),
        (
            KOLKATA,
            "2026-10-22T12:00+00:00",
            ["Fri 10-23 06:00 +0530", "Mon 10-26 06:00 +0530", "Tue 10-27 06:00 +0530"],
        ),
    ],
)
def test_weekdays_at_six_stay_at_six_by_the_clock_on_the_wall(zone: str, after: str, expected: list[str]) -> None:
    assert slots("weekdays 06:00", zone, after=after, count=3) == expected


@pytest.mark.parametrize(
    ("cadence", "zone", "after", "expected"),
    [
        (
            "daily 01:30",
            NEW_YORK,
            "2026-10-31T12:00+00:00",
            ["Sun 11-01 01:30 -0400", "Mon 11-02 01:30 -0500"],
        ),
        ("daily 02:30", BERLIN, "2026-10-24T12:00+00:00", ["Sun 10-25 02:30 +0200", "Mon 10-26 02:30 +0100"]),
    ],
)
def test_on_the_autumn_night_a_time_that_happens_twice_comes_due_once(
    cadence: str, zone: str, after: str, expected: list[str]
) -> None:
    assert slots(cadence, zone, after=after, count=2) == expected


def test_in_the_hour_that_happens_twice_no_slot_of_the_past_comes_back() -> None:
    between_the_two = "2026-11-01T06:15+00:00"  # 01:15 in New York, for the second time

    assert slots("daily 01:30", NEW_YORK, after=between_the_two, count=1) == ["Mon 11-02 01:30 -0500"]


def test_on_the_spring_night_a_time_that_is_skipped_comes_due_when_the_clocks_have_moved() -> None:
    found = slots("daily 02:30", NEW_YORK, after="2027-03-13T12:00+00:00", count=2)

    assert found == ["Sun 03-14 03:00 -0400", "Mon 03-15 02:30 -0400"]


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        ("daily 7:05", ["Mon 11-23 07:05 -0500", "Tue 11-24 07:05 -0500"]),
        ("weekends 08:00", ["Sun 11-22 08:00 -0500", "Sat 11-28 08:00 -0500"]),
        ("mon,thu 17:30", ["Mon 11-23 17:30 -0500", "Thu 11-26 17:30 -0500"]),
        ("Mon, Thu 17:30", ["Mon 11-23 17:30 -0500", "Thu 11-26 17:30 -0500"]),
        ("weekly sunday 08:00", ["Sun 11-22 08:00 -0500", "Sun 11-29 08:00 -0500"]),
        ("monthly 1 09:00", ["Tue 12-01 09:00 -0500", "Fri 01-01 09:00 -0500"]),
        ("0 6 * * 1-5", ["Mon 11-23 06:00 -0500", "Tue 11-24 06:00 -0500"]),
        ("sat 06:00 Europe/Berlin", ["Sat 11-28 00:00 -0500", "Sat 12-05 00:00 -0500"]),
    ],
)
def test_a_cadence_is_written_as_people_say_it(cadence: str, expected: list[str]) -> None:
    after = "2026-11-22T12:30+00:00" if "7:05" in cadence else "2026-11-22T10:00+00:00"

    assert slots(cadence, NEW_YORK, after=after, count=2) == expected


@pytest.mark.parametrize(
    "cadence",
    [
        "06:00",
        "weekdays",
        "weekdays 25:00",
        "weekdays 06:00 Europe/Berln",
        "monkey 06:00",
        "mon,, 06:00",
        "monthly 31 06:00",  # not every month has one: say what you mean with a cron line
        "every day at six",
        "0 0 31 2 *",
        "99 99 * * *",
        "* * * * * *",
    ],
)
def test_a_cadence_that_means_nothing_is_refused_with_examples(cadence: str) -> None:
    with pytest.raises(ValueError, match="write it as 'weekdays 06:00'"):
        read_cadence(cadence)


ZONES = st.sampled_from([NEW_YORK, BERLIN, KOLKATA, "Australia/Lord_Howe", "America/St_Johns", "UTC", "Asia/Tehran"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))


@given(
    zone=ZONES,
    after=MOMENTS,
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    days=st.sampled_from(["daily", "weekdays", "weekends", "sun", "mon,thu"]),
)
def test_slots_are_later_than_asked_and_never_two_on_one_day(
    zone: str, after: datetime, hour: int, minute: int, days: str
) -> None:
    found = list(islice(read_cadence(f"{days} {hour:02}:{minute:02}").slots(after, zone), 8))

    assert found[0] > after
    assert all(earlier < later for earlier, later in pairwise(found))
    local = [moment.astimezone(ZoneInfo(zone)) for moment in found]
    assert len({moment.date() for moment in local}) == len(local)
    on_time = [moment for moment in local if (moment.hour, moment.minute) == (hour, minute)]
    assert len(on_time) >= len(local) - 1, "more than one of eight is not at its time"


# --- A time for one issue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29 06:00", "2026-11-29T11:00"),
        ("2026-11-29T06:00", "2026-11-29T11:00"),
        ("2026-11-29 06:00:00", "2026-11-29T11:00"),
        ("  2026-11-29 6:00 ", "2026-11-29T11:00"),
        ("tomorrow 06:00", "2026-11-23T11:00"),
        ("today 06:00", "2026-11-22T11:00"),
        ("06:00", "2026-11-22T11:00"),
        ("04:59", "2026-11-23T09:59"),
        ("05:00", "2026-11-23T10:00"),
        ("mon 06:00", "2026-11-23T11:00"),
        ("Sunday 06:00", "2026-11-22T11:00"),
        ("sun 04:00", "2026-11-29T09:00"),
        ("2026-11-29T06:00Z", "2026-11-29T06:00"),
        ("2026-11-29T06:00+02:00", "2026-11-29T04:00"),
    ],
)
def test_a_time_is_understood_in_the_newsletters_zone(text: str, expected: str) -> None:
    found = read_at(text, timezone=NEW_YORK, now=NOW)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "tomorrow",
        "2026-11-29",
        "29.11.2026 06:00",
        "24:00",
        "6",
        "06:00:30",
        "2026-02-30 06:00",
        "2026-13-01 06:00",
        "9999-12-31 23:59",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
    ],
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageMistake, match="is not a time") as refused:
        read_at(text, timezone=NEW_YORK, now=NOW)

    assert "'tomorrow 06:00'" in refused.value.hint


def test_a_time_that_is_past_says_what_time_it_is() -> None:
    with pytest.raises(UsageMistake, match="is in the past; it is now Sunday 22 November 2026, 05:00") as refused:
        read_at("2026-11-22 04:00", timezone=NEW_YORK, now=NOW)

    assert "--now" in refused.value.hint


def test_a_time_that_the_clocks_skip_is_explained_and_its_neighbours_work() -> None:
    with pytest.raises(UsageMistake) as refused:
        read_at("2027-03-14 02:30", timezone=NEW_YORK, now=NOW)

    assert refused.value.message == (
        "02:30 does not exist on Sunday 14 March 2027 in America/New_York: the clocks go forward."
    )
    assert refused.value.hint == "Choose --at '2027-03-14 01:30' or --at '2027-03-14 03:30'."
    assert read_at("2027-03-14 01:30", timezone=NEW_YORK, now=NOW) == datetime(2027, 3, 14, 6, 30, tzinfo=UTC)
    assert read_at("2027-03-14 03:30", timezone=NEW_YORK, now=NOW) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_a_time_that_happens_twice_is_asked_for() -> None:
    with pytest.raises(UsageMistake, match="02:30 happens twice on Sunday 31 October 2027 in Europe/Berlin") as refused:
        read_at("2027-10-31 02:30", timezone=BERLIN, now=NOW)

    assert refused.value.hint == "Say --which first (UTC+2) or --which second (UTC+1)."
    first = read_at("2027-10-31 02:30", timezone=BERLIN, now=NOW, which="first")
    second = read_at("2027-10-31 02:30", timezone=BERLIN, now=NOW, which="second")
    assert (first.hour, second.hour) == (0, 1)


def test_saying_which_one_changes_nothing_for_a_time_that_happens_once() -> None:
    assert read_at("06:00", timezone=BERLIN, now=NOW, which="second") == read_at("06:00", timezone=BERLIN, now=NOW)


@given(
    zone=ZONES,
    day=st.dates(date(2026, 11, 24), date(2037, 12, 30)),
    minute=st.integers(0, 24 * 60 - 1),
    which=st.sampled_from(["first", "second"]),
)
def test_what_is_understood_is_what_was_written(
    zone: str, day: date, minute: int, which: Literal["first", "second"]
) -> None:
    written = f"{day} {minute // 60:02}:{minute % 60:02}"
    naive = datetime.fromisoformat(written)
    if naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        with pytest.raises(UsageMistake, match="does not exist") as refused:
            read_at(written, timezone=zone, now=NOW, which=which)
        before, after = refused.value.hint.split("'")[1::2]
        assert read_at(before, timezone=zone, now=NOW) < read_at(after, timezone=zone, now=NOW)
        return

    moment = read_at(written, timezone=zone, now=NOW, which=which)

    assert f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" == written


@given(text=st.text(max_size=30), now=MOMENTS, zone=ZONES)
def test_whatever_an_editor_types_is_a_time_to_come_or_a_refusal(text: str, now: datetime, zone: str) -> None:
    try:
        moment = read_at(text, timezone=zone, now=now)
    except UsageMistake:
        return
    assert moment > now


@given(now=MOMENTS, zone=ZONES, minute=st.integers(0, 24 * 60 - 1))
def test_a_bare_time_is_the_next_one_on_the_clock(now: datetime, zone: str, minute: int) -> None:
    try:
        moment = read_at(f"{minute // 60:02}:{minute % 60:02}", timezone=zone, now=now, which="second")
    except UsageMistake:
        assume(False)  # skipped or already past in the night of a clock change
    assert timedelta() < moment - now <= timedelta(hours=26)


# --- Said back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (
            datetime(2026, 11, 29, 11, 0, tzinfo=UTC),
            NEW_YORK,
            "Sunday 29 November 2026, 06:00 in America/New_York (UTC-5) = 11:00 UTC",
        ),
        (
            datetime(2026, 11, 28, 23, 30, tzinfo=UTC),
            KOLKATA,
            "Sunday 29 November 2026, 05:00 in Asia/Kolkata (UTC+5:30) = 28 November 23:30 UTC",
        ),
        (
            datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
            "America/St_Johns",
            "Wednesday 1 July 2026, 06:00 in America/St_Johns (UTC-2:30) = 08:30 UTC",
        ),
    ],
)
def test_a_moment_is_said_with_its_day_zone_and_offset(moment: datetime, zone: str, words: str) -> None:
    assert describe(moment, zone) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "in 0 min"), (59, "in 59 min"), (60, "in 1 h 0 min"), (47 * 60 + 59, "in 47 h 59 min"), (2880, "in 2 days")],
)
def test_how_long_until_then_is_said_roughly(minutes: int, words: str) -> None:
    assert until(NOW + timedelta(minutes=minutes), NOW) == words
