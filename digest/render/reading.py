"""What a reader sees in html, and where it leads: for proving that nothing got lost, and for the check."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Addresses that a mail program loads by itself: in style sheets and in attributes other than href.
_CSS_ADDRESS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s]+)""", re.IGNORECASE)
_LOADING = ("src", "background", "poster", "data")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A mail's html as read."""

    #: All text, hidden preheader included, with single spaces.
    words: str
    #: Every href of an `<a>`, in order.
    links: tuple[str, ...]
    #: Every address that opening the mail may load: images, style sheets, fonts.
    loads: tuple[str, ...]


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def read_page(html: str) -> Page:
    from lxml import etree
    from lxml import html as parser

    tree = parser.document_fromstring(html or "<p></p>")
    styles = " ".join(tree.xpath("//style//text() | //@style"))
    loads = [str(value) for name in _LOADING for value in tree.xpath(f"//@{name}")]
    loads += [str(value) for value in tree.xpath("//link/@href")]
    loads += _CSS_ADDRESS.findall(styles)
    links = tuple(str(value) for value in tree.xpath("//a/@href | //area/@href"))
    etree.strip_elements(tree, "style", "script", "title", etree.Comment, with_tail=False)
    return Page(words=one_spaced(" ".join(tree.itertext())), links=links, loads=tuple(loads))
