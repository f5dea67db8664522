"""What a rule looks at: an edition, what was rendered of it, and both as a reader meets them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.model import Edition, Finding, Level, Rendered
from digest.render.reading import Page, one_spaced, read_page
from digest.render.shown import shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    rendered: Rendered
    #: As composed: with links that were left out because they are no web links.
    edition: Edition
    #: As a theme may show it.
    shown: Edition
    page: Page
    #: The text part with single spaces, so that wrapped lines compare.
    text: str

    def finding(self, level: Level, code: str, message: str, *, where: str = "") -> Finding:
        return Finding(level=level, code=code, message=message, where=where or self.edition.key)

    def error(self, code: str, message: str, *, where: str = "") -> Finding:
        return self.finding(Level.ERROR, code, message, where=where)

    def warning(self, code: str, message: str, *, where: str = "") -> Finding:
        return self.finding(Level.WARNING, code, message, where=where)

    def hint(self, code: str, message: str, *, where: str = "") -> Finding:
        return self.finding(Level.HINT, code, message, where=where)

    def addresses(self) -> list[tuple[str, str]]:
        """Every link of the edition with the place it stands at, images apart; empty ones left out."""
        edition = self.edition
        named = [("masthead", edition.website)]
        for story in edition.stories:
            named.append((story.headline, story.url))
            named += [(story.headline, mention.url) for mention in story.also]
        if edition.appeal:
            buttons = (edition.appeal.monthly, edition.appeal.one_time)
            named += [("appeal", button.url) for button in buttons if button]
        named += [(link.label, link.url) for link in edition.social]
        return [(where, url) for where, url in named if url]

    def images(self) -> list[tuple[str, str]]:
        """The address of every story's image with the story's headline."""
        return [(story.headline, story.image.url) for story in self.edition.stories if story.image]

    def own_hosts(self) -> frozenset[str]:
        """The hosts that the edition itself names."""
        return frozenset(host_of(url) for _, url in (*self.addresses(), *self.images()))


def mail_of(rendered: Rendered, edition: Edition) -> Mail:
    return Mail(
        rendered=rendered,
        edition=edition,
        shown=shown(edition),
        page=read_page(rendered.html),
        text=one_spaced(rendered.text),
    )


def host_of(url: str) -> str:
    """The host in lower case; empty when there is none."""
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
