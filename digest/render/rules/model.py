"""Rule on summaries by a language model: readers are told, in both parts, whatever theme the newsroom made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from digest.model import Finding
from digest.render.environment import templates_folder
from digest.render.reading import one_spaced
from digest.render.rules.mail import Mail
from digest.render.words import load_words


def model_is_named(mail: Mail) -> Iterator[Finding]:
    if not mail.edition.by_model:
        return
    line = _line(mail.edition.language)
    for part, seen in (("html", mail.page.words), ("text", mail.text)):
        if line not in seen:
            said = f'The {part} part does not say that a language model wrote summaries; the theme must (say("model")).'
            yield mail.error("model-unnamed", said)


@lru_cache(maxsize=32)
def _line(language: str) -> str:
    """The line as templates have it in the newsletter's language."""
    return one_spaced(load_words(templates_folder() / "email" / "words", language).say("model"))
