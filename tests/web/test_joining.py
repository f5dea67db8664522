"""Joining: the form, the mail, the button; what a stranger can learn there (nothing) and do (little)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import subscribers
from digest.store import outgoing
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import Site, read, site_of

TOPICS = 'topics = [{ slug = "council", title = "The council" }, { slug = "sea", title = "The sea" }]'


@pytest.fixture
def clock(site: Site) -> Clock:
    site.room.clock = Clock()
    return site.room.clock


def _join(site: Site, address: str, *, newsletter: str = "daily", **fields: str | list[str]) -> httpx.Response:
    return site.post(f"/join/{newsletter}", form="join", address=address, **fields)


def _stands(site: Site, address: str, newsletter: str = "daily") -> str:
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, address)
        place = subscribers.standing(conn, person.id, newsletter) if person else None
    return place.state if place else "unknown"


def _confirm(site: Site, at: int = -1) -> httpx.Response:
    return site.post(site.link_in(site.mail()[at], "/confirm"), form="yes")


# --- From the form to the list -------------------------------------------------------------------------------


def test_alice_joins_confirms_and_is_welcomed(site: Site) -> None:
    form = site.http.get("/join/daily")
    assert "Sign up for The Harbour Post" in read(form)

    answer = _join(site, "alice@example.com", name="Alice")

    assert "A message about The Harbour Post is on its way to alice@example.com." in read(answer)
    assert _stands(site, "alice@example.com") == "unconfirmed"
    [asked] = site.mail()
    assert (asked["To"], asked["Subject"]) == ("alice@example.com", "Please confirm: The Harbour Post")
    page = site.http.get(site.link_in(asked, "/confirm"))
    assert "Send The Harbour Post to alice@example.com?" in read(page)
    assert _stands(site, "alice@example.com") == "unconfirmed", "a scanner opens every link and confirms nobody"

    welcomed = _confirm(site)

    assert "The Harbour Post comes to alice@example.com from now on." in read(welcomed)
    assert _stands(site, "alice@example.com") == "active"
    assert [mail["Subject"] for mail in site.mail()][1:] == ["Welcome to The Harbour Post"]


def test_the_consent_says_how_it_came_and_when_it_was_confirmed(site: Site, clock: Clock) -> None:
    _join(site, "alice@example.com")
    clock.turn(minutes=5)
    _confirm(site)

    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, "alice@example.com")
        assert person is not None
        said = [consent for _, consent in subscribers.history(conn, person.id)]
    assert [(consent.act, consent.how) for consent in said] == [("joined", "form"), ("confirmed", "link")]
    assert said[0].evidence == "https://digest.harbour.example/join/daily"
    assert said[1].evidence == "asked 2026-11-22 10:00 UTC"


def test_confirming_twice_is_as_good_as_once(site: Site) -> None:
    _join(site, "alice@example.com")
    first = _confirm(site)
    mails = len(site.mail())

    again = _confirm(site, 0)

    assert read(again) == read(first)
    assert len(site.mail()) == mails


def test_topics_of_the_form_are_kept_and_others_are_not(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings=SETTINGS.replace("[newsletters.daily]", f"[newsletters.daily]\n{TOPICS}", 1))
    with site_of(room) as site:
        assert "The council" in read(site.http.get("/join/daily"))
        _join(site, "alice@example.com", topic=["sea", "no-such"])
        with room.app.database.read() as conn:
            person = subscribers.find(conn, "alice@example.com")
            assert person is not None
            chosen = [place.topics for place in subscribers.preferences(conn, person.id).subscriptions]
    room.app.close()
    assert chosen == [("sea",)]


def test_a_mistyped_address_is_said_beside_the_field_and_nothing_is_lost(site: Site) -> None:
    stored = site.everything_stored()

    answer = _join(site, "alice@@example", name="Alice Example")

    assert answer.status_code == 422
    assert "This is not an address that mail can be sent to." in read(answer)
    for kept in ('value="alice@@example"', 'value="Alice Example"', 'aria-invalid="true"', 'aria-describedby="wrong"'):
        assert kept in answer.text
    assert site.everything_stored() == stored


def test_an_address_in_another_script_can_join(site: Site) -> None:
    answer = _join(site, "alice@bücher.example")

    assert answer.status_code == 200
    assert site.mail()[0]["To"] == "alice@xn--bcher-kva.example"


def test_all_of_it_works_on_either_database(tmp_path: Path, database_url: str) -> None:
    room = Newsroom(tmp_path, environment={"DIGEST_DATABASE_URL": database_url})
    room.clock = clock = Clock()
    with site_of(room) as site:
        _join(site, "alice@example.com", name="Alice")
        clock.turn(minutes=1)
        _confirm(site)
        choices = site.link_in(site.mail()[-1], "/preferences")
        wished = {"newsletter": ["daily", "weekend"], "shown": "daily", "often.daily": "7", "name": "Alice L."}
        assert "Saved." in read(site.http.post(choices, data={"form": "choices"} | wished))
        assert "Paused until" in read(site.post(choices, form="pause"))
        site.post("/link/daily", form="link", address="alice@example.com")
        with room.app.database.read() as conn:
            person = subscribers.find(conn, "alice@example.com")
        assert person is not None
        clock.turn(minutes=1)
        leave = site.leave_link(person.id)
        assert "You have left" in read(site.post(leave, form="leave"))
        site.post(leave.replace("/leave/", "/why/"), form="why", why="other", words="“Zoë” ❤")
        clock.turn(minutes=1)
        assert "You are back" in read(site.post(leave.replace("/leave/", "/back/"), form="back"))
        site.post(choices, form="data")
        data = site.link_in(site.mail()[-1], "/data")
        assert "Alice L." in site.post(data, form="download").text
        assert "You are erased" in read(site.post(data, form="erase", sure="yes"))
        subjects = [mail["Subject"] for mail in site.mail()]
    room.app.close()
    assert [subject.partition(":")[0].partition(" ")[0] for subject in subjects] == [
        "Please",
        "Welcome",
        "Your",
        "Your",
    ]


# --- Nobody learns who is on the list ------------------------------------------------------------------------


def test_the_answer_is_the_same_whoever_is_asked_about(site: Site, clock: Clock) -> None:
    names = ("active", "left", "bounced", "complained", "blocked", "forgotten", "unconfirmed")
    ids = dict(zip(names, site.room.subscribe(*names), strict=True))
    clock.turn(minutes=1)
    with site.room.app.database.write() as conn:
        subscribers.leave(conn, ids["left"], "daily", at=clock(), how="test")
        for name, reason in (("bounced", "bounce"), ("complained", "complaint"), ("blocked", "manual")):
            subscribers.suppress(conn, f"{name}@example.com", reason=subscribers.Reason(reason), at=clock())
        subscribers.forget(conn, "forgotten@example.com", at=clock())
    clock.turn(minutes=1)
    _join(site, "unconfirmed@example.com", newsletter="weekend")

    for form, path in (("join", "/join/daily"), ("link", "/link/daily")):
        answers = set()
        for name in (*names, "nobody"):
            answer = site.post(path, form=form, address=f"{name}@example.com")
            page = answer.text.replace(f"{name}@example.com", "ADDRESS")
            answers.add((answer.status_code, page, tuple(sorted(set(answer.headers) - {"date"}))))
        assert len(answers) == 1


def test_who_is_on_the_list_already_is_told_by_mail_and_nothing_changes(site: Site) -> None:
    site.room.subscribe("Alice")

    _join(site, "Alice@Example.com", name="Mallory")

    [mail] = site.mail()
    assert mail["Subject"] == "You get The Harbour Post already"
    assert mail["To"] == "alice@example.com"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, "alice@example.com")
    assert person is not None
    assert person.name == "Alice", "a form filled in by we know not whom renames nobody"


def test_who_left_gets_a_mail_to_confirm_and_is_mailed_nothing_else_before(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    clock.turn(minutes=1)
    site.one_click(site.leave_link(alice))
    clock.turn(minutes=1)

    _join(site, "alice@example.com")

    assert _stands(site, "alice@example.com") == "left"
    assert [mail["Subject"] for mail in site.mail()] == ["Please confirm: The Harbour Post"]
    clock.turn(minutes=1)
    _confirm(site)
    assert _stands(site, "alice@example.com") == "active"


def test_who_was_forgotten_may_come_back_by_confirming(site: Site, clock: Clock) -> None:
    site.room.subscribe("Alice")
    clock.turn(minutes=1)
    with site.room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=clock())
    clock.turn(minutes=1)

    _join(site, "alice@example.com")
    clock.turn(minutes=1)
    _confirm(site)

    assert _stands(site, "alice@example.com") == "active"
    with site.room.app.database.read() as conn:
        assert subscribers.suppressed(conn, "alice@example.com") is None


def test_the_work_is_the_same_whoever_is_asked_about(site: Site) -> None:
    site.room.subscribe("Known")
    with site.room.app.database.write() as conn:
        bounce = subscribers.Reason.BOUNCE
        subscribers.suppress(conn, "held@example.com", reason=bounce, at=site.room.app.clock(), detail="test")

    def written(path: str, name: str) -> int:
        before = site.everything_stored().count('INTO "outgoing"')
        site.post(path, address=f"{name}@example.com")
        owed = site.everything_stored().count('INTO "outgoing"') - before
        site.mail()
        return owed

    assert {written(path, name) for path in ("/join/daily", "/link/daily") for name in ("known", "held", "new")} == {1}
    told = sorted(mail["To"].partition("@")[0] for mail in site.mail())
    assert told == ["known", "known", "new", "new"]


@pytest.mark.parametrize("reason", ["bounce", "complaint", "manual"])
def test_nothing_is_sent_to_a_suppressed_address(site: Site, reason: str) -> None:
    with site.room.app.database.write() as conn:
        subscribers.suppress(
            conn, "alice@example.com", reason=subscribers.Reason(reason), at=site.room.app.clock(), detail="test"
        )

    _join(site, "alice@example.com")

    assert site.mail() == []
    assert _stands(site, "alice@example.com") == "unknown"


# --- Links that do not work any more -------------------------------------------------------------------------


def test_a_link_that_has_run_out_offers_a_fresh_one_that_goes_to_the_address(site: Site, clock: Clock) -> None:
    _join(site, "alice@example.com")
    link = site.link_in(site.mail()[0], "/confirm")
    clock.turn(days=8)

    assert "This link has run out" in read(site.http.get(link))
    assert "This link has run out" in read(site.post(link, form="yes"))
    assert _stands(site, "alice@example.com") == "unconfirmed"

    answer = site.post(link, form="again")

    assert "is on its way to alice@example.com" in read(answer)
    assert len(site.mail()) == 2
    _confirm(site)
    assert _stands(site, "alice@example.com") == "active"


def test_a_link_from_before_the_leaving_does_not_bring_anybody_back(site: Site, clock: Clock) -> None:
    _join(site, "alice@example.com")
    link = site.link_in(site.mail()[0], "/confirm")
    site.post(link, form="yes")
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, "alice@example.com")
    assert person is not None
    clock.turn(minutes=1)
    site.one_click(site.leave_link(person.id))

    answer = site.post(link, form="yes")

    assert "You have left since then" in read(answer)
    assert 'href="../join/daily"' in answer.text
    assert _stands(site, "alice@example.com") == "left"


def test_a_forged_link_confirms_nobody_and_shows_the_way_to_a_real_one(site: Site) -> None:
    _join(site, "alice@example.com")
    link = site.link_in(site.mail()[0], "/confirm")

    for forged in (link[:-1], link[:-4] + "AAAA", link.replace("/1.", "/2."), "/confirm/", "/confirm/%00"):
        for answer in (site.http.get(forged), site.post(forged, form="yes"), site.post(forged, form="again")):
            assert answer.status_code == 404
            assert "This link does not work" in read(answer)
            assert "join/daily" in answer.text
    assert _stands(site, "alice@example.com") == "unconfirmed"
    assert len(site.mail()) == 1


def test_a_post_that_is_not_our_button_confirms_nobody(site: Site) -> None:
    _join(site, "alice@example.com")
    link = site.link_in(site.mail()[0], "/confirm")

    for body in (b"", b"List-Unsubscribe=One-Click", b"\xff", b"form=no", b"x" * 30_000):
        site.http.post(link, content=body)

    assert _stands(site, "alice@example.com") == "unconfirmed"


def test_who_lost_their_link_gets_a_fresh_one_by_mail(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    bad = site.http.get("/preferences/not-a-link")
    assert 'href="../link/daily"' in bad.text

    answer = site.post("/link/daily", form="link", address="alice@example.com")

    assert "If alice@example.com is on our list" in read(answer)
    [mail] = site.mail()
    assert site.link_in(mail, "/preferences") == site.preferences_link(alice)
    site.post("/link/daily", form="link", address="nobody@example.com")
    assert len(site.mail()) == 1


# --- Limits --------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Site]:
    """A newsroom that lets strangers do next to nothing."""
    limits = "[web]\nper_network = 3\nper_address = 2\nper_hour = 8\nproxies = 1\n\n[ses]"
    room = Newsroom(tmp_path, settings=SETTINGS.replace("[ses]", limits))
    room.clock = Clock()
    with site_of(room) as site:
        yield site
    room.app.close()


def test_one_network_may_ask_so_often_and_then_hears_when_to_come_again(strict: Site) -> None:
    answers = [_join(strict, f"reader{at}@example.com") for at in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Too many at once" in read(answers[-1])
    assert int(answers[-1].headers["retry-after"]) == 3600
    assert len(strict.mail()) == 3

    def from_(network: str) -> int:
        data = {"form": "join", "address": "zoe@example.com"}
        return strict.http.post("/join/daily", data=data, headers={"X-Forwarded-For": network}).status_code

    assert from_("198.51.100.7") == 200
    assert from_("203.0.113.1, 198.51.100.7") == 200, (
        "what stands before our proxy's own word was written by a stranger"
    )
    assert from_("203.0.113.2, 198.51.100.7") == 200
    assert from_("203.0.113.3, 198.51.100.7") == 429
    assert isinstance(strict.room.clock, Clock)
    strict.room.clock.turn(minutes=20)
    assert _join(strict, "reader9@example.com").status_code == 200, "a third of an hour frees a third of the limit"


def test_one_address_gets_so_many_mails_a_day_and_nobody_is_told(strict: Site) -> None:
    pages = {read(_join(strict, "alice@example.com")) for _ in range(1)}
    first = strict.mail()
    pages |= {read(_join(strict, "alice@example.com")) for _ in range(1)}
    second = strict.mail()
    pages |= {read(_join(strict, "ALICE@example.com")) for _ in range(1)}

    assert (len(first), len(second), len(strict.mail())) == (1, 2, 2)
    assert len(pages) == 2, "the same page, but for how the address was typed"


def test_all_strangers_together_may_ask_so_often(strict: Site) -> None:
    def ask(at: int) -> int:
        data = {"form": "join", "address": f"reader{at}@example.com"}
        return strict.http.post("/join/daily", data=data, headers={"X-Forwarded-For": f"203.0.113.{at}"}).status_code

    assert [ask(at) for at in range(10)] == [200] * 8 + [429] * 2


def test_mails_that_wait_are_not_owed_twice(site: Site) -> None:
    for _ in range(3):
        _join(site, "alice@example.com")

    assert len(site.mail()) == 1


def test_pressing_the_button_again_before_the_mail_has_left_uses_nothing_up(strict: Site) -> None:
    for _ in range(2):
        _join(strict, "alice@example.com")
    assert len(strict.mail()) == 1

    _join(strict, "alice@example.com")

    assert len(strict.mail()) == 2, "two mails a day may go to her, and she got one"


def test_a_stranger_who_spends_alices_mails_keeps_her_neither_from_her_data_nor_from_a_goodbye(strict: Site) -> None:
    [alice] = strict.room.subscribe("Alice")
    assert isinstance(strict.room.clock, Clock)
    for _ in range(4):
        _join(strict, "alice@example.com")
        strict.mail()
        strict.room.clock.turn(minutes=20)
    assert len(strict.mail()) == 2

    strict.post(strict.preferences_link(alice), form="data")
    strict.post(strict.leave_link(alice), form="leave")

    assert [mail["subject"] for mail in strict.mail()[2:]] == [
        "Your data at The Harbour Post",
        "You have left The Harbour Post",
    ]


def test_who_has_alices_link_has_no_more_than_her_mails_sent(strict: Site) -> None:
    [alice] = strict.room.subscribe("Alice")
    assert isinstance(strict.room.clock, Clock)
    for _ in range(4):
        strict.post(strict.preferences_link(alice), form="data")
        strict.mail()
        strict.room.clock.turn(minutes=20)

    assert len(strict.mail()) == 2


def test_limits_hold_over_requests_that_come_at_the_same_moment(strict: Site) -> None:
    codes: list[int] = []
    gate = threading.Barrier(8)

    def ask(at: int) -> None:
        with httpx.Client(base_url=strict.url) as http:
            gate.wait()
            codes.append(http.post("/join/daily", data={"address": f"r{at}@example.com"}).status_code)

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [200] * 3 + [429] * 5


def test_limits_keep_no_address_and_no_network(strict: Site) -> None:
    _join(strict, "alice@example.com")

    limits = [line for line in strict.everything_stored().splitlines() if 'INTO "limits"' in line]

    assert len(limits) == 3
    assert not any("alice" in line or "127.0.0.1" in line for line in limits)


def test_a_program_that_fills_in_every_field_gets_the_same_page_and_no_mail(site: Site) -> None:
    stored = site.everything_stored()

    answer = _join(site, "alice@example.com", homepage="https://spam.example")

    assert "is on its way to alice@example.com" in read(answer)
    assert site.everything_stored() == stored


def test_a_body_larger_than_any_form_is_refused(site: Site) -> None:
    for path in ("/join/daily", "/link/daily"):
        answer = site.http.post(path, content=b"address=alice@example.com&x=" + b"x" * 1_000_000)
        assert answer.status_code == 413
    assert site.mail() == []


# --- Which newsletters ---------------------------------------------------------------------------------------


def test_a_newsletter_that_takes_nobody_says_so_and_takes_nobody(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings=SETTINGS.replace("[newsletters.daily]", "[newsletters.daily]\njoin = false", 1))
    with site_of(room) as site:
        for answer in (site.http.get("/join/daily"), _join(site, "alice@example.com")):
            assert answer.status_code == 404
            assert "No sign-ups here" in read(answer)
        assert site.http.get("/join/daily/form.html").status_code == 404
        assert "The Harbour Post" not in read(site.http.get("/")).removeprefix("The Harbour Post")
        assert site.http.get("/join/no-such").status_code == 404
        assert _join(site, "alice@example.com", newsletter="no-such").status_code == 404
        assert site.mail() == []
    room.app.close()


def test_the_front_page_shows_what_there_is_to_join(site: Site) -> None:
    page = site.http.get("/")

    assert "The Harbour Post" in read(page)
    assert 'href="./join/weekend"' in page.text


def test_the_form_for_other_pages_posts_to_ours_and_brings_nothing_along(site: Site) -> None:
    from lxml import html

    answer = site.http.get("/join/daily/form.html")

    form = html.fragment_fromstring(answer.text, create_parent="div").find("form")
    assert form is not None
    assert form.get("action") == "https://digest.harbour.example/join/daily"
    fields = {field.get("name"): field.get("value") or "" for field in form.iter("input")}
    assert set(fields) == {"form", "address", "name", "homepage"}
    assert not any(word in answer.text for word in ("<script", "<link", "src=", "<img"))
    joined = site.http.post("/join/daily", data=fields | {"address": "alice@example.com"})
    assert joined.status_code == 200
    assert len(site.mail()) == 1


def test_a_mail_that_nobody_could_send_is_written_down_with_its_reason(site: Site, clock: Clock) -> None:
    _join(site, "alice@example.com")
    clock.turn(days=2)

    assert site.mail() == []
    with site.room.app.database.read() as conn:
        [notice] = outgoing.listed(conn)
    assert (notice.state, notice.reason) == ("skipped", "too late")
