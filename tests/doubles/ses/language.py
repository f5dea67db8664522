"""SES's template language as inline templates have it: plain substitution, once, without any escaping.

`{{x}}` and `{{{x}}}` are the same; a backslash before `{{` makes it plain text; whatever else stands in braces is
refused. A variable without a value, or with null, is a failure that the caller of the API never sees.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.doubles.ses.errors import bad_request

_NAME = r"\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*"
_DOUBLE = re.compile(r"\{\{" + _NAME + r"\}\}(?!\})")
_TRIPLE = re.compile(r"\{\{\{" + _NAME + r"\}\}\}")


class MissingVariable(Exception):
    """A rendering failure; the message is SES's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Attribute '{name}' is not present in the rendering data.")


@dataclass(frozen=True, slots=True)
class Compiled:
    #: Literals and variable names by turns, beginning and ending with a literal.
    pieces: tuple[str, ...]

    def render(self, data: dict[str, Any]) -> str:
        pieces = list(self.pieces)
        for at in range(1, len(pieces), 2):
            pieces[at] = _value(data, pieces[at])
        return "".join(pieces)


@lru_cache(maxsize=64)
def compiled(source: str) -> Compiled:
    """Raises BadRequestException for anything but plain substitution."""
    pieces: list[str] = [""]
    at = 0
    while (found := source.find("{{", at)) >= 0:
        before = source[at:found]
        if before.endswith("\\") and not before.endswith("\\\\"):
            end = source.find("{{", found + 2)
            end = len(source) if end < 0 else end
            pieces[-1] += before[:-1] + source[found:end]
            at = end
            continue
        match = (_TRIPLE if source.startswith("{{{", found) else _DOUBLE).match(source, found)
        if match is None:
            raise bad_request("Template contains unsupported operations.")
        pieces[-1] += before[:-1] if before.endswith("\\\\") else before
        pieces += [match[1], ""]
        at = match.end()
    pieces[-1] += source[at:]
    return Compiled(tuple(pieces))


def parsed_data(text: str) -> dict[str, Any]:
    """Template data; anything that is no JSON object is a rendering failure."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        raise MissingVariable("(data is not JSON)") from None
    if not isinstance(data, dict):
        raise MissingVariable("(data is not an object)")
    return data


def _value(data: dict[str, Any], name: str) -> str:
    value: Any = data
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        raise MissingVariable(name)
    return value if isinstance(value, str) else json.dumps(value)
