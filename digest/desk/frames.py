"""A mail as different readers' programs show it: in the light, in the dark, without images. Text in, text out.

The mail's own rules for the dark are made unconditional, or impossible, so that the preview shows both whatever the
editor's own screen is set to. Images that are not published yet may be put in from a folder (`preview.images`).
"""

from __future__ import annotations

import base64
import html as entities
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
#: Where media queries stand: never in what an article says.
_QUERIES = re.compile(r"<style\b.*?</style>|\bmedia=\"[^\"]*\"", re.IGNORECASE | re.DOTALL)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"

_IMAGE = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]*)(")', re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)

#: Links open beside the preview. The bar that a phone does not have would take its place from the mail.
_FRAMED = '<base target="_blank"><style>html{scrollbar-width:thin}</style>'
_PHONE = "<style>html{scrollbar-width:none}</style>"
#: Pictures are what this policy forbids; the frame inherits a stricter one for all else.
_NO_IMAGES = '<meta http-equiv="Content-Security-Policy" content="img-src \'none\'">'


def framed(html: str, *, dark: bool = False, phone: bool = False, images: bool = True) -> str:
    """`html` as one kind of program shows it, for a frame of the preview."""
    wanted = "dark" if dark else "light"

    def decided(query: re.Match[str]) -> str:
        return _SCHEME.sub(lambda match: _ALWAYS if match[1].lower() == wanted else _NEVER, query[0])

    head = _FRAMED + (_PHONE if phone else "") + ("" if images else _NO_IMAGES)
    return _HEAD.sub(lambda tag: tag[0] + head, _QUERIES.sub(decided, html), count=1)


def with_images(html: str, images: Mapping[str, Path]) -> str:
    """`html` with images under the given addresses put in from their folders; others are left as they are."""

    def put_in(match: re.Match[str]) -> str:
        file = _file_of(entities.unescape(match[2]), images)
        return f"{match[1]}{_data_url(file)}{match[3]}" if file else match[0]

    return _IMAGE.sub(put_in, html)


def _file_of(url: str, images: Mapping[str, Path]) -> Path | None:
    for address, folder in images.items():
        if not url.startswith(address):
            continue
        name = unquote(urlsplit(url.removeprefix(address)).path).lstrip("/")
        try:
            file = (folder / name).resolve()
            if file.is_relative_to(folder.resolve()) and file.is_file():
                return file
        except (OSError, ValueError):
            pass  # no name that a file could have
    return None


def _data_url(file: Path) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


class Screen(NamedTuple):
    """What fits on a screen, measured in Chromium with the themes that are shipped."""

    #: Characters in a line.
    columns: int
    #: Pixels from line to line, margins included.
    line: int
    #: Pixels that a picture is high.
    picture: int


DESKTOP = Screen(68, 23, 360)
PHONE = Screen(36, 25, 220)


def whole_length(html: str, text: str, screen: Screen) -> int:
    """About how many pixels a mail is long, guessed from its text part: a sandboxed frame cannot be measured."""
    said = (line for line in text.splitlines() if not line.startswith("http"))
    lines = sum(max(1, len(wrap(line, screen.columns))) for line in said)
    return 150 + screen.line * lines + screen.picture * len(_IMAGE.findall(html))
