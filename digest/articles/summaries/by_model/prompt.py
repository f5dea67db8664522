"""What a model is asked: the words of `prompt.md`, with the article between marks that cannot stand in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.articles.summaries.by_model.checks import Brief, Failure
from digest.articles.summaries.limits import MOST_WORDS

#: As much of an article as is sent; what matters for a few lines of summary stands before.
MOST_SENT = 1500
_FILE = Path(__file__).with_name("prompt.md")
_PART = re.compile(r"^## (\w+)$", re.MULTILINE)
_FIELD = re.compile(r"\{(\w+)\}")
_LANGUAGES = {
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "he": "Hebrew", "ar": "Arabic", "ru": "Russian",
    "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What is asked about one article."""

    system: str
    user: str
    #: What is ours of it, without the article: an answer that repeats it is no summary.
    own: str
    _again: str

    def again(self, failures: Sequence[Failure]) -> str:
        return _filled(self._again, failures="\n".join(f"- {failure.message}" for failure in failures))


def prompt_for(brief: Brief) -> Prompt:
    parts, limits = _parts(), brief.limits
    headline, body = " ".join(brief.article.headline.split()), cut(brief.body)
    # A text that holds its own hash cannot be written, so nothing in it passes for the mark that ends it.
    digest = hashlib.sha256(f"{headline}\n{body}".encode()).hexdigest()
    mark = f"=== {digest[:32]} ==="
    said = {
        "language": _LANGUAGES.get(brief.language, "the article's language"),
        "least": str(limits.least),
        "most": str(min(limits.most, MOST_WORDS)),
        "characters": str(limits.characters),
        "marker": mark,
    }
    return Prompt(
        system=_filled(parts["system"], **said),
        user=_filled(parts["article"], headline=headline, body=body, **said),
        own="\n".join((*parts.values(), *said.values())),
        _again=parts["again"],
    )


def cut(body: str) -> str:
    """The paragraphs of `body` up to about 1,500 words; of one that is longer by itself, its beginning."""
    kept: list[str] = []
    words = 0
    for paragraph in body.split("\n\n"):
        words += len(paragraph.split())
        if kept and words > MOST_SENT:
            break
        kept.append(paragraph if words <= MOST_SENT else " ".join(paragraph.split()[:MOST_SENT]))
    return "\n\n".join(kept)


@cache
def _parts() -> dict[str, str]:
    _, *found = _PART.split(_FILE.read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}


def _filled(text: str, **values: str) -> str:
    """Every field in one go: braces in an article are no fields."""
    return _FIELD.sub(lambda field: values[field[1]], text)
