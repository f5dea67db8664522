"""What one gathering of a source leaves for the next, so that only what is new is read.

A frozen value: gathering returns a new one, and the caller stores it together with the documents, in one commit. Then a
crash between the two never loses an article.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

#: Keys remembered at most; a feed carries some tens of entries, a busy one some hundreds.
REMEMBERED = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceMemory:
    """Empty for a source that was never gathered."""

    #: Validators for a conditional GET. Empty when something is to be tried again, so that the feed is read anew.
    etag: str = ""
    last_modified: str = ""
    #: Where a WordPress site lists its posts.
    api: str = ""
    #: Where a feed or sitemap is read instead of its location, and that it moved there for good; else the location
    #: is a page that names it.
    at: str = ""
    moved: bool = False
    #: Date of the newest article so far; what WordPress is asked for next.
    newest: datetime | None = None
    #: Keys of articles that were read, skipped for good or given up; the latest first.
    seen: tuple[str, ...] = ()
    #: Key → how often it failed in a row.
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def is_first(self) -> bool:
        return not self.seen and not self.failed

    def dump(self) -> str:
        """As JSON, for one column of the database."""
        return json.dumps(asdict(self), default=datetime.isoformat, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> SourceMemory:
        """What `dump` wrote; an empty text is an empty memory."""
        raw = json.loads(text or "{}")
        newest = raw.pop("newest", None)
        seen = tuple(raw.pop("seen", ()))
        return cls(**raw, seen=seen, newest=datetime.fromisoformat(newest) if newest else None)

    def elsewhere(self) -> SourceMemory:
        """What still counts when the settings name another location: which articles were read."""
        return SourceMemory(seen=self.seen)

    def doubted(self) -> SourceMemory:
        """After a failure: what was found out of its own accord is found out anew, beginning at the location."""
        return replace(self, at="", moved=False, api="", etag="", last_modified="") if self.at or self.api else self

    def with_seen(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*keys, *self.seen]))[:REMEMBERED]
