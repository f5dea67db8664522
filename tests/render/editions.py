"""Editions to render and check: one that is as it should be, and the means to change it in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

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

SUMMARY = "Alice counted every plank of the bridge twice, and the council believed her in the end."


def story(headline: str = "Alice counts the planks", /, **changes: Any) -> Story:
    summary = changes.pop("summary", SUMMARY)
    told = Story(
        article_id=1,
        section="town",
        headline=headline,
        summary=Summary(text=summary, rung=Rung.EDITOR),
        url=f"https://news.example.org/{abs(hash_of(headline))}",
        byline="Alice Okafor",
        credit="This article was originally published by Valley Times.",
        publisher="Valley Times",
    )
    return replace(told, **changes)


def hash_of(headline: str) -> int:
    """A number for a headline that is the same in every run."""
    return sum(ord(letter) * at for at, letter in enumerate(headline, start=1))


def lead(**changes: Any) -> Story:
    image = Image(url="https://images.example.org/bridge.jpg", alt="A bridge with all its planks")
    also = (Mention(publisher="Radio Ridge", url="https://radio.example.org/bridge"),)
    told = story("Bob walks across the bridge", image=image, also=also, credit="", publisher="Riverbend Courier")
    return replace(told, **changes)


def appeal(**changes: Any) -> Appeal:
    asked = Appeal(
        headline="Carol keeps the lights on",
        text="Readers pay for this.\n\nPlease be one of them.",
        one_time=Button(label="Give once", url="https://give.example.org/?every=once&utm_campaign=issue-7"),
        monthly=Button(label="Give monthly", url="https://give.example.org/?every=month&utm_campaign=issue-7"),
    )
    return replace(asked, **changes)


def edition(**changes: Any) -> Edition:
    whole = Edition(
        key="everyone",
        supporters=tuple(Supporter),
        newsletter="daily",
        newsletter_name="The Riverbend Daily",
        tagline="The valley in five minutes",
        issue_number=7,
        date=date(2026, 11, 20),
        language="en",
        subject="Bob walks across the bridge",
        preheader="And who counted its planks",
        lead=lead(),
        sections=(Section(slug="town", title="In town", stories=(story(),)),),
        appeal=appeal(),
        social=(Link(label="Mastodon", url="https://social.example.org/@riverbend"),),
        website="https://news.example.org/",
        postal_address="Riverbend Courier\n12 Mill Lane",
        why="",
        envelope=Envelope(
            sender_name="The Riverbend Daily",
            sender_address="daily@news.example.org",
            reply_to="editors@news.example.org",
            list_id="daily.news.example.org",
        ),
    )
    return replace(whole, **changes)


def with_stories(*stories: Story, **changes: Any) -> Edition:
    """An edition of these stories and no lead."""
    return edition(lead=None, sections=(Section(slug="town", title="In town", stories=stories),), **changes)
