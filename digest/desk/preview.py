"""The preview page: every edition as it will arrive, with its findings, and the receipts of its summaries.

One self-contained file. Dark mode is shown by making the mail's own dark rules unconditional, so that the page shows
it in every browser. Images that are not published yet may be shown from a folder (`preview.images`).
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.deliver.message import Links, personalise
from digest.desk.proof import Proof
from digest.model import Edition, Newsletter, Recipient, Rendered, Story
from digest.render.environment import templates_folder
from digest.render.slots import Part
from digest.store.articles import StoredArticle

_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_IMAGE = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]*)(")', re.IGNORECASE)

#: Whom the preview is for: nobody's links.
_SAMPLE = Recipient(position=1, subscriber_id=0, address="reader@example.org", name="Alex Reader")


class View(NamedTuple):
    """One edition on the page."""

    key: str
    supporters: str
    subject: str
    preheader: str
    light: str
    dark: str
    bare: str
    text: str
    html_bytes: int
    text_bytes: int


class Piece(NamedTuple):
    text: str
    marked: bool


class Receipts(NamedTuple):
    """A story's summary against the article that it rests on."""

    headline: str
    rung: str
    reason: str
    pieces: Sequence[Piece]
    dropped: Sequence[object]


def page(
    proof: Proof,
    newsletter: Newsletter,
    articles: Mapping[int, StoredArticle],
    links: Links,
    *,
    images: Mapping[str, Path],
    refresh: bool = False,
) -> str:
    """The page as HTML. `articles` are those of the issue's stories, by id; `images` maps addresses to folders."""
    env = Environment(loader=FileSystemLoader(templates_folder() / "web"), autoescape=True, undefined=StrictUndefined)
    first = proof.editions[0][0]
    return env.get_template("preview.html").render(
        proof=proof,
        newsletter=newsletter,
        envelope=first.envelope,
        views=[_view(edition, rendered, links, newsletter, images) for edition, rendered in proof.editions],
        receipts=[_receipts(story, articles.get(story.article_id)) for story in first.stories],
        refresh=refresh,
    )


def _view(
    edition: Edition, rendered: Rendered, links: Links, newsletter: Newsletter, images: Mapping[str, Path]
) -> View:
    message = personalise(
        rendered,
        _SAMPLE,
        links,
        issue=0,
        attempt=1,
        newsletter=newsletter.slug,
        fallback_name=newsletter.reader,
    )
    html = Part.of_html(rendered.html).fill(message.slots)
    light = with_images(html, images)
    return View(
        key=edition.key,
        supporters=", ".join(edition.supporters),
        subject=Part.of_subject(rendered.subject).fill(message.slots),
        preheader=rendered.preheader,
        light=light,
        dark=darkened(light),
        bare=_IMAGE.sub(r"\1\3", html),
        text=Part.of_text(rendered.text).fill(message.slots),
        html_bytes=len(rendered.html.encode()),
        text_bytes=len(rendered.text.encode()),
    )


def darkened(html: str) -> str:
    """`html` as a client in dark mode shows it."""
    return _DARK.sub("@media all", html)


def with_images(html: str, images: Mapping[str, Path]) -> str:
    """`html` with images under the given addresses put in from their folders; others are left as they are."""

    def put_in(match: re.Match[str]) -> str:
        for address, folder in images.items():
            if match[2].startswith(address):
                file = (folder / match[2].removeprefix(address)).resolve()
                if file.is_relative_to(folder.resolve()) and file.is_file():
                    kind = mimetypes.guess_type(file.name)[0] or "image/png"
                    return f"{match[1]}data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}{match[3]}"
        return match[0]

    return _IMAGE.sub(put_in, html)


def _receipts(story: Story, stored: StoredArticle | None) -> Receipts:
    body = stored.article.body if stored else ""
    pieces: list[Piece] = []
    at = 0
    for span in story.summary.spans:
        pieces += [Piece(body[at : span.start], marked=False), Piece(body[span.start : span.end], marked=True)]
        at = span.end
    if not pieces:
        pieces.append(Piece(f"{story.summary.text}\n\n", marked=True))
    pieces.append(Piece(body[at:], marked=False))
    return Receipts(
        headline=story.headline,
        rung=story.summary.rung,
        reason=story.reason,
        pieces=pieces,
        dropped=stored.article.dropped if stored else (),
    )
