"""What sources remember, and how they fare."""

from __future__ import annotations

from datetime import timedelta

from digest.articles.sources.health import Health
from digest.store import sources
from digest.store.database import Database
from tests.store.desk import NOON

HOURS = timedelta(hours=1)
WELL = Health(location="https://courier.example/feed", checked_at=NOON, good_at=NOON, new_at=NOON)


def test_a_source_remembers_what_it_last_said(database: Database) -> None:
    with database.write() as conn:
        assert sources.recall(conn, "daily", "Courier") == ("", Health())
        sources.remember(conn, "daily", "Courier", "etag 1", WELL)
        sources.remember(conn, "daily", "Courier", "etag 2", WELL)

    with database.read() as conn:
        assert sources.recall(conn, "daily", "Courier") == ("etag 2", WELL)
        assert sources.recall(conn, "weekend", "Courier") == ("", Health())
        assert sources.recall(conn, "daily", "Gazette") == ("", Health())


def test_all_that_is_known_of_a_sources_health_is_kept(database: Database) -> None:
    ill = Health(
        location="https://courier.example/feed",
        checked_at=NOON,
        good_at=NOON - 9 * HOURS,
        new_at=NOON - 30 * HOURS,
        failures=4,
        problem="Could not fetch it.",
        moved_to="https://courier.example/new",
        retired_at=NOON,
        wait_until=NOON + HOURS,
        rhythm=timedelta(hours=7, seconds=1.5),
    )
    with database.write() as conn:
        sources.remember(conn, "daily", "Courier", "", ill)
    with database.read() as conn:
        assert sources.recall(conn, "daily", "Courier")[1] == ill


def test_a_retired_source_is_asked_again_once_a_person_says_so(database: Database) -> None:
    with database.write() as conn:
        sources.remember(conn, "daily", "Courier", "etag", Health(retired_at=NOON, failures=1, problem="gone"))
        sources.remember(conn, "daily", "Gazette", "", WELL)
    with database.write() as conn:
        assert sources.ask_again(conn, "daily", "Courier")
        assert not sources.ask_again(conn, "daily", "Gazette")
    with database.read() as conn:
        memory, health = sources.recall(conn, "daily", "Courier")
    assert memory == "etag"
    assert health.why_not_asked(NOON) == ""
