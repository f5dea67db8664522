"""What a row's columns say about giving: our own word for it, or how other systems mark people who pay.

Careful by design: whoever is asked wrongly is annoyed, whoever is thanked wrongly for nothing is puzzled. What is not
certain is *unknown*; complimentary and gift subscriptions are not giving.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from subscribers import words
from subscribers.formulas import unguarded
from subscribers.headings import Field, letters
from subscribers.model import Supporter
from subscribers.systems import System

_FIELDS = (
    Field.SUPPORTER, Field.PAYING, Field.PLAN, Field.FIRST_PAID, Field.COMPED, Field.GIFT, Field.TIERS, Field.STATUS,
)  # fmt: skip

#: Whether something stands there is all that counts; what does is each person's own.
_OF_ONE = frozenset({Field.FIRST_PAID, Field.GIFT})

#: Plans that somebody has without paying.
_FREE = frozenset({"free", "comp", "comped", "complimentary", "gift", "trial", "freetrial", "freesignup", "lifetime"})


class Giving:
    """Asks the columns of one file; the same few combinations of cells come up again and again."""

    def __init__(self, place: Mapping[Field, int], system: System) -> None:
        self._at = [(field, place[field]) for field in _FIELDS if field in place]
        self._pays_by_tier = Field.TIERS in place and Field.COMPED in place
        self._system = system
        self._known: dict[tuple[str, ...], tuple[str, bool]] = {}
        #: Whether any column can tell anything.
        self.speaks = any(field is not Field.STATUS or system.paid for field, _ in self._at)

    def of(self, cells: Sequence[str]) -> tuple[str, bool]:
        """(supporter, whether the file's own word for it is one that we do not know)."""
        width = len(cells)
        told = tuple([
            ("1" if cells[at].strip() else "") if field in _OF_ONE else cells[at]
            for field, at in self._at
            if at < width
        ])  # fmt: skip
        if (known := self._known.get(told)) is None:
            known = self._decide(
                {field: unguarded(cell.strip()) for (field, _), cell in zip(self._at, told, strict=False)}
            )
            if len(self._known) < 10_000:
                self._known[told] = known
        return known

    def _decide(self, told: Mapping[Field, str]) -> tuple[str, bool]:
        said = words.giving(told.get(Field.SUPPORTER, ""))
        if said not in (None, Supporter.UNKNOWN):
            return said.value, False
        return self._by_payment(told).value, said is None

    def _by_payment(self, told: Mapping[Field, str]) -> Supporter:
        plan, paying = letters(told.get(Field.PLAN, "")), words.is_yes(told.get(Field.PAYING, ""))
        paid_once = words.is_set(told.get(Field.FIRST_PAID, ""))
        given = any(words.is_set(told.get(field, "")) for field in (Field.COMPED, Field.GIFT))
        if given or plan in _FREE:
            return Supporter.LAPSED if paid_once and not paying else Supporter.UNKNOWN
        if Field.PAYING in told and not paying:
            return Supporter.LAPSED if paid_once else Supporter.UNKNOWN
        if paying:
            # Whoever is marked as paying and never paid got it for nothing.
            return Supporter.MONTHLY if paid_once or Field.FIRST_PAID not in told else Supporter.UNKNOWN
        return Supporter.MONTHLY if self._pays(told, plan) else Supporter.UNKNOWN

    def _pays(self, told: Mapping[Field, str], plan: str) -> bool:
        tier = letters(told.get(Field.TIERS, ""))
        if self._pays_by_tier and tier and tier not in _FREE:
            return True
        return plan in self._system.paid or letters(told.get(Field.STATUS, "")) in self._system.paid
