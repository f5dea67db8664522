"""[newsletters.SLUG]: from a table of the file to a newsletter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from digest.model import Appeal, Button, Heading, Link, Newsletter, Source, SourceKind, Supporter
from digest.settings.declared import APPEAL, LINK, NEWSLETTER, SECTION, SOURCE, TOPIC
from digest.settings.table import Setting, read


def newsletter_of(slug: str, table: Any, folder: Path, problems: list[str]) -> Newsletter | None:
    where = f"newsletters.{slug}."
    if not isinstance(table, dict):
        problems.append(f"newsletters.{slug} must be a table, [newsletters.{slug}]")
        return None
    if not slug.replace("-", "").replace("_", "").isalnum() or not slug.isascii():
        problems.append(f"newsletters.{slug}: a slug has letters, digits, - and _ only")
    before = len(problems)
    v = read(table, NEWSLETTER, where, problems)
    sections = _tables(v, "sections", SECTION, where, problems)
    sources = _tables(v, "sources", SOURCE, where, problems)
    topics = _tables(v, "topics", TOPIC, where, problems)
    social = _tables(v, "social", LINK, where, problems)
    ask = read(v["appeal"], APPEAL, f"{where}appeal.", problems) if v.get("appeal") else None
    thanks = read(v["thanks"], APPEAL, f"{where}thanks.", problems) if v.get("thanks") else None
    if len(problems) == before:
        _agree(sections, sources, topics, where, problems)
        _leave_room(sections, v, where, problems)
    if len(problems) > before:
        return None
    return Newsletter(
        slug=slug,
        **{name: v[name] for name in _PLAIN},
        sender_name=v["sender_name"] or v["name"],
        reply_to=v["reply_to"] or v["sender_address"],
        list_id=v["list_id"] or f"{slug}.{v['sender_address'].rpartition('@')[2]}",
        summary_words=(v["summary_words"][0], v["summary_words"][1]),
        sections=tuple(Heading(**section) for section in sections) or (Heading(slug="news", title=v["name"]),),
        sources=tuple(_source(source, folder) for source in sources),
        social=tuple(Link(**link) for link in social),
        topics=tuple(Heading(**topic) for topic in topics),
        ask=_appeal(ask),
        ask_for=tuple(Supporter(word) for word in v["ask_for"]),
        thanks=_appeal(thanks),
    )


#: Settings of a newsletter that are its fields as they stand.
_PLAIN = (
    "name", "tagline", "sender_address", "postal_address", "timezone", "language", "theme", "website", "why",
    "reader", "cadence", "draft_ahead", "subject", "stories", "per_source", "window_hours", "campaign",
    "least_new", "urgent", "segment", "track_clicks", "track_opens", "join", "welcome", "goodbye", "archive",
)  # fmt: skip


def _tables(
    values: Mapping[str, Any], name: str, table: Sequence[Setting], where: str, problems: list[str]
) -> list[dict[str, Any]]:
    """A list of tables, each checked; a mistake says in which of them it is."""
    found = values.get(name, [])
    if not all(isinstance(one, dict) for one in found):
        problems.append(f"{where}{name} must be a list of tables")
        return []
    return [read(one, table, f"{where}{name} #{number}: ", problems) for number, one in enumerate(found, start=1)]


def _agree(
    sections: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    topics: list[dict[str, Any]],
    where: str,
    problems: list[str],
) -> None:
    """What must fit together: slugs and names are unique, sources go to sections that are there."""
    slugs = [section["slug"] for section in sections]
    names = [source["name"] for source in sources]
    for kind, words in (("section", slugs), ("source", names), ("topic", [topic["slug"] for topic in topics])):
        problems.extend(
            f"{where}{kind}s: there are two called {word!r}" for word in sorted(set(words)) if words.count(word) > 1
        )
    problems.extend(
        f"{where}sources: {source['name']!r} goes to section {source['section']!r}, which is not declared"
        for source in sources
        if source["section"] and source["section"] not in slugs
    )


def _leave_room(sections: list[dict[str, Any]], v: Mapping[str, Any], where: str, problems: list[str]) -> None:
    """What an issue must have fits into what it may have."""
    problems.extend(
        f"{where}sections: {section['slug']!r} is to have at least {section['least']} stories and at most "
        f"{section['stories']}"
        for section in sections
        if section["stories"] and section["least"] > section["stories"]
    )
    least = sum(section["least"] for section in sections)
    if least > v["stories"]:
        problems.append(f"{where}sections are to have at least {least} stories, and an issue has {v['stories']}")
    if v["least_new"] > v["stories"]:
        problems.append(f"{where}least_new is {v['least_new']}, and an issue has {v['stories']} stories")


def _source(values: dict[str, Any], folder: Path) -> Source:
    location = values["location"]
    if not location.startswith(("http://", "https://")):
        location = str((folder / location).resolve())
    return Source(**(values | {"kind": SourceKind(values["kind"]), "location": location}))


def _appeal(v: dict[str, Any] | None) -> Appeal | None:
    if v is None:
        return None

    def button(which: str) -> Button | None:
        return Button(label=v[f"{which}_label"], url=v[f"{which}_url"]) if v[f"{which}_url"] else None

    return Appeal(headline=v["headline"], text=v["text"], one_time=button("one_time"), monthly=button("monthly"))
