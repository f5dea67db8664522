"""From a document to an article: pure, whatever the document is.

Charset → blocks and stated facts (`page`, `prose`) → body apart from what stands around it (`boilerplate`). Hints of
the source come before what the document states, and that before any guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from digest.articles import bounds
from digest.articles.blocks import Block
from digest.articles.extraction.charset import decode
from digest.articles.extraction.facts import Found
from digest.articles.extraction.metadata import from_hints, is_to_come
from digest.errors import InputError
from digest.model import Access, Article, Document, DocumentKind

Reader = Callable[[str, str], tuple[list[Block], Found]]

#: A page with fewer words is a login form or an error, a text with fewer nothing to send.
_LEAST_WORDS = 5
_SHORT = 60
_WITHIN = {
    DocumentKind.HTML: bounds.markup_within,
    DocumentKind.MARKDOWN: bounds.markdown_within,
    DocumentKind.TEXT: bounds.text_within,
}


TO_COME = "The date that it states is still to come, and so was not believed: it counts from when it was read."
#: A warning that an editor answers by giving a headline.
NO_HEADLINE = "It has no headline: give it one before it goes into an issue."


def extract(document: Document, *, now: datetime | None = None) -> Article:
    """The article in `document`. Raises InputError when there is none.

    `now` tells which stated dates are still to come; without it all are believed.
    """
    text = decode(document.content, document.charset)
    _refuse_other_formats(text, document)
    text, is_cut = _WITHIN[document.kind](text)
    blocks, stated = _reader(document.kind)(text, document.location)
    blocks, is_short = bounds.blocks_within(blocks)
    hints = from_hints(document.hints)
    found = _with_alt(_published(hints, now), stated).over(_published(stated, now))
    article = replace(_article(blocks, found, document), own_headline=stated.headline)
    if not found.published_at and (hints.published_at or stated.published_at):
        article = replace(article, warnings=(*article.warnings, TO_COME))
    return replace(article, warnings=(*article.warnings, bounds.CUT)) if is_cut or is_short else article


def _published(found: Found, now: datetime | None) -> Found:
    return replace(found, published_at=None) if is_to_come(found.published_at, now) else found


def _reader(kind: DocumentKind) -> Reader:
    from digest.articles.extraction.page import read_page
    from digest.articles.extraction.prose import read_markdown, read_text

    return {DocumentKind.HTML: read_page, DocumentKind.MARKDOWN: read_markdown, DocumentKind.TEXT: read_text}[kind]


def _with_alt(hinted: Found, stated: Found) -> Found:
    """A feed names the picture and rarely says what it shows; the page of the same picture does."""
    image, same = hinted.image, stated.image
    if image and same and image.url == same.url and not image.alt:
        return replace(hinted, image=same)
    return hinted


def _article(blocks: list[Block], found: Found, document: Document) -> Article:
    from digest.articles.extraction.boilerplate import clean
    from digest.articles.extraction.verdicts import Known, byline_among
    from digest.articles.extraction.walls import access_of
    from digest.articles.language import settle

    found = found.over(Found(byline=byline_among(blocks)))
    known = Known(headline=found.headline, standfirst=found.standfirst, byline=found.byline, publisher=found.publisher)
    cleaned = clean(blocks, known)
    body = "\n\n".join(cleaned.body)
    if len(body.split()) < _LEAST_WORDS:
        raise _no_article(document, locked=found.locked)
    access = access_of(found, blocks, body) if document.kind is DocumentKind.HTML else Access.FREE
    return Article(
        url=found.url,
        headline=found.headline,
        body=body,
        standfirst=found.standfirst,
        byline=found.byline,
        bio=cleaned.bio,
        credit=cleaned.credit,
        appeal=cleaned.appeal,
        correction=cleaned.correction,
        access=access,
        image=found.image,
        language=settle(found.language, body),
        published_at=found.published_at,
        publisher=found.publisher,
        categories=tuple(dict.fromkeys([*found.categories, *found.forms])),
        dropped=cleaned.dropped,
        warnings=(*cleaned.warnings, *_warnings(found, body, access, document.kind)),
    )


def _warnings(found: Found, body: str, access: Access, kind: DocumentKind) -> tuple[str, ...]:
    from digest.articles.extraction.walls import CUT_OFF, PAID

    warnings = []
    if not found.headline:
        warnings.append(NO_HEADLINE)
    if access is not Access.FREE:
        warnings.append(CUT_OFF if access is Access.CUT else PAID)
    elif kind is DocumentKind.HTML and len(body.split()) < _SHORT:
        warnings.append("Very little text was found: the page may hide the rest behind a login or a payment.")
    if body.count("\ufffd") > 2:
        warnings.append("Some characters could not be read: check names and quotes.")
    return tuple(warnings)


def _refuse_other_formats(text: str, document: Document) -> None:
    start = text.lstrip("\ufeff \t\r\n")[:300]
    if not start:
        raise InputError(f"{document.location} is empty.", hint="Check that it was saved or published with its text.")
    if start[0] in "{[" and _is_json(text):
        raise InputError(
            f"{document.location} is JSON, not an article.",
            hint="If it is a JSON feed, add it as a feed source; else give the article's own page.",
        )
    if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", start, re.DOTALL):
        raise InputError(
            f"{document.location} is a feed or a sitemap, not an article.", hint="Add it as a feed source."
        )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _no_article(document: Document, *, locked: bool) -> InputError:
    if locked:
        hint = "Save the article in a browser where you can read it (.html, .txt), and add the file."
        return InputError(f"{document.location} is only for those who pay or register, and shows nothing.", hint=hint)
    if document.kind is DocumentKind.HTML:
        hint = "The page may need JavaScript or a login; save the article as .html, .md or .txt and add the file."
    else:
        hint = "Check that the file holds the article's text."
    return InputError(f"No article was found in {document.location}.", hint=hint)
