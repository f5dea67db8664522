"""What an examination says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.model import Finding


def finding(level: str, code: str, message: str, where: str = "") -> Finding:
    from digest.model import Finding, Level

    return Finding(level=Level(level), code=code, message=message, where=where)
