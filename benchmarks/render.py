"""How fast an issue becomes mail: python benchmarks/render.py [ROUNDS] → one JSON line.

Twelve stories of the length that a newsroom writes, two audiences' worth of appeal, theme classic, no network. The
first round pays for imports and for compiling the templates and is given apart: a command that renders once feels it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime

from digest.issue.compose import compose
from digest.model import Appeal, Button, Heading, Image, Issue, IssueState, Newsletter, Rung, Story, Summary, Supporter
from digest.render.check import check
from digest.render.edition import Renderer

STORIES = 12
TOLD = (
    "The council signed off the last inspection on Thursday, nine years after the first plank was laid. "
    "A second crossing upstream depends on a vote in March that neither side is sure to win."
)


def stories() -> list[Story]:
    return [
        Story(
            article_id=number,
            section="valley" if number % 2 else "town",
            headline=f"Alice opens bridge number {number}, and the town walks across it",
            summary=Summary(text=TOLD, rung=Rung.STANDFIRST),
            url=f"https://news.example.org/2026/11/bridge-{number}",
            byline="Alice Okafor",
            credit="This article was originally published by Valley Times." if number % 3 else "",
            publisher="Valley Times",
            image=Image(url=f"https://news.example.org/bridge-{number}.jpg", alt="A bridge"),
            language="en",
        )
        for number in range(STORIES)
    ]


def newsletter() -> Newsletter:
    def give(label: str) -> Button:
        return Button(label=label, url="https://news.example.org/give")

    ask = Appeal(headline="Keep the lights on", text=TOLD, one_time=give("Give once"), monthly=give("Give monthly"))
    return Newsletter(
        slug="daily", name="The Riverbend Daily", tagline="The valley in five minutes", sender_name="Riverbend",
        sender_address="daily@news.example.org", reply_to="", list_id="daily.news.example.org",
        postal_address="12 Mill Lane\nRiverbend", timezone="UTC", language="en", theme="classic",
        website="https://news.example.org/", social=(), why="", reader="reader", cadence="", draft_ahead=2.0,
        subject="{lead}", sections=(Heading(slug="town", title="In town"), Heading(slug="valley", title="Valley")),
        sources=(), stories=STORIES, per_source=4, window_hours=24.0, summary_words=(20, 60), ask=ask,
        ask_for=(Supporter.NONE, Supporter.UNKNOWN), thanks=replace(ask, one_time=None, monthly=None),
        campaign={"utm_source": "daily"},
    )  # fmt: skip


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    issue = Issue(
        id=1, newsletter="daily", number=1, state=IssueState.DRAFT, date=date(2026, 11, 20),
        created_at=datetime(2026, 11, 20, 5, tzinfo=UTC),
    )  # fmt: skip
    series, told, renderer = newsletter(), stories(), Renderer()
    taken: list[float] = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        editions = compose(issue, series, told)
        rendered = [renderer.render(edition, series.theme) for edition in editions]
        taken.append((time.perf_counter() - begun) * 1000)
    begun = time.perf_counter()
    found = [finding for edition, mail in zip(editions, rendered, strict=True) for finding in check(mail, edition)]
    checked = (time.perf_counter() - begun) * 1000
    first, *warm = taken
    print(
        json.dumps(
            {
                "what": "compose and render",
                "stories": STORIES,
                "editions": len(editions),
                "rounds": rounds,
                "first_ms": round(first, 1),
                "median_ms": round(statistics.median(warm), 1),
                "p95_ms": round(statistics.quantiles(warm, n=20)[-1], 1),
                "check_ms": round(checked, 1),
                "findings": len(found),
                "html_bytes": max(len(mail.html.encode()) for mail in rendered),
            }
        )
    )


if __name__ == "__main__":
    main()
