"""What is recorded of readers, and for how long, as the pages tell them: straight from the settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta

from digest.model import Newsletter
from digest.settings import Settings

#: What SES is told to watch (clicks, opens) → the words that say so.
_WORDS = {
    (False, False): "record_none",
    (True, False): "record_clicks",
    (False, True): "record_opens",
    (True, True): "record_both",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """What a page says about records."""

    #: The words for what is recorded, and of which newsletters; of none by name where the same is true of all.
    of: tuple[tuple[str, tuple[str, ...]], ...]
    #: How long it is kept whom an issue came to, such as "400 days"; empty for no end.
    sent: str
    #: … and what somebody opened and followed; empty where nothing of that is recorded.
    done: str


def recording(letters: Iterable[Newsletter], settings: Settings, language: str) -> Recording:
    """Of these newsletters, in this language."""
    said: dict[str, list[str]] = {}
    for letter in letters:
        said.setdefault(_WORDS[letter.track_clicks, letter.track_opens], []).append(letter.name)
    keep = settings["privacy.keep_days"]
    # Whatever is left when an issue's readers are deleted goes with them.
    done = min(settings["events.keep_days"], keep or settings["events.keep_days"])
    tracked = said.keys() - {"record_none"}
    return Recording(
        of=tuple((words, tuple(names) if len(said) > 1 else ()) for words, names in said.items()),
        sent=_days(keep, language) if keep else "",
        done=_days(done, language) if tracked else "",
    )


def _days(count: int, language: str) -> str:
    """The number with its noun: languages bend it in more ways than one and many."""
    return format_timedelta(timedelta(days=count), granularity="day", threshold=10**9, locale=language)
