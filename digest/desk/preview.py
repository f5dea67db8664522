"""The preview page: every edition as it will arrive, with its findings, and the receipts of its summaries.

One self-contained file: it can be mailed to a colleague and opened years later. What is shown inside its frames was
written by others, so each frame is a sandbox and the page's own policy lets nothing in but styles and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.deliver.message import Links, personalise
from digest.desk.frames import DESKTOP, PHONE, framed, whole_length, with_images
from digest.desk.proof import Proof
from digest.desk.receipts import receipt
from digest.model import Edition, Finding, Issue, IssueState, Level, Newsletter, Recipient, Rendered
from digest.render.environment import fill, templates_folder
from digest.render.rules.parts import CLIPPED, NEARLY_CLIPPED
from digest.render.slots import Part
from digest.render.words import direction
from digest.store.articles import StoredArticle
from digest.store.asked import Spent

#: Whom the preview is for: nobody's links.
_SAMPLE = Recipient(position=1, subscriber_id=0, address="reader@example.org", name="Alex Reader")

_LINK = re.compile(r"(https?://\S+)")

_LEVELS: dict[Level, str] = {
    Level.ERROR: "Must be mended before it can be approved",
    Level.WARNING: "Worth a look",
    Level.HINT: "Good to know",
}

#: What an editor does next, in the words of the command line.
_NEXT: dict[IssueState, str] = {
    IssueState.DRAFT: "Change it with `digest issues edit {id}`; let it go with `digest issues approve {id}`.",
    IssueState.APPROVED: "Approved. Rehearse and send it with `digest send {id}`, or `digest issues schedule {id}`. "
    "Whoever edits it makes it a draft again.",
    IssueState.SCHEDULED: "Approved and scheduled; `digest issues unschedule {id}` takes it off.",
    IssueState.SENDING: "Readers are getting it. `digest issues pause {id}` stops it.",
    IssueState.PAUSED: "Paused. Change it with `digest issues edit {id}`: who was not mailed yet gets the new text. "
    "`digest issues resume {id}` goes on, `digest issues cancel {id}` ends it.",
    IssueState.FINISHED: "Sent. `digest issues report {id}` says what became of it.",
    IssueState.CANCELLED: "Cancelled.",
}


_CHANGED = (
    "Paused and changed. Who was not mailed yet gets this text after `digest issues approve {id}` and "
    "`digest issues resume {id}`."
)


class Frame(NamedTuple):
    """A mail as one kind of program shows it."""

    title: str
    kind: str
    html: str
    #: About its whole height in pixels.
    height: int


class View(NamedTuple):
    """One edition on the page."""

    key: str
    supporters: str
    subject: str
    preheader: str
    frames: Sequence[Frame]
    #: Pieces of the text part, links apart from words.
    text: Sequence[tuple[str, bool]]
    html_bytes: int
    text_bytes: int


def page(
    proof: Proof,
    newsletter: Newsletter,
    articles: Mapping[int, StoredArticle],
    links: Links,
    *,
    images: Mapping[str, Path],
    readers: int | None = None,
    spent: Spent | None = None,
    asked: Mapping[int, Spent] | None = None,
    version: str = "",
) -> str:
    """The page as HTML. `articles` are those of the issue's stories, by id; `images` maps addresses to folders.

    `readers` is how many a correction would go to; `spent` is what the issue's models came to, and `asked` what those
    of single articles did, by id. With a `version`, the page asks its server whether there is a
    newer one.
    """
    env = Environment(loader=FileSystemLoader(templates_folder() / "web"), autoescape=True, undefined=StrictUndefined)
    issue, first = proof.issue, proof.editions[0][0]
    receipts = [
        receipt(story, articles.get(story.article_id), (asked or {}).get(story.article_id)) for story in first.stories
    ]
    return fill(
        env,
        "preview.html",
        {
            "proof": proof,
            "newsletter": newsletter,
            "envelope": first.envelope,
            "direction": direction(first.language),
            "views": [_view(edition, rendered, links, newsletter, images) for edition, rendered in proof.editions],
            "findings": _by_level(proof.findings),
            "next": [piece.format(id=issue.id) for piece in _next_of(issue).split("`")],
            "readers": readers,
            "changed": bool(issue.fingerprint) and issue.fingerprint != proof.fingerprint,
            "receipts": receipts,
            "sentences": max([1, *(len(one.sentences) for one in receipts)]),
            "grave": sum(one.is_grave for one in receipts),
            "spent": str(spent) if spent else "",
            "clipped": CLIPPED,
            "nearly_clipped": NEARLY_CLIPPED,
            "version": version,
        },
    )


def _next_of(issue: Issue) -> str:
    if issue.state is IssueState.PAUSED and not issue.fingerprint:
        return _CHANGED
    return _NEXT[issue.state]


def _by_level(findings: Sequence[Finding]) -> list[tuple[Level, str, list[Finding]]]:
    """Levels that have findings, the gravest first."""
    levels = [(level, said, [f for f in findings if f.level is level]) for level, said in _LEVELS.items()]
    return [(level, said, found) for level, said, found in levels if found]


def _view(
    edition: Edition, rendered: Rendered, links: Links, newsletter: Newsletter, images: Mapping[str, Path]
) -> View:
    slots = personalise(
        rendered, _SAMPLE, links, issue=0, attempt=1, newsletter=newsletter.slug, fallback_name=newsletter.reader
    ).slots
    html = with_images(Part.of_html(rendered.html).fill(slots), images)
    text = Part.of_text(rendered.text).fill(slots)
    return View(
        key=edition.key,
        supporters=", ".join(edition.supporters),
        subject=Part.of_subject(rendered.subject).fill(slots),
        preheader=rendered.preheader,
        frames=_frames(html, text),
        text=[(piece, bool(at % 2)) for at, piece in enumerate(_LINK.split(text)) if piece],
        html_bytes=len(rendered.html.encode()),
        text_bytes=len(rendered.text.encode()),
    )


def _frames(html: str, text: str) -> list[Frame]:
    wide, narrow = (whole_length(html, text, screen) for screen in (DESKTOP, PHONE))
    phone = framed(html, phone=True)
    return [
        Frame("Desktop", "desktop", framed(html), wide),
        Frame("Phone", "phone", phone, narrow),
        Frame("Phone, dark", "phone dark", framed(html, dark=True, phone=True), narrow),
        Frame("Desktop, dark", "desktop dark", framed(html, dark=True), wide),
        Frame("Phone, images off", "phone", framed(html, phone=True, images=False), narrow),
    ]
