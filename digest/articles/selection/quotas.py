"""How many stories an issue takes: in all, from one source, in one section; and the places kept for a section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from digest.model import Candidate, Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a newsletter wants in an issue."""

    #: At most so many articles. Pinned ones come first; what is beyond waits for the next issue.
    count: int = 12
    #: At most so many from one source; 0 is no limit.
    per_source: int = 0
    #: Section slug → at most so many; sections that are not named have no limit of their own.
    per_section: Mapping[str, int] = field(default_factory=dict)
    #: Section slug → at least so many, where so many are new: what ranks higher elsewhere waits.
    least_per_section: Mapping[str, int] = field(default_factory=dict)
    #: An article this old counts half of a new one.
    half_life: timedelta = timedelta(hours=12)
    #: How far back to look when there is no earlier issue.
    window: timedelta = timedelta(hours=24)
    #: How far back to look when that brings too few.
    wide_window: timedelta = timedelta(hours=48)
    #: Fewer than this are too few; 0 for half of `count`.
    least: int = 0

    @property
    def too_few(self) -> int:
        return self.least or max(1, self.count // 2)


class Places:
    """What is left of an issue while it fills."""

    def __init__(self, rules: Rules, ranked: Sequence[Candidate]) -> None:
        """`ranked` are the candidates that are new or pinned, best first."""
        self._rules = rules
        self._taken = 0
        #: With the places that are kept, so that no quota is filled twice.
        self._sources: Counter[str] = Counter()
        self._sections: Counter[str] = Counter()
        #: Candidate's id → section for whose sake it has a place.
        self._kept: dict[int, str] = {}
        for section, least in rules.least_per_section.items():
            self._keep(section, min(least, rules.per_section.get(section, least)), ranked)

    def _keep(self, section: str, least: int, ranked: Sequence[Candidate]) -> None:
        for one in ranked:
            if self._sections[section] >= least or len(self._kept) >= self._rules.count:
                return
            if one.section == section and not self._source_is_full(one):
                self._kept[one.article_id] = section
                self._count(one)

    def _count(self, one: Candidate) -> None:
        self._sources[one.source] += 1
        self._sections[one.section] += 1

    def _source_is_full(self, one: Candidate) -> bool:
        limit = self._rules.per_source
        return bool(limit and one.source and not one.pinned and self._sources[one.source] >= limit)

    def take(self, one: Candidate) -> None:
        self._taken += 1
        if not self._kept.pop(one.article_id, ""):
            self._count(one)

    def refusal(self, one: Candidate) -> tuple[Cause, str] | None:
        """Why there is no place for it, as the end of a sentence; None when there is one."""
        rules = self._rules
        if self._taken >= rules.count:
            return Cause.FULL, f"the issue is full with {many(rules.count)}" + (
                "" if one.pinned else " that rank higher"
            )
        if one.pinned or one.article_id in self._kept:
            return None
        if self._source_is_full(one):
            return Cause.SOURCE, f"{one.source} has its {many(rules.per_source)} already"
        limit = rules.per_section.get(one.section)
        if limit is not None and self._sections[one.section] >= limit:
            return Cause.SECTION, f"the section “{one.section}” has its {many(limit)} already"
        if self._taken + len(self._kept) >= rules.count:
            waiting = " and ".join(f"“{section}”" for section in dict.fromkeys(self._kept.values()))
            return Cause.FULL, f"the last places are kept for {waiting}"
        return None


def many(number: int) -> str:
    return f"{number} article{'s' if number != 1 else ''}"
