"""What the file and the environment say, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.errors import UsageMistake
from digest.model import Newsletter


class Newsletters(dict[str, Newsletter]):
    """The declared newsletters by slug. Asking for another one is a mistake that says which there are.

    An issue outlives its newsletter: a slug that was renamed in the file still stands in the database.
    """

    def __missing__(self, slug: str) -> Newsletter:
        known = ", ".join(self) or "none yet"
        raise UsageMistake(f"There is no newsletter {slug!r} in the settings.", hint=f"Declared are: {known}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the file and the environment say, checked."""

    #: The settings file; relative paths in it are relative to its folder.
    file: Path
    values: Mapping[str, Any]
    newsletters: Newsletters
    #: Name → segment, as `subscribers.segments` reads it.
    segments: Mapping[str, str]
    secrets: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def path(self, name: str) -> Path:
        """The folder or file that a `paths.*` setting names, absolute."""
        return (self.file.parent / str(self.values[name])).resolve()

    def segment(self, said: str) -> str:
        """The segment of this name, or the one that these words say; empty for everyone. Raises SegmentMistake."""
        from digest.settings.segments import segment

        return segment(said, self.segments, self.newsletters)

    def newsletter(self, slug: str) -> Newsletter:
        """Raises UsageMistake for one that is not declared."""
        return self.newsletters[slug]
