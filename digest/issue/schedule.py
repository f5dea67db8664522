"""When: local times and cadences of a newsletter, understood in its own time zone, also around clock changes.

Everything is a pure function of its arguments; "now" is one of them. Results are aware and in UTC unless said.
Cadences are computed with cronsim, which fires once on the night that an hour happens twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from digest.errors import UsageMistake

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {"daily": "*", "weekdays": "1-5", "weekends": "6,0"}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_EXAMPLES = "write it as 'weekdays 06:00', 'mon,thu 17:30 Europe/Paris', 'monthly 1 09:00' or a cron line '0 6 * * 1-5'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cadence:
    """When a newsletter's issues are due."""

    #: Five cron fields, in local time.
    cron: str
    #: IANA zone named by the cadence itself; empty for the newsletter's.
    timezone: str = ""

    def slots(self, after: datetime, timezone: str) -> Iterator[datetime]:
        """The moments after `after` (aware) at which an issue is due, in UTC, without end."""
        from cronsim import CronSim

        local = after.astimezone(ZoneInfo(self.timezone or timezone))
        for moment in CronSim(self.cron, local):
            # In the hour that happens twice, cronsim counts from its first round.
            if moment.astimezone(UTC) > after:
                yield moment.astimezone(UTC)

    def next(self, after: datetime, timezone: str) -> datetime:
        return next(self.slots(after, timezone))


def read_cadence(text: str) -> Cadence:
    """A cadence as people write it. Raises ValueError, whose message says how it is written."""
    from cronsim import CronSim, CronSimError

    words = re.sub(r"\s*,\s*", ",", text).split()
    zone = words.pop() if words and _is_zone(words[-1]) else ""
    cron = " ".join(words) if len(words) == 5 else _cron(words)
    try:
        next(CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError(f"is no cadence that ever comes due; {_EXAMPLES}") from None
    return Cadence(cron=cron, timezone=zone)


def _cron(words: list[str]) -> str:
    mistake = ValueError(f"is not a cadence; {_EXAMPLES}")
    if len(words) < 2 or not (clock := _CLOCK.fullmatch(words[-1])):
        raise mistake
    hour, minute = int(clock[1]), int(clock[2])
    match [word.lower() for word in words[:-1]]:
        case [group] if group in _GROUPS:
            return f"{minute} {hour} * * {_GROUPS[group]}"
        case ["weekly", days] | [days] if all(day in _DAYS or day in _FULL_DAYS for day in days.split(",")):
            numbers = sorted({(_DAYS.index(day[:3]) + 1) % 7 for day in days.split(",")})
            return f"{minute} {hour} * * {','.join(map(str, numbers))}"
        case ["monthly", day] if day.isdigit() and 1 <= int(day) <= 28:
            return f"{minute} {hour} {day} * *"
    raise mistake


def _is_zone(word: str) -> bool:
    if "/" not in word and word != "UTC":
        return False
    try:
        ZoneInfo(word)
    except (KeyError, ValueError, OSError):
        return False
    return True


_AT = re.compile(
    rf"(?:(\d{{4}}-\d{{2}}-\d{{2}}|today|tomorrow|{'|'.join(_FULL_DAYS + _DAYS)})[T ]+)?(\d{{1,2}}:\d{{2}})(?::00)?",
    re.IGNORECASE,
)
_MISTAKE = "Write it as '2026-11-29 06:00', 'tomorrow 06:00', 'mon 06:00' or '06:00', in the newsletter's zone."


def read_at(text: str, *, timezone: str, now: datetime, which: Literal["first", "second"] | None = None) -> datetime:
    """The moment that `text` means in `timezone`, in UTC.

    `text` is a local time ("2026-11-29 06:00", "tomorrow 06:00", "mon 06:00", "06:00") or an ISO 8601 time with its
    own offset. A time that the clock skips, one that happens twice (unless `which` says which), and one that is past
    raise UsageMistake, which explains and proposes.
    """
    try:
        moment = (_with_offset(text) or _local(text, timezone, now, which)).astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        raise UsageMistake(f"{text!r} is not a time.", hint=_MISTAKE) from None
    if moment <= now:
        raise UsageMistake(
            f"{describe(moment, timezone)} is in the past; it is now {describe(now, timezone)}.",
            hint="Give a later time, or send at once with `digest send ID --now`.",
        )
    return moment


def _with_offset(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _local(text: str, timezone: str, now: datetime, which: str | None) -> datetime:
    zone = ZoneInfo(timezone)
    naive = _naive(text, now.astimezone(zone))
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        before, after = second.astimezone(UTC).astimezone(zone), first.astimezone(UTC).astimezone(zone)
        raise UsageMistake(
            f"{naive:%H:%M} does not exist on {naive:%A %-d %B %Y} in {timezone}: the clocks go forward.",
            hint=f"Choose --at '{before:%Y-%m-%d %H:%M}' or --at '{after:%Y-%m-%d %H:%M}'.",
        )
    if first.utcoffset() != second.utcoffset():
        if which is None:
            raise UsageMistake(
                f"{naive:%H:%M} happens twice on {naive:%A %-d %B %Y} in {timezone}: the clocks go back.",
                hint=f"Say --which first ({_offset(first)}) or --which second ({_offset(second)}).",
            )
        return second if which == "second" else first
    return first


def _naive(text: str, local_now: datetime) -> datetime:
    found = _AT.fullmatch(text.strip())
    mistake = UsageMistake(f"{text!r} is not a time.", hint=_MISTAKE)
    if not found:
        raise mistake
    day, clock = (found[1] or "").lower(), found[2]
    try:
        time = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007 (a wall-clock time has no zone yet)
        start = datetime.fromisoformat(day) if day[:1].isdigit() else local_now.replace(tzinfo=None)
    except ValueError:
        raise mistake from None
    moment = datetime.combine(start.date(), time)
    if day == "tomorrow":
        return moment + timedelta(days=1)
    if day[:3] in _DAYS:
        moment += timedelta(days=(_DAYS.index(day[:3]) - moment.weekday()) % 7)
        return moment if moment > local_now.replace(tzinfo=None) else moment + timedelta(days=7)
    if not day and moment <= local_now.replace(tzinfo=None):
        return moment + timedelta(days=1)
    return moment


def describe(moment: datetime, timezone: str) -> str:
    """A moment as people read it: "Sunday 29 November 2026, 06:00 in America/New_York (UTC-5) = 11:00 UTC"."""
    local = moment.astimezone(ZoneInfo(timezone))
    utc = moment.astimezone(UTC)
    day = "" if utc.date() == local.date() else f"{utc:%-d %B} "
    return f"{local:%A %-d %B %Y, %H:%M} in {timezone} ({_offset(local)}) = {day}{utc:%H:%M} UTC"


def _offset(moment: datetime) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def until(moment: datetime, now: datetime) -> str:
    """How long until then, roughly: "in 2 days", "in 3 h", "in 5 min"."""
    minutes = max(0, round((moment - now).total_seconds() / 60))
    if minutes >= 2 * 24 * 60:
        return f"in {minutes // (24 * 60)} days"
    return f"in {minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"in {minutes} min"
