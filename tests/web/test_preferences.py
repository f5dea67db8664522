"""Preferences: what a reader gets, changed by whoever holds the link."""

from __future__ import annotations

import socket

import httpx
import pytest

import subscribers
from tests.newsroom import Clock
from tests.web.conftest import Site, read


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
