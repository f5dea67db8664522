"""The words around the articles ("Read more", "Leave this newsletter") in the language of the newsletter.

`templates/email/words/<language>.toml` holds them; a language without a file gets English words in its own direction.
Dates are written by Babel, as the language has them.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal
from unicodedata import bidirectional

from digest.errors import RenderError

FALLBACK = "en"
_RIGHT_TO_LEFT = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))

Direction = Literal["ltr", "rtl"]


def direction(language: str) -> Direction:
    """Which way the language is written; left to right when it is unknown."""
    return "rtl" if language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def direction_of(text: str, language: str) -> Direction:
    """Which way most letters of `text` are written; the way of `language` when it has none."""
    ways = Counter(bidirectional(letter) for letter in text)
    leftwards = ways["R"] + ways["AL"]
    if leftwards == ways["L"]:
        return direction(language)
    return "rtl" if leftwards > ways["L"] else "ltr"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    language: str
    #: The file they came from, for errors.
    template: str
    entries: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """The words called `key`, with `values` in their places."""
        try:
            return self.entries[key].format_map({name: str(value) for name, value in values.items()})
        except KeyError as error:
            raise RenderError(
                f"The words {error} are not in {self.template}.",
                hint="Write them there and in the other languages, or correct the name.",
            ) from error

    def byline(self, names: str) -> str:
        """ "By Alice Example", also when the byline says "By" already."""
        before = self.say("by", names="\0").split("\0")[0]
        return names if before and names.casefold().startswith(before.casefold()) else self.say("by", names=names)

    def date(self, day: date) -> str:
        """The day in full, such as "Sunday, November 22, 2026"."""
        from babel import Locale, UnknownLocaleError
        from babel.dates import format_date

        try:
            locale = Locale.parse(self.language, sep="-")
        except (UnknownLocaleError, ValueError):
            locale = Locale(FALLBACK)
        return format_date(day, format="full", locale=locale)


def load_words(folder: Path, language: str) -> Words:
    """The words of `language`, or the English ones."""
    for name in (language, language.partition("-")[0], FALLBACK):
        path = folder / f"{name}.toml"
        if path.is_file():
            template = f"email/words/{path.name}"
            return Words(language=language, template=template, entries=_flat(read_toml(path, template)))
    raise RenderError(
        f"There are no words for {language}, nor English ones.",
        template=f"email/words/{FALLBACK}.toml",
        hint="Put the file back.",
    )


def read_toml(path: Path, template: str) -> dict[str, Any]:
    """A TOML file of the templates; a mistake in it is a RenderError with its line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RenderError("This file is missing.", template=template, hint="Put it back.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RenderError(
            f"This is no valid TOML: {error}.", template=template, line=_line(str(error)), hint="Correct the file."
        ) from error


def _line(message: str) -> int:
    """The line that tomllib names in its message; 0 when it names none."""
    _, found, rest = message.partition("(at line ")
    return int(rest.split(",")[0]) if found else 0


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Tables within tables as dotted names: `[confirm] subject` is `confirm.subject`."""
    entries: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            entries |= _flat(value, f"{prefix}{key}.")
        else:
            entries[f"{prefix}{key}"] = str(value)
    return entries
