"""What a bad actor tries at the public pages, and what a scanner, a hurried finger or a mail program does to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Act, State
from tests.newsroom import Clock
from tests.web.conftest import Site, read

#: Path → the purpose that its tokens are signed for.
DOORS = {
    "leave": "leave",
    "back": "leave",
    "why": "leave",
    "preferences": "preferences",
    "confirm": "confirm",
    "data": "data",
    "view": "view",
}
#: What the buttons of all our pages say.
BUTTONS = [
    {"form": "leave"},
    {"form": "back"},
    {"form": "why", "why": "other"},
    {"form": "choices", "newsletter": "weekend", "name": "Mallory"},
    {"form": "pause"},
    {"form": "data"},
    {"form": "yes"},
    {"form": "again"},
    {"form": "erase", "sure": "yes"},
    {"List-Unsubscribe": "One-Click"},
]


@pytest.fixture
def clock(site: Site) -> Clock:
    site.room.clock = Clock()
    return site.room.clock


def tokens_of(site: Site, who: int) -> dict[str, str]:
    tokens, now = site.room.app.tokens, site.room.app.clock()
    return {
        "leave": tokens.leave(who, "daily"),
        "preferences": tokens.preferences(who, "daily"),
        "confirm": tokens.confirm(who, "daily", at=now),
        "data": tokens.data(who, "daily", at=now),
        "view": tokens.view(who, "ask"),
    }


def said(site: Site, act: Act) -> int:
    consent = subscribers.metadata.tables["consent"].c
    with site.room.app.database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).where(consent.act == act.value)).scalar_one())


def everything_but_limits(site: Site) -> str:
    return "\n".join(line for line in site.everything_stored().splitlines() if '"limits"' not in line)


# --- Tokens ------------------------------------------------------------------------------------------------


def test_a_token_opens_the_doors_of_its_own_purpose_and_no_other(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    tokens = tokens_of(site, alice)
    before = site.everything_stored()

    for door, purpose in DOORS.items():
        for other, token in tokens.items():
            if other == purpose:
                continue
            shown = site.http.get(f"/{door}/{token}")
            assert shown.status_code in (404, 405), (door, other)
            assert "alice" not in shown.text
            for button in BUTTONS:
                assert site.http.post(f"/{door}/{token}", data=button).status_code in (404, 405), (door, other)

    assert site.everything_stored() == before


def test_a_forgotten_persons_links_change_nothing_and_name_nobody(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    tokens = tokens_of(site, alice)
    clock.turn(minutes=1)
    with site.room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=clock())
    before = everything_but_limits(site)

    for door, purpose in DOORS.items():
        for button in BUTTONS:
            answer = site.http.post(f"/{door}/{tokens[purpose]}", data=button)
            assert answer.status_code < 500
            assert "alice" not in answer.text

    assert everything_but_limits(site) == before
    assert site.mail() == []
    assert site.one_click(f"/leave/{tokens['leave']}").status_code == 200, "a mail program hears no error"


def test_a_confirmation_that_is_played_again_after_leaving_brings_nobody_back(site: Site, clock: Clock) -> None:
    site.post("/join/daily", form="join", address="alice@example.com")
    [mail] = site.mail()
    link = site.link_in(mail, "/confirm")
    clock.turn(minutes=1)
    site.post(link, form="yes")
    clock.turn(minutes=1)
    site.one_click(site.leave_link(1))
    clock.turn(minutes=1)

    again = site.post(link, form="yes")

    assert "You have left since then" in read(again)
    with site.room.app.database.read() as conn:
        place = subscribers.standing(conn, 1, "daily")
    assert place is not None
    assert place.state is State.LEFT


# --- Mail as a carrier -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "You won! https://spam.example/prize",
        "Mallory\r\nBcc: victim@example.com\r\n\r\nBuy now at spam.example",
        "\u202egnp.exe \u2066spam.example\u2069",
        "<a href='https://spam.example'>Click</a> spam.example",
        "%%{unsubscribe_url}%% spam.example {{ values }}",
    ],
)
def test_nothing_that_a_stranger_types_in_is_carried_to_anybody_by_our_mail(site: Site, name: str) -> None:
    site.post("/join/daily", form="join", address="alice@example.com", name=name, topic="spam.example")
    site.post("/link/daily", form="link", address="alice@example.com", name=name)

    mails = site.mail()

    assert [mail["Subject"] for mail in mails] == ["Please confirm: The Harbour Post", "Your link for The Harbour Post"]
    for mail in mails:
        whole = mail.as_string() + "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
        assert "spam.example" not in whole
        assert "Mallory" not in whole
        assert str(mail["To"]) == "alice@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.com\r\nBcc: bob@example.com",
        "alice@example.com,bob@example.com",
        "alice@example.com;bob@example.com",
        "Alice <alice@example.com>, bob@example.com",
        "alice@example.com bob@example.com",
        "\u202ealice@example.com",
    ],
)
def test_an_address_field_reaches_one_person_at_most(site: Site, address: str) -> None:
    site.post("/join/daily", form="join", address=address)

    assert [str(mail["To"]) for mail in site.mail()] in ([], ["alice@example.com"])


def test_a_host_that_a_stranger_claims_stands_in_no_page_and_in_no_mail(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}

    pages = [
        site.http.get(link, headers=evil)
        for link in ("/", "/join/daily", "/join/daily/form.html", site.preferences_link(alice), "/no/such")
    ]
    pages.append(site.http.post("/link/daily", data={"address": "alice@example.com"}, headers=evil))

    assert not any("evil.example" in page.text + str(page.headers) for page in pages)
    [mail] = site.mail()
    assert "evil.example" not in mail.as_string()


# --- Scanners and fingers ----------------------------------------------------------------------------------


@pytest.fixture
def notices(site: Site, clock: Clock) -> list[str]:
    """Every link of every notice, as a scanner that reads the mail finds them."""
    [alice, bob] = site.room.subscribe("Alice", "Bob")
    with site.room.app.database.write() as conn:
        subscribers.leave(conn, bob, "daily", at=clock(), how="one-click")
    clock.turn(minutes=1)
    with site.room.app.database.write() as conn:
        for notice in ("welcome", "already", "link", "data"):
            site.room.app.notices.plan(conn, notice, "daily", alice)
        site.room.app.notices.plan(conn, "goodbye", "daily", bob)
    site.post("/join/daily", form="join", address="charlie@example.com")
    bodies = [part.get_content() for mail in site.mail() for part in mail.walk() if not part.is_multipart()]
    headers = [str(mail["List-Unsubscribe"]) for mail in site.mail() if mail["List-Unsubscribe"]]
    return sorted(set(re.findall(r"https://digest\.harbour\.example(/[^\s\"<>]+)", "\n".join(bodies + headers))))


def test_a_scanner_that_opens_every_link_of_every_notice_changes_nothing(site: Site, notices: list[str]) -> None:
    assert {link.split("/")[1] for link in notices} >= {"confirm", "preferences", "back", "data", "leave"}
    before = site.everything_stored()

    for link in notices:
        for _ in range(2):
            assert site.http.get(link, headers={"Sec-Purpose": "prefetch"}).status_code == 200, link
        assert site.http.head(link).status_code == 200, link

    assert site.everything_stored() == before


def test_no_other_method_than_our_buttons_does_anything(site: Site, notices: list[str]) -> None:
    before = site.everything_stored()

    for link in [*notices, "/join/daily", "/link/daily"]:
        for method in ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = site.http.request(method, link, data={"form": "yes", "newsletter": "daily"})
            assert answer.status_code == 405, (method, link)
            assert "access-control-allow-origin" not in answer.headers

    assert site.everything_stored() == before


def at_once(times: int, ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(times) as pool:
        return [asked.result() for asked in [pool.submit(ask) for _ in range(times)]]


def test_a_button_that_is_pressed_many_times_at_once_acts_once(site: Site, clock: Clock) -> None:
    # Each counts for what may be mailed to one address in a day.
    joined = at_once(3, lambda: site.post("/join/daily", form="join", address="alice@example.com"))
    assert {answer.status_code for answer in joined} == {200}
    [confirm] = site.mail()
    link = site.link_in(confirm, "/confirm")
    clock.turn(minutes=1)

    assert {answer.status_code for answer in at_once(8, lambda: site.post(link, form="yes"))} == {200}
    assert [mail["Subject"] for mail in site.mail()[1:]] == ["Welcome to The Harbour Post"]
    assert said(site, Act.CONFIRMED) == 1
    clock.turn(minutes=1)

    leave = site.leave_link(1)
    assert {answer.status_code for answer in at_once(8, lambda: site.post(leave, form="leave"))} == {200}
    assert [mail["Subject"] for mail in site.mail()[2:]] == ["You have left The Harbour Post"]
    assert said(site, Act.LEFT) == 1


# --- One click ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"List-Unsubscribe=One-Click", "headers": {"Content-Type": "text/plain"}},
        {"content": b"", "headers": {"Content-Length": "0"}},
        {"content": b"\xff" * 30_000, "headers": {"Content-Type": "application/octet-stream"}},
        {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"Origin": "https://mail.example", "Cookie": "a=b"}},
    ],
    ids=["urlencoded", "multipart", "plain", "empty", "huge", "from a web mail"],
)
def test_one_click_leaves_however_it_is_sent_and_twice_and_after_forgetting(
    site: Site, clock: Clock, ask: dict[str, object]
) -> None:
    [alice] = site.room.subscribe("Alice")
    link = site.leave_link(alice)
    clock.turn(minutes=1)

    def click() -> httpx.Response:
        return site.http.post(link, follow_redirects=False, **ask)  # type: ignore[arg-type]

    first, second = click(), click()
    with site.room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=clock())
    third = click()

    for answer in (first, second, third):
        assert answer.status_code == 200
        assert not {"set-cookie", "location"} & set(answer.headers)
    assert said(site, Act.LEFT) == 1
    assert site.mail() == []
