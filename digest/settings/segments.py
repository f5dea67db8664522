"""[segments.NAME]: readers that newsletters and issues may be for, by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import subscribers
from digest.errors import UsageMistake
from digest.settings.declared import SEGMENT
from digest.settings.table import read

#: Whoever wants no segment says so by this word.
EVERYONE = "everyone"


def segments_of(tables: Any, newsletters: Collection[str], problems: list[str]) -> dict[str, str]:
    """Name → the segment as it is written, each checked; the order is the file's."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        problems.append("segments: must be tables, [segments.NAME]")
        return {}
    before = len(problems)
    written = {
        name: read(table, SEGMENT, f"segments.{name}.", problems).get("where", "") for name, table in tables.items()
    }
    problems.extend(
        f"segments.{name}: a name has letters, digits, - and _ only, and is not {EVERYONE!r}"
        for name in written
        if not name.replace("-", "").replace("_", "").isalnum() or name == EVERYONE
    )
    if len(problems) > before:
        return {}
    return {name: resolved(name, written, newsletters, f"segments.{name}.where", problems) for name in written}


def resolved(said: str, named: Mapping[str, str], newsletters: Collection[str], where: str, problems: list[str]) -> str:
    """`segment` with a mistake among `problems`."""
    try:
        return segment(said, named, newsletters)
    except (subscribers.SegmentMistake, UsageMistake) as mistake:
        problems.append(f"{where}: {mistake.message}")
        return ""


def segment(said: str, named: Mapping[str, str], newsletters: Collection[str]) -> str:
    """A name or a condition as the one way in which it is written and kept; empty for everyone.

    Raises SegmentMistake, or UsageMistake for a newsletter that is not declared.
    """
    said = said.strip()
    if said in ("", EVERYONE):
        return ""
    found = subscribers.read_segment(f"segment:{said}" if said in named else said, named=named)
    for slug in sorted(subscribers.newsletters_in(found) - set(newsletters)):
        raise UsageMistake(
            f"“{said}” is about a newsletter {slug!r}, which is not declared.",
            hint=f"Declared are: {', '.join(newsletters) or 'none yet'}.",
        )
    return str(found)
