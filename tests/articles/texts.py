"""A column from an invented town, and what newsrooms put around columns: for tests of reading and summarising."""

from __future__ import annotations

from digest.articles.extraction.extract import extract
from digest.model import Article, Document, DocumentKind, Dropped, DropReason, Hints

COLUMN = (
    (
        "In the two and a half years since the storm, the harbour town of Northmere has learned "
        "to live with sandbags. "
        "Every autumn the council promises a wall, and every spring the promise is washed away "
        "with the last of the mud."
    ),
    (
        "The visit of the regional minister last week was meant to change that. She walked along "
        "the quay, shook hands "
        "with the fishermen and spoke of resilience. Nobody in her party had brought boots."
    ),
    (
        "What the visit really showed is how far the capital has drifted from its coast. The "
        "ministry counts kilometres "
        "of dike; the people of Northmere count the nights they cannot sleep. Those are "
        "different numbers, and only one "
        "of them is growing."
    ),
    (
        "A serious plan would begin with the marshes. Engineers have said for decades that the "
        "cheapest wall is the one "
        "that nature builds, and that every euro spent on reeds saves four on concrete."
    ),
    "Until that plan exists, the town will keep its sandbags, and its doubts.",
)
BIO = "Miriam Alder is a journalist, translator, lecturer and lawyer."
CREDIT = "This article was originally published by The Harbour Review."
NAME = "Coastline News Syndicate"
APPEAL = (
    (
        "With social and political divides growing wider, careful reporting and informed "
        "analysis matter more than ever "
        "to keep people connected."
    ),
    (
        "Our ability to cover what happens along the coast, without the usual bias, depends on "
        "the support of committed "
        "readers."
    ),
    "If you appreciate the value of our work, please make a one-time or monthly contribution.",
    "We appreciate your support.",
)


def text(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def read(
    content: str | bytes,
    *,
    kind: DocumentKind = DocumentKind.TEXT,
    location: str = "/desk/column.txt",
    charset: str = "",
    hints: Hints | None = None,
) -> Article:
    raw = content if isinstance(content, bytes) else content.encode()
    return extract(
        Document(location=location, kind=kind, content=raw, charset=charset, hints=hints or Hints()),
    )


def page(body: str, head: str = "", *, lang: str = "en") -> str:
    return f'<!doctype html><html lang="{lang}"><head>{head}</head><body><article>{body}</article></body></html>'


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{one}</p>" for one in texts)


def reasons(article: Article) -> dict[str, DropReason]:
    return {dropped.text: dropped.reason for dropped in article.dropped}


def dropped(line: str, reason: DropReason) -> Dropped:
    return Dropped(text=line, reason=reason)
