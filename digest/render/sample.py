"""A theme's sample: an edition written in TOML, with the field names of `digest.model.Edition`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.errors import RenderError
from digest.model import (
    Appeal,
    Button,
    Edition,
    Envelope,
    Image,
    Link,
    Mention,
    Rung,
    Section,
    Story,
    Summary,
    Supporter,
)
from digest.render.words import read_toml

_Table = Mapping[str, Any]


def read_sample(path: Path, template: str) -> Edition:
    table = read_toml(path, template)
    try:
        return _edition(table)
    except (KeyError, TypeError, ValueError) as error:
        raise RenderError(
            f"This is no sample of an edition: {error}.",
            template=template,
            hint="Its names are the fields of an edition; compare the sample of the theme classic.",
        ) from error


def _edition(table: _Table) -> Edition:
    nested = {"supporters", "lead", "sections", "appeal", "social", "envelope"}
    return Edition(
        **_plain(table, nested),
        supporters=tuple(map(Supporter, table.get("supporters", list(Supporter)))),
        lead=_story(table["lead"], section="") if "lead" in table else None,
        sections=tuple(map(_section, table["sections"])),
        appeal=_appeal(table["appeal"]) if "appeal" in table else None,
        social=tuple(Link(**link) for link in table.get("social", ())),
        envelope=Envelope(**table["envelope"]),
    )


def _section(table: _Table) -> Section:
    slug = table["slug"]
    stories = tuple(_story(story, section=slug) for story in table.get("stories", ()))
    return Section(slug=slug, title=table["title"], stories=stories)


def _story(table: _Table, *, section: str) -> Story:
    plain = _plain(table, {"summary", "image", "also"})
    return Story(
        **{"article_id": 0, "section": section, **plain},
        summary=Summary(text=str(table["summary"]), rung=Rung.EDITOR),
        image=Image(**table["image"]) if "image" in table else None,
        also=tuple(Mention(**mention) for mention in table.get("also", ())),
    )


def _appeal(table: _Table) -> Appeal:
    return Appeal(
        **_plain(table, {"one_time", "monthly"}),
        one_time=Button(**table["one_time"]) if "one_time" in table else None,
        monthly=Button(**table["monthly"]) if "monthly" in table else None,
    )


def _plain(table: _Table, nested: set[str]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in nested}
