"""The list in the shapes that other systems import: their headings, and only people whom they may be told to mail.

Other systems read a cell as it stands: where a name that a spreadsheet would run gets an apostrophe, an address that
begins so would become another address. It is left out, and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from subscribers.formulas import guarded

Cells = Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class Shape:
    """`columns` and what stands in them for a row of `exporting.export`."""

    columns: dict[str, Callable[[Cells], str]]
    #: Addresses that were left out because a spreadsheet would run them.
    left_out: int = 0

    def of(self, rows: Iterable[Cells]) -> Iterator[dict[str, str]]:
        for row in rows:
            if guarded(row["email"]) == row["email"]:
                yield {heading: cell(row) for heading, cell in self.columns.items()}
            else:
                self.left_out += 1


def _column(name: str) -> Callable[[Cells], str]:
    return lambda row: row[name]


def _known(row: Cells) -> str:
    """What listmonk keeps beside address and name; tags are for queries there."""
    facts = {name: row[name] for name in ("language", "supporter", "tags") if row[name] not in ("", "unknown")}
    return json.dumps(facts, ensure_ascii=False)


def shape(name: str) -> Shape:
    """ "mailchimp", "listmonk" or "plain"."""
    return Shape(columns=dict(_SHAPES[name]))


_SHAPES: dict[str, dict[str, Callable[[Cells], str]]] = {
    "mailchimp": {
        "Email Address": _column("email"),
        # Names are kept whole: where one ends and the other begins is not ours to guess.
        "First Name": _column("name"),
        "Language": _column("language"),
        "Supporter": _column("supporter"),
        "Tags": _column("tags"),
        "OPTIN_TIME": _column("joined_at"),
    },
    "listmonk": {"email": _column("email"), "name": _column("name"), "attributes": _known},
    "plain": {"email": _column("email"), "name": _column("name")},
}
