"""Themes: folders that say what an edition looks like. Adding one is copying one.

A theme's folder has `theme.toml` (fonts, sizes, colours in light and dark), the mail (`subject.txt`, `body.mjml`,
`body.txt`), `sample.toml`, and any part of `email/base` that it does differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.errors import RenderError
from digest.render.words import read_toml

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TABLES = ("fonts", "sizes", "colours", "dark")


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many characters a summary has room for; one that is longer is shown whole, and the editor told."""

    lead: int = 600
    story: int = 450


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    name: str
    folder: Path
    #: What errors call the folder, such as "email/themes/classic".
    label: str
    #: One sentence for editors who choose.
    description: str
    #: Width of the mail on a desktop, in pixels.
    width: int
    fonts: Mapping[str, str]
    #: In pixels.
    sizes: Mapping[str, int]
    colours: Mapping[str, str]
    #: The same names as `colours`, as they are in the dark.
    dark: Mapping[str, str]
    room: Room


def find_themes(templates: Path, more: Sequence[Path] = ()) -> dict[str, Path]:
    """Every theme's folder by name. `more` are themes' folders, or folders of them, and win over ours."""
    found: dict[str, Path] = {}
    for place in (templates / "email" / "themes", *more):
        folders = [place] if (place / "theme.toml").is_file() else sorted(place.glob("*/"))
        found |= {folder.name: folder for folder in folders if (folder / "theme.toml").is_file()}
    return found


def load_theme(folder: Path, templates: Path) -> Theme:
    label = _label(folder, templates)
    template = f"{label}/theme.toml"
    table = read_toml(folder / "theme.toml", template)
    problem = _problem(table)
    if problem:
        raise RenderError(problem, template=template, hint="docs/themes.md has every name; correct the file.")
    return Theme(
        name=folder.name,
        folder=folder,
        label=label,
        description=str(table.get("description", "")),
        width=int(table["width"]),
        fonts=table["fonts"],
        sizes=table["sizes"],
        colours=table["colours"],
        dark=table["dark"],
        room=Room(**table.get("room", {})),
    )


def contrast(one: str, other: str) -> float:
    """How well two colours ("#rrggbb") stand out from each other, as WCAG 2 counts it: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _problem(table: Mapping[str, Any]) -> str:
    for name in _TABLES:
        if not isinstance(table.get(name), dict):
            return f"The table [{name}] is missing."
    width = table.get("width")
    if not isinstance(width, int) or not 320 <= width <= 800:
        return "width must be a number of pixels from 320 to 800."
    for name in ("colours", "dark"):
        for key, value in table[name].items():
            if not _COLOUR.fullmatch(str(value)):
                return f"The colour {key} in [{name}] must be written as #rrggbb, not {value}."
    if wrong := _problem_of_room(table.get("room", {})):
        return wrong
    apart = set(table["colours"]) ^ set(table["dark"])
    return f"[colours] and [dark] must name the same colours; only one has {', '.join(sorted(apart))}." if apart else ""


def _problem_of_room(room: object) -> str:
    if not isinstance(room, dict):
        return "[room] must be a table."
    for name, characters in room.items():
        if name not in {"lead", "story"}:
            return f"[room] knows lead and story, not {name}."
        if not isinstance(characters, int) or not 80 <= characters <= 2000:
            return f"{name} in [room] must be a number of characters from 80 to 2000."
    return ""


def _label(folder: Path, templates: Path) -> str:
    if folder.is_relative_to(templates):
        return folder.relative_to(templates).as_posix()
    return f"{folder.parent.name}/{folder.name}"
