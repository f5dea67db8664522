"""Cells that a spreadsheet would run: an apostrophe in front makes them text, and comes off again when read.

The two undo each other exactly, also for cells that start with apostrophes of their own.
"""

from __future__ import annotations

import re

#: How a cell begins that a spreadsheet takes for a formula; the wide forms are read like the narrow ones.
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    return f"'{cell}" if _RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
