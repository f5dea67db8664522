"""Preferences: what a reader gets, changed by whoever holds the link."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

import subscribers
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import Site, read, site_of

#: Thirty days after the tests' clock.
PAUSED = datetime(2026, 12, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock(site: Site) -> Clock:
    """Coming back must be later than leaving; a clock that a test turns makes it so."""
    site.room.clock = Clock()
    return site.room.clock


def _gets(site: Site, subscriber_id: int) -> set[str]:
    with site.room.app.database.read() as conn:
        return set(subscribers.preferences(conn, subscriber_id).newsletters)


def _save(site: Site, subscriber_id: int, *ticked: str, leave: str = "") -> httpx.Response:
    """What a browser sends when the form is saved."""
    fields: dict[str, str | list[str]] = {"form": "choices", "newsletter": list(ticked)}
    return site.http.post(site.preferences_link(subscriber_id), data=fields | ({"leave": leave} if leave else {}))


def _ticked(html: str) -> dict[str, bool]:
    from lxml import html as parser

    boxes = parser.document_fromstring(html).xpath("//input[@type='checkbox']")
    return {box.get("value"): box.get("checked") is not None for box in boxes}


def test_the_page_shows_every_newsletter_and_which_of_them_come(site: Site) -> None:
    [alice] = site.room.subscribe("Alice", newsletter="weekend")

    page = site.http.get(site.preferences_link(alice, "weekend"))

    assert list(_ticked(page.text).items()) == [("weekend", True), ("daily", False)], "the link's own comes first"
    assert "Choose which newsletters come to alice@example.com." in read(page)


def test_a_choice_is_saved_and_shown(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = _save(site, alice, "daily", "weekend")

    assert answer.status_code == 200
    assert "Saved." in read(answer)
    assert _ticked(answer.text) == {"daily": True, "weekend": True}
    assert _gets(site, alice) == {"daily", "weekend"}


def test_unticking_everything_leaves_everything(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.room.subscribe("Alice", newsletter="weekend")

    answer = _save(site, alice)

    assert "Saved." in read(answer)
    assert _gets(site, alice) == set()


def test_the_button_for_everything_leaves_also_what_is_ticked(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.room.subscribe("Alice", newsletter="weekend")

    _save(site, alice, "daily", "weekend", leave="everything")

    assert _gets(site, alice) == set()


def test_who_left_comes_back_by_ticking_the_newsletter(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    clock.turn(minutes=1)
    site.one_click(site.leave_link(alice))
    clock.turn(minutes=1)

    answer = _save(site, alice, "daily")

    assert "Saved." in read(answer)
    assert _gets(site, alice) == {"daily"}


def test_saving_twice_stores_nothing_new(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    _save(site, alice, "weekend")
    stored = site.everything_stored()

    _save(site, alice, "weekend")

    assert site.everything_stored() == stored


def test_saving_does_not_leave_a_newsletter_that_waits_for_confirmation(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    consent = subscribers.Consent(at=clock(), act=subscribers.Act.JOINED, how="form")
    with site.room.app.database.write() as conn:
        subscribers.add(
            conn,
            "alice@example.com",
            newsletter="weekend",
            consent=consent,
            at=clock(),
            state=subscribers.State.UNCONFIRMED,
        )
    clock.turn(minutes=1)

    _save(site, alice, "daily")

    with site.room.app.database.read() as conn:
        place = subscribers.standing(conn, alice, "weekend")
    assert place is not None
    assert place.state == "unconfirmed"


def test_newsletters_that_do_not_exist_are_ignored(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = _save(site, alice, "daily", "no-such", "<script>")

    assert answer.status_code == 200
    assert "no-such" not in answer.text
    assert _gets(site, alice) == {"daily"}


def test_a_suppressed_reader_learns_why_nothing_arrives_and_whom_to_ask(site: Site) -> None:
    words = {
        "bounce": "Mail to your address came back to us",
        "complaint": "reported as spam",
        "manual": "We do not send mail to your address",
    }
    for reader, (reason, said) in zip(site.room.subscribe(*words), words.items(), strict=True):
        _suppress(site, reason, f"{reason}@example.com")
        page = read(site.http.get(site.preferences_link(reader)))
        assert said in page
        assert "If you want it again, write to daily@harbour.example" in page


def test_a_suppressed_reader_cannot_join_and_is_told_so(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    _suppress(site, "bounce")

    answer = _save(site, alice, "daily", "weekend")

    assert "That was not saved." in read(answer)
    assert _gets(site, alice) == {"daily"}


def test_a_suppressed_reader_can_still_leave_one_newsletter_and_keep_the_other(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.room.subscribe("Alice", newsletter="weekend")
    _suppress(site, "complaint")

    answer = _save(site, alice, "daily")

    assert "Saved." in read(answer)
    assert _gets(site, alice) == {"daily"}


def test_a_body_larger_than_any_form_is_refused_and_changes_nothing(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    stored = site.everything_stored()

    answer = site.http.post(site.preferences_link(alice), content=b"newsletter=weekend&x=" + b"x" * 1_000_000)

    assert answer.status_code == 413
    assert site.everything_stored() == stored


def test_a_reader_who_hangs_up_in_the_middle_of_a_form_changes_nothing(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    stored = site.everything_stored()

    with socket.create_connection((site.http.base_url.host, site.http.base_url.port or 0)) as half:
        head = f"POST {site.preferences_link(alice)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nnewsletter="
        half.sendall(head.encode())

    assert site.http.get("/health").status_code == 200
    assert site.everything_stored() == stored


def test_what_is_not_our_form_changes_nothing(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    for body in (b"\xff\xfe%zz&&==", b"newsletter", b"{}", b"", b"List-Unsubscribe=One-Click"):
        answer = site.http.post(site.preferences_link(alice), content=body)
        assert answer.status_code == 200
        assert "Saved." not in read(answer)
    assert _gets(site, alice) == {"daily"}


def _suppress(site: Site, reason: str, address: str = "alice@example.com") -> None:
    with site.room.app.database.write() as conn:
        subscribers.suppress(conn, address, reason=subscribers.Reason(reason), at=site.room.app.clock(), detail="test")


# --- Not so often, not everything, not now -------------------------------------------------------------------


def _place(site: Site, subscriber_id: int, newsletter: str = "daily") -> subscribers.Subscription:
    with site.room.app.database.read() as conn:
        places = subscribers.preferences(conn, subscriber_id).subscriptions
    return next(place for place in places if place.newsletter == newsletter)


def _wish(site: Site, subscriber_id: int, **fields: str | list[str]) -> httpx.Response:
    known: dict[str, str | list[str]] = {"form": "choices", "newsletter": "daily", "shown": "daily"}
    return site.http.post(site.preferences_link(subscriber_id), data=known | fields)


def test_a_reader_may_want_it_less_often(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = _wish(site, alice, **{"often.daily": "7"})

    assert "Saved." in read(answer)
    assert '<option value="7" selected>At most once a week</option>' in answer.text
    assert _place(site, alice).min_days == 7


def test_how_often_can_only_be_what_is_offered(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    for odd in ("-1", "3", "1e9", "", "٧", "7 "):
        assert _wish(site, alice, **{"often.daily": odd}).status_code == 200
    assert _place(site, alice).min_days in (0, 7)


def test_what_somebody_else_set_stays_until_the_reader_chooses(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    with site.room.app.database.write() as conn:
        subscribers.choose(conn, alice, "daily", min_days=3)

    page = site.http.get(site.preferences_link(alice))

    assert '<option value="3" selected>At most every 3 days</option>' in page.text
    _wish(site, alice, **{"often.daily": "3"})
    assert _place(site, alice).min_days == 3


def test_topics_are_chosen_and_given_up(tmp_path: Path) -> None:
    topics = 'topics = [{ slug = "council", title = "The council" }, { slug = "sea", title = "The sea" }]'
    room = Newsroom(tmp_path, settings=SETTINGS.replace("[newsletters.daily]", f"[newsletters.daily]\n{topics}", 1))
    [alice] = room.subscribe("Alice")
    with site_of(room) as site:
        answer = _wish(site, alice, **{"topic.daily": ["sea", "council", "<script>"]})
        assert _place(site, alice).topics == ("council", "sea")
        assert answer.text.count("checked") == 3
        _wish(site, alice, **{"topic.daily": "sea"})
        assert _place(site, alice).topics == ("sea",)
        _wish(site, alice)
        assert _place(site, alice).topics == ()
    room.app.close()


def test_wishes_that_were_not_shown_stay_as_they_are(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    _wish(site, alice, **{"often.daily": "30"})

    _save(site, alice, "daily", "weekend")

    assert _place(site, alice).min_days == 30


def test_a_pause_begins_ends_and_is_seen(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    site.room.subscribe("Alice", newsletter="weekend")

    answer = site.post(site.preferences_link(alice), form="pause")

    assert "Paused until Tuesday, December 22, 2026." in read(answer)
    assert {_place(site, alice, slug).paused_until for slug in ("daily", "weekend")} == {PAUSED}
    with site.room.app.database.read() as conn:
        assert subscribers.why_not(conn, "daily", [alice], at=clock()) == {alice: "paused until 2026-12-22"}
    assert "End the break" in read(site.post(site.preferences_link(alice), form="choices", newsletter="daily"))

    answer = site.post(site.preferences_link(alice), form="resume")

    assert "Pause for 30 days" in read(answer)
    assert _place(site, alice).paused_until is None


def test_a_pause_ends_by_itself(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    site.post(site.preferences_link(alice), form="pause")

    clock.turn(days=31)

    assert "Pause for 30 days" in read(site.http.get(site.preferences_link(alice)))


def test_a_name_and_a_language_are_saved_and_can_be_taken_back(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = _wish(site, alice, name="  Alice\x00  Liddell ", language="he")

    assert 'value="Alice Liddell"' in answer.text
    assert '<option value="he" lang="he" selected>עברית</option>' in answer.text
    _wish(site, alice, name="", language="")
    with site.room.app.database.read() as conn:
        person = subscribers.get(conn, alice)
    assert (person.name, person.language) == ("", "")


def test_a_newsletter_that_nobody_may_join_is_shown_to_those_who_are_on_it_only(tmp_path: Path) -> None:
    room = Newsroom(
        tmp_path, settings=SETTINGS.replace("[newsletters.weekend]", "[newsletters.weekend]\njoin = false", 1)
    )
    [alice] = room.subscribe("Alice")
    [bob] = room.subscribe("Bob")
    room.subscribe("Bob", newsletter="weekend")
    with site_of(room) as site:
        assert list(_ticked(site.http.get(site.preferences_link(alice)).text)) == ["daily"]
        assert list(_ticked(site.http.get(site.preferences_link(bob)).text)) == ["daily", "weekend"]
        _save(site, alice, "daily", "weekend")
        assert _gets(site, alice) == {"daily"}
    room.app.close()


def test_the_page_never_shows_what_a_forwarded_link_must_not_show(site: Site) -> None:
    [alice] = site.room.subscribe("Alice", supporter="monthly")

    page = site.http.get(site.preferences_link(alice)).text

    assert "monthly" not in page
    assert "/data/" not in page
    answer = site.post(site.preferences_link(alice), form="data")
    assert "A message is on its way to alice@example.com." in read(answer)
    assert "/data/" not in answer.text
    assert site.link_in(site.mail()[0], "/data")
