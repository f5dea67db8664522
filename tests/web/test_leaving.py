"""Leaving: one click in a mail program, the button on the page, and everything that could keep a reader from it."""

from __future__ import annotations

from pathlib import Path

import httpx

import subscribers
from digest.model import DeliveryState
from digest.store import deliveries
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import Site, read, site_of


def _state(room: Newsroom, subscriber_id: int, newsletter: str = "daily") -> str:
    with room.app.database.read() as conn:
        place = subscribers.standing(conn, subscriber_id, newsletter)
    return place.state if place else "never joined"


def test_one_click_leaves_without_a_redirect_or_a_cookie(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = site.one_click(site.leave_link(alice))

    assert answer.status_code == 200
    assert not answer.history
    assert "set-cookie" not in answer.headers
    assert "You will get no more mail from The Harbour Post." in read(answer)
    assert _state(site.room, alice) == "left"


def test_one_click_may_come_as_multipart(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    answer = site.http.post(site.leave_link(alice), files={"List-Unsubscribe": (None, "One-Click")})

    assert answer.request.headers["content-type"].startswith("multipart/form-data")
    assert answer.status_code == 200
    assert _state(site.room, alice) == "left"


def test_one_click_may_come_with_an_empty_body(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    assert site.http.post(site.leave_link(alice)).status_code == 200
    assert _state(site.room, alice) == "left"


def test_leaving_twice_is_as_good_as_once(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    first = site.one_click(site.leave_link(alice))
    stored = site.everything_stored()

    again = site.one_click(site.leave_link(alice))

    assert (again.status_code, read(again)) == (200, read(first))
    assert site.everything_stored() == stored, "the first leaving's time and way stay"


def test_leaving_one_newsletter_leaves_the_others(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.room.subscribe("Alice", newsletter="weekend")

    site.one_click(site.leave_link(alice, "weekend"))

    assert _state(site.room, alice, "weekend") == "left"
    assert _state(site.room, alice, "daily") == "active"


def test_the_page_asks_before_it_leaves_and_says_whom_it_is_about(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    page = site.http.get(site.leave_link(alice))

    assert "Stop sending The Harbour Post to alice@example.com?" in read(page)
    assert '<form method="post">' in page.text
    assert _state(site.room, alice) == "active"


def test_looking_changes_nothing(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    issue = site.room.approved()
    stored = site.everything_stored()

    for method in ("GET", "HEAD", "OPTIONS"):
        for link in (site.leave_link(alice), site.preferences_link(alice), site.view_link(issue), "/", "/health"):
            site.http.request(method, link)

    assert site.everything_stored() == stored


def test_a_scanner_that_follows_every_link_of_every_page_changes_nothing(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    issue = site.room.approved()
    stored = site.everything_stored()

    met, to_open = set(), [site.leave_link(alice), site.preferences_link(alice), site.view_link(issue)]
    while to_open:
        url = site.http.base_url.join(to_open.pop())
        if url in met or url.host != "127.0.0.1":
            continue
        met.add(url)
        page = site.http.get(url, follow_redirects=True)
        to_open += [str(page.url.join(link)) for link in _links(page)]

    assert len(met) >= 3
    assert site.everything_stored() == stored


def _links(page: httpx.Response) -> list[str]:
    from lxml import html

    return [str(link) for link in html.document_fromstring(page.text).xpath("//a/@href | //form/@action | //img/@src")]


HUNG_ON = ["/", ".", ")", ">", "%3E", "*", "_", "…", "%20", "%0A", "=", "?utm_source=mail", ".)", "/?x=1", "\u200b"]


def test_what_mail_programs_hang_onto_a_link_does_not_keep_anybody_from_leaving(site: Site) -> None:
    readers = site.room.subscribe(*(f"Alice{at}" for at in range(len(HUNG_ON))))

    for alice, hung_on in zip(readers, HUNG_ON, strict=True):
        assert site.one_click(site.leave_link(alice) + hung_on).status_code == 200, hung_on
        assert _state(site.room, alice) == "left", hung_on


def test_a_link_broken_by_quoted_printable_still_leaves(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    link = site.leave_link(alice)

    # Browsers take the line break out of an address themselves; the `=` before it stays.
    site.one_click(f"{link[:30]}={link[30:]}")

    assert _state(site.room, alice) == "left"


def test_a_link_that_is_not_ours_leaves_nobody_and_says_so_kindly(site: Site) -> None:
    alice, bob = site.room.subscribe("Alice", "Bob")
    link = site.leave_link(alice)
    stored = site.everything_stored()

    for forged in (
        link[:-1],
        link.replace(f"/{alice}.", f"/{bob}."),  # Bob's number before Alice's signature
        link.replace(".daily.", ".weekend."),
        site.preferences_link(alice).replace("/preferences/", "/leave/"),
        "/leave/nonsense",
        "/leave/",
        "/leave/%00",
        "/leave/" + "9" * 5000,
    ):
        for answer in (site.one_click(forged), site.http.get(forged)):
            assert answer.status_code == 404, forged
            assert "Open it from the email again, or copy all of it." in read(answer)
            assert "@example.com" not in answer.text
    assert site.everything_stored() == stored


def test_links_signed_with_the_key_before_the_last_still_work(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    old = site.leave_link(alice)
    site.room.environment["DIGEST_SECRET_KEY"] = f"a newer key for tests,{site.room.environment['DIGEST_SECRET_KEY']}"
    site.room.app.close()
    site.room.app = site.room.open()

    with site_of(site.room) as rotated:
        assert rotated.leave_link(alice) != old
        assert rotated.one_click(old).status_code == 200
    assert _state(site.room, alice) == "left"


def test_links_signed_with_a_key_that_is_gone_do_not_work(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    old = site.leave_link(alice)
    site.room.environment["DIGEST_SECRET_KEY"] = "a newer key for tests"
    site.room.app.close()
    site.room.app = site.room.open()

    with site_of(site.room) as rotated:
        assert rotated.one_click(old).status_code == 404


def test_whoever_was_forgotten_is_told_that_nothing_is_left_to_do(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    with site.room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=site.room.app.clock())

    for answer in (
        site.one_click(site.leave_link(alice)),
        site.http.get(site.leave_link(alice)),
        site.http.get(site.preferences_link(alice)),
        site.http.post(site.preferences_link(alice), data={"newsletter": "daily"}),
    ):
        assert answer.status_code == 200
        assert "You are not on our list" in read(answer)
        assert "alice" not in answer.text


def test_a_newsletter_that_is_no_longer_declared_can_still_be_left(site: Site) -> None:
    [alice] = site.room.subscribe("Alice", newsletter="evening")

    page = site.http.get(site.leave_link(alice, "evening"))
    answer = site.one_click(site.leave_link(alice, "evening"))

    assert "Stop sending evening to alice@example.com?" in read(page)
    assert answer.status_code == 200
    assert _state(site.room, alice, "evening") == "left"


def test_links_of_a_test_message_say_that_it_is_one(site: Site) -> None:
    for answer in (
        site.http.get(site.leave_link(0)),
        site.one_click(site.leave_link(0)),
        site.http.get(site.preferences_link(0)),
        site.http.post(site.preferences_link(0)),
    ):
        assert answer.status_code == 200
        assert "This is a test message" in read(answer)


def test_names_and_addresses_are_text_and_never_markup(tmp_path: Path) -> None:
    settings = SETTINGS.replace('"The Harbour Post"', '"<b>Fish & Chips</b> \\"daily\\""')
    room = Newsroom(tmp_path, settings=settings)
    [alice] = room.subscribe("o'Hara&Sons")

    with site_of(room) as site:
        page = site.http.get(site.leave_link(alice))
        choices = site.http.get(site.preferences_link(alice))
    room.app.close()

    assert "<b>Fish" not in page.text + choices.text
    assert 'Stop sending <b>Fish & Chips</b> "daily" to o\'hara&sons@example.com?' in read(page)
    assert '<b>Fish & Chips</b> "daily"' in read(choices)


def test_who_left_does_not_get_the_next_issue(site: Site) -> None:
    alice, _bob = site.room.subscribe("Alice", "Bob")
    site.one_click(site.leave_link(alice))

    issue = site.room.frozen()
    site.room.deliver(issue)

    with site.room.app.database.read() as conn:
        assert [row.address for row in deliveries.listed(conn, issue.id)] == ["bob@example.com"]


def test_who_leaves_after_the_freeze_is_skipped_and_the_ledger_says_why(site: Site) -> None:
    alice, _bob = site.room.subscribe("Alice", "Bob")
    issue = site.room.frozen()

    site.one_click(site.leave_link(alice))
    site.room.deliver(issue)

    with site.room.app.database.read() as conn:
        rows = {row.address: (row.state, row.reason) for row in deliveries.listed(conn, issue.id)}
    assert rows == {
        "alice@example.com": (DeliveryState.SKIPPED, "left"),
        "bob@example.com": (DeliveryState.ACCEPTED, ""),
    }


def test_the_link_that_a_real_message_carries_leaves(site: Site) -> None:
    from email import message_from_bytes, policy

    site.room.subscribe("Alice")
    site.room.deliver(site.room.frozen())
    [eml] = site.room.app.settings.path("paths.outbox").rglob("*.eml")
    message = message_from_bytes(eml.read_bytes(), policy=policy.default)

    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip("<>").removeprefix("https://digest.harbour.example")
    assert site.one_click(link).status_code == 200
    with site.room.app.database.read() as conn:
        assert subscribers.counts(conn, "daily", at=site.room.app.clock()).left == 1


# --- Afterwards ----------------------------------------------------------------------------------------------


def _place(room: Newsroom, subscriber_id: int) -> subscribers.Subscription:
    with room.app.database.read() as conn:
        [place] = [p for p in subscribers.preferences(conn, subscriber_id).subscriptions if p.newsletter == "daily"]
    return place


def _path(link: str, path: str) -> str:
    """The page of another purpose for the same token."""
    return link.replace("/leave/", f"/{path}/")


def test_who_leaves_on_our_page_gets_a_last_mail_with_a_way_back(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    site.post(site.leave_link(alice), form="leave")

    [mail] = site.mail()
    assert (mail["To"], mail["Subject"]) == ("alice@example.com", "You have left The Harbour Post")
    page = site.http.get(site.link_in(mail, "/back"))
    assert "Send The Harbour Post to alice@example.com?" in read(page)
    assert _state(site.room, alice) == "left", "a scanner brings nobody back"


def test_one_click_in_a_mail_program_is_answered_by_no_mail(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    site.one_click(site.leave_link(alice))

    assert _state(site.room, alice) == "left"
    assert site.mail() == []


def test_a_newsletter_may_do_without_the_last_mail(tmp_path: Path) -> None:
    room = Newsroom(
        tmp_path, settings=SETTINGS.replace("[newsletters.daily]", "[newsletters.daily]\ngoodbye = false", 1)
    )
    [alice] = room.subscribe("Alice")
    with site_of(room) as site:
        site.post(site.leave_link(alice), form="leave")
        assert site.mail() == []
    room.app.close()


def test_nobody_is_sent_a_goodbye_after_coming_back_at_once(site: Site) -> None:
    site.room.clock = Clock()
    [alice] = site.room.subscribe("Alice")
    site.room.clock.turn(minutes=1)
    site.post(site.leave_link(alice), form="leave")
    site.room.clock.turn(seconds=1)

    answer = site.post(_path(site.leave_link(alice), "back"), form="back")

    assert "The Harbour Post comes to alice@example.com again." in read(answer)
    assert _state(site.room, alice) == "active"
    assert site.mail() == []


def test_leaving_and_coming_back_in_turns_sends_no_flood(site: Site) -> None:
    site.room.clock = Clock()
    [alice] = site.room.subscribe("Alice")
    for _ in range(12):
        site.room.clock.turn(seconds=1)
        site.post(site.leave_link(alice), form="leave")
        site.mail()
        site.room.clock.turn(seconds=1)
        site.post(_path(site.leave_link(alice), "back"), form="back")

    assert len(site.mail()) == 5


def test_coming_back_takes_our_button_and_a_page_shows_it(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.one_click(site.leave_link(alice))
    back = _path(site.leave_link(alice), "back")

    for answer in (site.http.get(back), site.http.post(back), site.one_click(back)):
        assert "Come back?" in read(answer)
    assert _state(site.room, alice) == "left"


def test_a_suppressed_reader_who_comes_back_learns_why_not(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.one_click(site.leave_link(alice))
    with site.room.app.database.write() as conn:
        reason = subscribers.Reason.COMPLAINT
        subscribers.suppress(conn, "alice@example.com", reason=reason, at=site.room.app.clock(), detail="test")

    answer = site.post(_path(site.leave_link(alice), "back"), form="back")

    assert "reported as spam" in read(answer)
    assert _state(site.room, alice) == "left"


def test_somebody_who_never_confirmed_is_not_confirmed_by_coming_back(site: Site) -> None:
    site.post("/join/daily", form="join", address="alice@example.com")
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, "alice@example.com")
    assert person is not None

    site.post(_path(site.leave_link(person.id), "back"), form="back")

    assert _state(site.room, person.id) == "unconfirmed"


def test_why_somebody_left_is_asked_and_kept(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    page = site.one_click(site.leave_link(alice))
    assert "Would you tell us why?" in read(page)

    answer = site.post(_path(site.leave_link(alice), "why"), form="why", why="too-many", words="  Two a\nday\x00! ")

    assert "We read every answer." in read(answer)
    assert _place(site.room, alice).left_why == "too-many: Two a day!"


def test_an_answer_may_be_words_alone_and_is_not_endless(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    site.one_click(site.leave_link(alice))
    why = _path(site.leave_link(alice), "why")

    site.post(why, form="why", why="<b>", words="é" * 3000)

    assert _place(site.room, alice).left_why == "é" * 500
    assert site.post(why, form="why", words="é" * 15_000).status_code == 413


def test_only_who_has_left_is_asked_why(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    site.post(_path(site.leave_link(alice), "why"), form="why", why="too-many")

    assert _place(site.room, alice).left_why == ""


def test_coming_back_forgets_why_somebody_left(site: Site) -> None:
    site.room.clock = Clock()
    [alice] = site.room.subscribe("Alice")
    site.room.clock.turn(minutes=1)
    site.one_click(site.leave_link(alice))
    site.post(_path(site.leave_link(alice), "why"), form="why", why="too-many")
    site.room.clock.turn(minutes=1)

    site.post(_path(site.leave_link(alice), "back"), form="back")

    assert _place(site.room, alice).left_why == ""
