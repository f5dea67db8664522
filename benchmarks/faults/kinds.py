"""Every kind of fault: how it begins, how it ends, and how many batches it may leave in doubt."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, Literal

import sqlalchemy as sa

import subscribers
from benchmarks.faults.crew import Member
from benchmarks.faults.points import POINTS, REQUEST, WHENS, Lead, Point, When
from benchmarks.faults.stage import LEASE, Stage
from benchmarks.faults.worker import Act, At, Clock, Files

Phase = Literal["opening", "middle", "closing"]
BOTH = ("sqlite", "postgresql")


@dataclass(eq=False, kw_only=True)
class Ongoing:
    """A fault that has begun."""

    #: Ends it; how often it struck.
    end: Callable[[], int]
    #: Seconds after which it is ended.
    lasts: float
    #: It is over already.
    is_done: Callable[[], bool] = lambda: False
    #: It lasts until all that is uncertain was settled: what comes then comes late.
    till_settled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    name: str
    #: None when it cannot begin now.
    begin: Callable[[Stage, Random], Ongoing | None]
    phase: Phase = "middle"
    on: tuple[str, ...] = BOTH
    #: Its strikes are killed processes.
    kills: bool = False
    #: Batches that one strike may leave in doubt: calls that are in the air at that moment.
    in_doubt: Callable[[Stage], int] = lambda _: 0
    #: Why it is left out on this machine; empty when it is not.
    missing: Callable[[Stage], str] = lambda _: ""


def _calls_of_one(stage: Stage) -> int:
    return stage.threads


def _calls_of_all(stage: Stage) -> int:
    return stage.threads * stage.crew.count


def _one_call(_: Stage) -> int:
    return 1


# --- Processes ---------------------------------------------------------------------------------------------


def _free(stage: Stage, chance: Random) -> Member | None:
    """A member that no other fault has its hands on."""
    stage.crew.mend()
    free = [member for member in stage.crew.members if not member.is_meant]
    return chance.choice(free) if free else None


def _killed(stage: Stage, chance: Random) -> Ongoing | None:
    member = _free(stage, chance)
    if member is None:
        return None
    member.process.kill()
    member.process.join()
    return Ongoing(end=lambda: 1, lasts=0)


def _all_killed(stage: Stage, _: Random) -> Ongoing | None:
    members = [member for member in stage.crew.members if not member.is_meant]
    for member in members:
        member.signal(signal.SIGKILL)
    for member in members:
        member.process.join()
    return Ongoing(end=lambda: len(members), lasts=0)


def _told_to_end(stage: Stage, chance: Random) -> Ongoing | None:
    member = _free(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.signal(signal.SIGTERM)
    return Ongoing(end=lambda: 1, lasts=10, is_done=lambda: not member.is_alive)


def _asleep(stage: Stage, chance: Random) -> Ongoing | None:
    """Stopped beyond its lease, and then going on as if nothing had been."""
    member = _free(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.signal(signal.SIGSTOP)
    stage.crew.put_aside(member)
    return Ongoing(end=lambda: _woken(stage, member), lasts=LEASE + 1.5)


def _asleep_after(step: str, *, till_settled: bool) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        member = _free(stage, chance)
        if member is None:
            return None
        member.is_meant = True
        member.tell(At(when="after", step=step, act="sleep"))
        end = time.monotonic() + 4
        while not member.is_asleep and time.monotonic() < end and member.is_alive:
            time.sleep(0.02)
        if not member.is_asleep:
            _release(member)
            return None
        stage.crew.put_aside(member)
        return Ongoing(end=lambda: _woken(stage, member), lasts=LEASE + 1.5, till_settled=till_settled)

    return begin


def _woken(stage: Stage, member: Member) -> int:
    stage.crew.wake(member)
    return 1


def _release(member: Member) -> None:
    member.tell(None)
    member.is_meant = False


def _wrong_clock(*, forward: bool) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        member = _free(stage, chance)
        if member is None:
            return None
        member.is_meant = True
        seconds = chance.choice([5, 400, 4000, 14_000])
        member.tell(Clock(seconds=seconds if forward else -seconds))

        def end() -> int:
            _release(member)
            return 1

        return Ongoing(end=end, lasts=chance.uniform(1, 3))

    return begin


PROCESSES = (
    Kind(name="killed at a random moment", begin=_killed, kills=True, in_doubt=_calls_of_one),
    Kind(name="all killed at once", begin=_all_killed, kills=True, in_doubt=_calls_of_one),
    Kind(name="told to end (SIGTERM)", begin=_told_to_end),
    Kind(name="asleep beyond its lease", begin=_asleep, in_doubt=_calls_of_one),
    Kind(
        name="asleep before the request, beyond its lease",
        begin=_asleep_after("call", till_settled=False),
        in_doubt=_calls_of_one,
    ),
    Kind(
        name="asleep before the request, till all is settled",
        begin=_asleep_after("call", till_settled=True),
        in_doubt=_calls_of_one,
    ),
    Kind(
        name="asleep with the answer in hand, till all is settled",
        begin=_asleep_after(REQUEST, till_settled=True),
        in_doubt=_calls_of_one,
    ),
    Kind(name="clock ahead", begin=_wrong_clock(forward=True), in_doubt=_calls_of_all),
    Kind(name="clock behind", begin=_wrong_clock(forward=False), in_doubt=_calls_of_all),
)

# --- SES ---------------------------------------------------------------------------------------------------

_NUMBERS = itertools.count(1)


def _order(stage: Stage, **fields: Any) -> Callable[[], int]:
    """Have the double fail; what is returned takes it back and says how often it struck."""
    name = f"fault {next(_NUMBERS)}"
    stage.ses.ask("faults", {"name": name, **fields})
    return lambda: int(stage.ses.ask("faults", {"name": name}, method="DELETE")["struck"])


def _spoilt(times: tuple[int, ...] = (1, 1, 2), **fields: Any) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        end = _order(stage, times=chance.choice(times), every=chance.choice((1, 2)), **fields)
        return Ongoing(end=end, lasts=2.0)

    return begin


def _entries(status: str, share: float) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        struck = [address for address in stage.invited if chance.random() < share]
        fields = {"kind": "entries", "operation": "SendBulkEmail", "times": chance.choice((1, 2, 4))}
        return Ongoing(end=_order(stage, entries=dict.fromkeys(struck, status), **fields), lasts=2.0)

    return begin


def _account(lasts: tuple[float, float], **fields: Any) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        stage.was_stopped = False
        stage.ses.ask("account", fields)
        return Ongoing(end=lambda: _well(stage), lasts=chance.uniform(*lasts))

    return begin


def _quota_gone(stage: Stage, chance: Random) -> Ongoing | None:
    stage.was_stopped = False
    stage.ses.ask("account", {"quota": stage.ses.ask("stats")["last_day"] + chance.choice((0, 30, 130))})
    return Ongoing(end=lambda: _well(stage), lasts=chance.uniform(1, 3))


def _well(stage: Stage) -> int:
    stage.ses.mend()
    return int(stage.was_stopped)


def _slower(stage: Stage, chance: Random) -> Ongoing | None:
    stage.ses.ask("account", {"rate": stage.ses.rate / chance.choice((2, 4))})
    before = stage.ses.ask("stats")["throttled"]

    def end() -> int:
        stage.ses.mend()
        return int(stage.ses.ask("stats")["throttled"] > before)

    return Ongoing(end=end, lasts=chance.uniform(1, 3))


_RATE = {"code": "TooManyRequestsException", "message": "Maximum sending rate exceeded."}
_CALLS = {"code": "TooManyRequestsException", "message": "Rate exceeded"}

SES = (
    Kind(name="connection cut after SES accepted", begin=_spoilt(kind="drop"), in_doubt=_one_call),
    Kind(name="no answer in time", begin=_spoilt(kind="silence"), in_doubt=_one_call),
    Kind(name="500 after SES accepted", begin=_spoilt(kind="error"), in_doubt=_one_call),
    Kind(name="unreadable answer", begin=_spoilt(kind="garble"), in_doubt=_one_call),
    Kind(name="answer too short", begin=_spoilt(kind="short"), in_doubt=_one_call),
    Kind(name="connection closed, nothing accepted", begin=_spoilt(kind="close"), in_doubt=_one_call),
    Kind(
        name="503, nothing accepted",
        begin=_spoilt(kind="refuse", code="ServiceUnavailable", status=503),
        in_doubt=_one_call,
    ),
    Kind(name="throttled: rate", begin=_spoilt((1, 2, 3), kind="refuse", **_RATE)),
    Kind(name="throttled: calls", begin=_spoilt((1,), kind="refuse", operation="SendBulkEmail", **_CALLS)),
    Kind(name="rate lowered for a while", begin=_slower),
    Kind(name="an error that nobody knows", begin=_spoilt((1,), kind="refuse", code="StrangeException", status=400)),
    Kind(name="credentials refused", begin=_spoilt((1,), kind="refuse", code="ExpiredTokenException", status=403)),
    Kind(name="account paused and resumed", begin=_account((0.5, 2.0), sending_enabled=False)),
    Kind(name="account suspended and back", begin=_account((0.5, 2.0), enforcement="SHUTDOWN")),
    Kind(name="daily quota gone and back", begin=_quota_gone),
    *(
        Kind(name=f"entries: {status}", begin=_entries(status, share))
        for status, share in (
            ("ACCOUNT_THROTTLED", 0.3),
            ("TRANSIENT_FAILURE", 0.3),
            ("FAILED", 0.1),
            ("ACCOUNT_DAILY_QUOTA_EXCEEDED", 0.3),
            ("ACCOUNT_SENDING_PAUSED", 0.3),
            ("MESSAGE_REJECTED", 0.02),
            ("SOMETHING_NEW", 0.05),
        )
    ),
)

# --- The database ------------------------------------------------------------------------------------------


def _locked(stage: Stage, chance: Random) -> Ongoing | None:
    seconds = chance.uniform(0.5, 2.5)
    stage.blind += 1
    holder = threading.Thread(target=_hold_lock, args=(stage, seconds))
    holder.start()

    def end() -> int:
        holder.join()
        stage.blind -= 1
        return 1

    return Ongoing(end=end, lasts=seconds)


def _hold_lock(stage: Stage, seconds: float) -> None:
    if stage.server is None:
        with contextlib.closing(sqlite3.connect(str(stage.room.app.database.file), timeout=20)) as conn:
            conn.isolation_level = None
            conn.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            conn.execute("ROLLBACK")
        return
    engine = sa.create_engine(stage.room.app.database.url)
    with engine.connect() as conn:
        conn.exec_driver_sql("LOCK TABLE issue, batch, delivery, pace IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
    engine.dispose()


def _disk_full(stage: Stage, chance: Random) -> Ongoing | None:
    """Not a byte is left, and the log of writes was just folded up, so that the next commit needs some."""
    assert stage.disk is not None
    file = stage.room.app.database.file
    with contextlib.closing(sqlite3.connect(str(file), timeout=20)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ballast = stage.disk / "ballast"
    stage.hands_off += 1
    with ballast.open("wb") as full, contextlib.suppress(OSError):
        while left := os.statvfs(stage.disk).f_bavail:
            os.posix_fallocate(full.fileno(), full.seek(0, 2), left * os.statvfs(stage.disk).f_frsize)

    def end() -> int:
        ballast.unlink()
        stage.hands_off -= 1
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0.5, 2.5))


def _file_limit(stage: Stage, chance: Random) -> Ongoing | None:
    """A worker's writes are refused beyond where its files are now, as a quota would."""
    member = _free(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.tell(Files(size=chance.choice((4096, 200_000))))

    def end() -> int:
        _release(member)
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0.5, 2))


def _server(trouble: Callable[[Stage], object]) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, _: Random) -> Ongoing | None:
        trouble(stage)
        return Ongoing(end=lambda: 1, lasts=0)

    return begin


def _restart(how: str) -> Callable[[Stage], object]:
    def restart(stage: Stage) -> None:
        assert stage.server is not None
        stage.server.control("restart", "-m", how)

    return restart


def _cut(stage: Stage) -> None:
    assert stage.server is not None
    stage.server.cut_connections()


def _no_small_disk(stage: Stage) -> str:
    return "" if stage.disk is not None else "no small disk: mounting one takes root"


_PG = ("postgresql",)

DATABASE = (
    Kind(name="database locked for seconds", begin=_locked),
    Kind(name="disk full", begin=_disk_full, on=("sqlite",), in_doubt=_calls_of_all, missing=_no_small_disk),
    Kind(name="file limit reached", begin=_file_limit, on=("sqlite",), in_doubt=_calls_of_one),
    Kind(name="server crashed", begin=_server(_restart("immediate")), on=_PG, in_doubt=_calls_of_all),
    Kind(name="server restarted", begin=_server(_restart("fast")), on=_PG, in_doubt=_calls_of_all),
    Kind(name="connections cut by the server", begin=_server(_cut), on=_PG, in_doubt=_calls_of_all),
)

# --- People ------------------------------------------------------------------------------------------------


def _paused(stage: Stage, chance: Random) -> Ongoing | None:
    if not stage.pause():
        return None
    stage.hands_off += 1

    def end() -> int:
        stage.hands_off -= 1
        stage.resume()
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0, 1))


def _corrected(stage: Stage, _: Random) -> Ongoing | None:
    if not stage.pause():
        return None
    corrected = stage.correct(f"Corrected {next(_NUMBERS)}: the pier")
    stage.resume()
    return Ongoing(end=lambda: int(corrected), lasts=0)


def _some_leave(stage: Stage, chance: Random) -> Ongoing | None:
    """Two readers leave; they are on the roster already."""
    app = stage.room.app
    with app.database.write() as conn:
        for address in chance.sample(stage.invited, 2):
            found = subscribers.find(conn, address)
            if found is not None:
                subscribers.leave(conn, found.id, "daily", at=app.clock(), how="link")
    return Ongoing(end=lambda: 1, lasts=0)


PEOPLE = (
    Kind(name="paused and resumed", begin=_paused),
    Kind(name="corrected on its way", begin=_corrected),
    Kind(name="readers leave", begin=_some_leave),
)

# --- Points ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _lead(stage: Stage, lead: Lead, members: list[Member]) -> Iterator[None]:
    """The trouble that brings a worker to a point."""
    silent = {"operation": "GetAccount", "kind": "refuse", "code": "InternalFailure", "status": 500, "times": 4}
    match lead:
        case "throttle":
            stage.ses.ask("faults", {"kind": "refuse", "times": 2, "name": "lead", **_RATE})
        case "account silent":
            stage.ses.ask("faults", {"name": "lead", **silent})
        case "account":
            stage.ses.ask("account", {"sending_enabled": False})
        case "quota":
            stage.ses.ask("account", {"quota": stage.ses.ask("stats")["last_day"]})
        case "stop at claim":
            for member in members:
                member.tell(At(when="after", step="claim", act="stop"))
        case "hold over":
            stage.hold(timedelta(seconds=0.3))
        case "too late":
            stage.hours_late = 7
    try:
        yield
    finally:
        if lead in ("throttle", "account silent"):
            stage.ses.ask("faults", {"name": "lead"}, method="DELETE")
        if lead in ("account", "quota"):
            stage.ses.mend()


def _at(point: Point, when: When, act: Act = "kill") -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        stage.crew.mend()
        free = [member for member in stage.crew.members if not member.is_meant]
        # What is rare is waited for by all: whoever comes there first dies.
        often = point.phase == "middle" and not point.lead
        members = [chance.choice(free)] if free and often else free
        if not members:
            return None
        for member in members:
            member.is_meant = True
            member.tell(At(when=when, step=point.step, act=act, passing=chance.choice((1, 2, 3)) if often else 1))
        lead = contextlib.ExitStack()
        lead.enter_context(_lead(stage, point.lead, members))

        def end() -> int:
            lead.close()
            for member in members:
                _release(member)
            return sum(not member.is_alive and member.process.exitcode == -signal.SIGKILL for member in members)

        def is_done() -> bool:
            return not any(member.is_alive for member in members) or (
                point.lead != "" and any(not member.is_alive for member in members)
            )

        return Ongoing(end=end, lasts=6.0 if point.phase != "closing" else 60.0, is_done=is_done)

    return begin


AT_POINTS = tuple(
    Kind(
        name=f"killed {when} {point.step}",
        begin=_at(point, when),
        phase=point.phase,
        kills=True,
        in_doubt=_calls_of_one,
    )
    for point in POINTS
    for when in WHENS
)

KINDS: tuple[Kind, ...] = (*AT_POINTS, *PROCESSES, *SES, *DATABASE, *PEOPLE)


class Deck:
    """Kinds in an order that chance decides, each once before any comes again."""

    def __init__(self, stage: Stage, chance: Random) -> None:
        self._stage = stage
        self._chance = chance
        self._left: dict[Phase, list[Kind]] = {"opening": [], "middle": [], "closing": []}

    @property
    def kinds(self) -> list[Kind]:
        on = self._stage.database
        return [kind for kind in KINDS if on in kind.on and not kind.missing(self._stage)]

    def draw(self, phase: Phase) -> Kind:
        left = self._left[phase]
        if not left:
            left.extend(kind for kind in self.kinds if kind.phase == phase)
            self._chance.shuffle(left)
        return left.pop()

    def put_back(self, kind: Kind) -> None:
        """It could not begin, or did not strike: it is due soon, behind some others."""
        left = self._left[kind.phase]
        left.insert(max(0, len(left) - 3), replace(kind))
