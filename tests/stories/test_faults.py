"""Workers are killed and everything around them fails: the harness of `benchmarks.faults`, for a short while.

The long run is `python -m benchmarks.faults`; what came of it stands in docs/benchmarks.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from benchmarks.faults.account import SES
from benchmarks.faults.compare import Entry, Taken, Verdict, compare
from benchmarks.faults.deck import KINDS, Deck
from benchmarks.faults.points import ELSEWHERE, POINTS, REQUEST
from benchmarks.faults.rounds import Report, Round, play_rounds
from benchmarks.faults.stage import stage
from benchmarks.faults.table import by_kind, summary
from digest.model import DeliveryState

ROOT = Path(__file__).parents[2]
NAMES = ("alice", "bob", "chloe")

# --- For a short while -------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_fails_nobody_is_lost_and_nobody_is_mailed_twice(database: str) -> None:
    with stage(database, workers=3, readers=1000, rate=500) as there:
        reports = play_rounds(there, faults=6, seed=20261122, gap=0.2, tell=lambda _: None)

    assert sum(report.faults.total() for report in reports) >= 6
    assert sum(report.kills for report in reports) > 0, "nobody was killed: the test proves nothing"
    assert [report.as_dict() for report in reports if not report.is_clean] == []
    assert f"| {database} | 3 | {len(reports)} |" in summary(reports)
    assert all(name in by_kind(reports) for report in reports for name in report.faults)


def test_a_mailer_that_repeats_a_request_whose_answer_was_lost_is_found_out() -> None:
    """As boto3 left alone would. The harness can fail."""
    (lost,) = [kind for kind in SES if kind.name == "connection cut after SES accepted"]
    with stage("sqlite", workers=1, readers=600, rate=500, repeats=True) as there:
        deck = Deck(there, Random(1), kinds=[lost])
        report = Report(number=1, database="sqlite", workers=1, seed=1)
        Round(there, deck, Random(1), report, gap=0.1).play()

    assert report.after is not None
    assert "was taken 2 times" in report.after.twice.values()
    assert not report.is_clean


# --- Nothing is left out -----------------------------------------------------------------------------------


def test_whoever_sends_can_be_killed_at_every_commit_by_its_name() -> None:
    modules = sorted((ROOT / "digest" / "worker").glob("*.py"))
    modules += [ROOT / "digest" / "deliver" / f"{name}.py" for name in ("allowance", "call", "lanes", "pump", "run")]
    found = [re.findall(r"_db\.write\((?:\"([^\"]*)\")?", module.read_text("utf-8")) for module in modules]

    assert {step for steps in found for step in steps} == {point.step for point in POINTS} - {REQUEST} | ELSEWHERE


def test_every_point_has_its_deaths_and_every_fault_a_name_of_its_own() -> None:
    names = [kind.name for kind in KINDS]

    assert len(names) == len(set(names))
    for point in POINTS:
        assert {f"killed before {point.step}", f"killed after {point.step}"} <= set(names)


# --- The ledger against SES --------------------------------------------------------------------------------


def entry(position: int, state: DeliveryState, message_id: str = "", subject: str = "") -> Entry:
    address = f"{NAMES[position - 1]}@example.com"
    return Entry(
        position=position, address=address, state=state, message_id=message_id, subject=subject, batch=position
    )


def taken(position: int, message_id: str = "1", subject: str = "") -> Taken:
    address = f"{NAMES[position - 1]}@example.com"
    return Taken(position=position, address=address, message_id=message_id, subject=subject)


def judged(ledger: list[Entry], mails: list[Taken]) -> Verdict:
    return compare([f"{name}@example.com" for name in NAMES[: len(ledger)]], ledger, mails)


def test_who_is_accepted_on_both_sides_is_fine_and_so_is_who_is_uncertain() -> None:
    verdict = judged(
        [entry(1, DeliveryState.ACCEPTED, "1"), entry(2, DeliveryState.UNCERTAIN), entry(3, DeliveryState.UNCERTAIN)],
        [taken(1), taken(2)],
    )

    assert verdict.is_clean
    assert (verdict.uncertain, verdict.truly_accepted, verdict.uncertain_batches) == (2, 1, 2)


def test_alice_who_is_planned_in_a_finished_issue_is_lost() -> None:
    verdict = judged([entry(1, DeliveryState.PLANNED)], [])

    assert verdict.lost == {"alice@example.com": "is planned although the issue is finished"}


def test_alice_who_was_to_get_it_and_is_not_on_the_roster_is_lost() -> None:
    assert compare(["alice@example.com"], [], []).lost == {"alice@example.com": "is not on the roster"}


def test_alice_whom_ses_took_twice_is_mailed_twice_even_if_the_ledger_is_in_doubt() -> None:
    assert judged([entry(1, DeliveryState.UNCERTAIN)], [taken(1, "1"), taken(1, "2")]).twice == {
        "alice@example.com": "was taken 2 times"
    }


@pytest.mark.parametrize(
    ("said", "mails", "lie"),
    [
        (entry(1, DeliveryState.ACCEPTED, "1"), [], "is accepted, and SES never took it"),
        (entry(1, DeliveryState.ACCEPTED, "9"), [taken(1)], "is accepted as 9, which SES does not know"),
        (entry(1, DeliveryState.SKIPPED), [taken(1)], "is skipped, and SES took it"),
        (entry(1, DeliveryState.REFUSED), [taken(1)], "is refused, and SES took it"),
        (
            entry(1, DeliveryState.ACCEPTED, "1", "Right"),
            [taken(1, "1", "Wrong")],
            "is said to have got “Right”, and SES took “Wrong”",
        ),
    ],
)
def test_the_ledger_says_of_alice_what_is_not_so(said: Entry, mails: list[Taken], lie: str) -> None:
    assert judged([said], mails).lies == {"alice@example.com": lie}


def test_bob_who_was_mailed_in_alices_place_is_a_lie() -> None:
    mail = Taken(position=1, address="bob@example.com", message_id="1", subject="")

    assert judged([entry(1, DeliveryState.ACCEPTED, "1")], [mail]).lies == {
        "alice@example.com": "is accepted, and SES took it for bob@example.com"
    }


def test_chloe_who_is_on_no_roster_and_was_mailed_is_a_lie() -> None:
    assert judged([], [taken(3)]).lies == {"chloe@example.com": "was mailed and is not on the roster"}
