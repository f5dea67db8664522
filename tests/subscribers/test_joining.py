"""Joining, confirming, leaving, coming back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Act, Consent, Outcome, Reason, State, Supporter
from tests.subscribers.conftest import NOW, later, mailable, yes


def join(conn: sa.Connection, address: str = "alice@example.org", newsletter: str = "daily") -> int:
    return subscribers.add(conn, address, newsletter=newsletter, consent=yes(), at=NOW).subscriber_id


def test_alice_joins_and_is_mailed(conn: sa.Connection) -> None:
    alice = subscribers.add(
        conn,
        "Alice@Example.org",
        newsletter="daily",
        name="  Alice \n Example ",
        language="en-GB",
        supporter=Supporter.MONTHLY,
        consent=yes(),
        at=NOW,
    )
    assert alice.outcome is Outcome.ADDED
    row = conn.execute(subscribers.audience("daily", at=NOW)).one()
    assert (row.subscriber_id, row.address, row.name) == (alice.subscriber_id, "Alice@example.org", "Alice Example")
    person = subscribers.get(conn, alice.subscriber_id)
    assert (person.language, person.supporter, person.created_at) == ("en", Supporter.MONTHLY, NOW)
    assert subscribers.history(conn, person.id) == (("daily", yes()),)


def test_joining_twice_changes_nothing_the_second_time(conn: sa.Connection) -> None:
    join(conn)
    again = subscribers.add(conn, "ALICE@example.org", newsletter="daily", consent=yes(later()), at=later())
    assert again.outcome is Outcome.UNCHANGED
    assert len(subscribers.history(conn, again.subscriber_id)) == 1
    assert subscribers.get(conn, again.subscriber_id).updated_at == NOW


def test_what_is_empty_or_unknown_does_not_wipe_out_what_we_know(conn: sa.Connection) -> None:
    subscribers.add(
        conn, "bob@example.org", newsletter="daily", name="Bob", supporter=Supporter.MONTHLY, consent=yes(), at=NOW
    )
    join(conn, "bob@example.org")
    bob = subscribers.find(conn, "bob@example.org")
    assert bob is not None
    assert (bob.name, bob.supporter) == ("Bob", Supporter.MONTHLY)


def test_a_new_name_is_an_update(conn: sa.Connection) -> None:
    join(conn)
    told = subscribers.add(conn, "alice@example.org", newsletter="daily", name="Alice", consent=yes(), at=later())
    assert told.outcome is Outcome.UPDATED


def test_a_stranger_at_the_form_cannot_rename_alice(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.add(
        conn,
        "alice@example.org",
        newsletter="daily",
        name="Silly",
        consent=yes(),
        at=later(),
        state=State.UNCONFIRMED,
    )
    assert subscribers.get(conn, alice).name == ""
    assert mailable(conn) == ["alice@example.org"]


def test_leaving_works_once_and_the_first_time_stays(conn: sa.Connection) -> None:
    alice = join(conn)
    assert subscribers.leave(conn, alice, "daily", at=later(1), how="one-click")
    assert not subscribers.leave(conn, alice, "daily", at=later(2), how="link")
    place = subscribers.standing(conn, alice, "daily")
    assert place is not None
    assert (place.state, place.left_at, place.left_how) == (State.LEFT, later(1), "one-click")
    assert [said.act for _, said in subscribers.history(conn, alice)] == [Act.JOINED, Act.LEFT]
    assert mailable(conn) == []


def test_leaving_one_newsletter_does_not_touch_the_other(conn: sa.Connection) -> None:
    alice = join(conn)
    join(conn, newsletter="weekly")
    subscribers.leave(conn, alice, "daily", at=later(), how="link")
    assert mailable(conn, "daily") == []
    assert mailable(conn, "weekly") == ["alice@example.org"]


def test_leaving_what_one_never_joined_is_no_error(conn: sa.Connection) -> None:
    assert not subscribers.leave(conn, 4711, "daily", at=NOW, how="link")


@pytest.mark.parametrize(
    "consent",
    [
        yes(NOW),
        Consent(at=later(9), act=Act.IMPORTED, how="import"),
    ],
    ids=["older than the leaving", "not their own"],
)
def test_who_left_does_not_come_back_without_a_newer_word_of_their_own(conn: sa.Connection, consent: Consent) -> None:
    alice = join(conn)
    subscribers.leave(conn, alice, "daily", at=later(1), how="link")
    with pytest.raises(subscribers.HasLeft, match="left “daily” on 2026-11-23"):
        subscribers.add(conn, "alice@example.org", newsletter="daily", consent=consent, at=later(10))
    with pytest.raises(subscribers.HasLeft):
        subscribers.rejoin(conn, alice, "daily", consent=consent)
    assert mailable(conn) == []


def test_who_left_comes_back_by_their_own_newer_word(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.leave(conn, alice, "daily", at=later(1), how="link")
    back = subscribers.add(conn, "alice@example.org", newsletter="daily", consent=yes(later(2)), at=later(2))
    assert back.outcome is Outcome.REJOINED
    assert mailable(conn) == ["alice@example.org"]
    place = subscribers.standing(conn, alice, "daily")
    assert place is not None
    assert (place.since, place.left_at, place.left_how) == (later(2), None, "")


def test_that_was_a_mistake_brings_bob_back_once(conn: sa.Connection) -> None:
    bob = join(conn, "bob@example.org")
    subscribers.leave(conn, bob, "daily", at=later(1), how="link")
    assert subscribers.rejoin(conn, bob, "daily", consent=yes(later(2)))
    assert not subscribers.rejoin(conn, bob, "daily", consent=yes(later(3)))


@pytest.mark.parametrize("reason", [Reason.BOUNCE, Reason.COMPLAINT, Reason.MANUAL])
def test_a_suppressed_address_is_refused_with_the_reason(conn: sa.Connection, reason: Reason) -> None:
    subscribers.suppress(conn, "Charlie@example.org", reason=reason, at=NOW)
    with pytest.raises(subscribers.AddressSuppressed) as refused:
        join(conn, "charlie@example.org")
    assert refused.value.reason == reason.value
    assert refused.value.exit_code == 4
    assert subscribers.find(conn, "charlie@example.org") is None


def test_the_unconfirmed_are_not_mailed_until_they_confirm(conn: sa.Connection) -> None:
    asked = subscribers.add(
        conn, "dave@example.org", newsletter="daily", consent=yes(), at=NOW, state=State.UNCONFIRMED
    )
    assert mailable(conn) == []
    word = yes(later(), Act.CONFIRMED)
    assert subscribers.confirm(conn, asked.subscriber_id, "daily", consent=word, asked_at=NOW)
    assert not subscribers.confirm(conn, asked.subscriber_id, "daily", consent=word, asked_at=NOW)
    assert mailable(conn) == ["dave@example.org"]


def test_asking_again_after_leaving_waits_for_a_confirmation(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.leave(conn, alice, "daily", at=later(1), how="link")
    asked = subscribers.add(
        conn, "alice@example.org", newsletter="daily", consent=yes(later(2)), at=later(2), state=State.UNCONFIRMED
    )
    assert asked.outcome is Outcome.AWAITS_CONFIRMATION
    assert mailable(conn) == []
    subscribers.confirm(conn, alice, "daily", consent=yes(later(3), Act.CONFIRMED), asked_at=later(2))
    assert mailable(conn) == ["alice@example.org"]


def test_an_old_confirmation_link_does_not_undo_a_leaving(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.leave(conn, alice, "daily", at=later(1), how="link")
    with pytest.raises(subscribers.HasLeft):
        subscribers.confirm(conn, alice, "daily", consent=yes(later(2), Act.CONFIRMED), asked_at=NOW)
    assert mailable(conn) == []


def test_an_unknown_id_is_explained(conn: sa.Connection) -> None:
    with pytest.raises(subscribers.UnknownSubscriber, match="id 99"):
        subscribers.get(conn, 99)


def test_times_without_a_zone_are_refused(conn: sa.Connection) -> None:
    with pytest.raises(sa.exc.StatementError, match="no time zone"):
        subscribers.add(conn, "alice@example.org", newsletter="daily", consent=yes(), at=NOW.replace(tzinfo=None))


def test_preferences_show_and_change_what_alice_gets(conn: sa.Connection) -> None:
    alice = join(conn)
    assert subscribers.set_preferences(
        conn, alice, at=later(), newsletters={"daily": False, "weekly": True}, name="Alice", language="he"
    )
    now = subscribers.preferences(conn, alice)
    assert now.newsletters == {"weekly"}
    assert (now.subscriber.name, now.subscriber.language) == ("Alice", "he")
    assert not subscribers.set_preferences(conn, alice, at=later(2), newsletters={"daily": False, "weekly": True})


def test_preferences_bring_back_what_alice_left(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.leave(conn, alice, "daily", at=later(), how="link")
    subscribers.set_preferences(conn, alice, at=later(2), newsletters={"daily": True})
    assert mailable(conn) == ["alice@example.org"]


def test_preferences_say_why_nothing_arrives(conn: sa.Connection) -> None:
    alice = join(conn)
    subscribers.suppress(conn, "alice@example.org", reason=Reason.BOUNCE, at=NOW, detail="mailbox is full")
    held = subscribers.preferences(conn, alice).suppressed
    assert held is not None
    assert held.detail == "mailbox is full"
    with pytest.raises(subscribers.AddressSuppressed):
        subscribers.set_preferences(conn, alice, at=later(), newsletters={"weekly": True})
