"""What a theme may show of an edition: article text and links made harmless, once, before any template sees them.

Templates escape, but a theme is written by many hands and a text part escapes nothing. So an edition is cleaned as a
whole: no text can become a slot's mark, no control character reaches a header or the compiler, and a link that is not
http or https is left out, its words staying without a link (the check reports it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from digest.model import Appeal, Button, Edition, Story
from digest.render.slots import neutral

# C0 without tab and line feed, DEL, surrogates and non-characters, which UTF-8 and XML refuse; and the two overrides of
# writing direction, which would turn round whatever follows them in the line.
_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202d\u202e\ufffe\uffff]")

_Value = TypeVar("_Value")


def shown(edition: Edition) -> Edition:
    """`edition` with harmless text and web links only."""
    clean = harmless(edition)
    return replace(
        clean,
        website=web_link(clean.website),
        lead=_story(clean.lead) if clean.lead else None,
        sections=tuple(replace(s, stories=tuple(map(_story, s.stories))) for s in clean.sections),
        appeal=_appeal(clean.appeal) if clean.appeal else None,
        social=tuple(link for link in clean.social if web_link(link.url)),
    )


def harmless(value: _Value) -> _Value:
    """`value` with every text inside it free of marks and control characters."""
    made: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        made = neutral(_HARMFUL.sub("", value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        made = tuple(harmless(item) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{field.name: harmless(getattr(value, field.name)) for field in fields(value)})
    return made  # type: ignore[no-any-return]  # the same type went in


def web_link(url: str) -> str:
    """`url` if a mail program may open it, else nothing."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    whole = parts.scheme in {"http", "https"} and parts.hostname
    return url.strip() if whole and not re.search(r"\s", url.strip()) else ""


def _story(story: Story) -> Story:
    image = story.image
    return replace(
        story,
        url=web_link(story.url),
        image=image if image and web_link(image.url) else None,
        also=tuple(replace(mention, url=web_link(mention.url)) for mention in story.also),
    )


def _appeal(appeal: Appeal) -> Appeal:
    return replace(appeal, one_time=_button(appeal.one_time), monthly=_button(appeal.monthly))


def _button(button: Button | None) -> Button | None:
    return button if button and web_link(button.url) else None
