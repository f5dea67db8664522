"""What readers' pages are printed on: one frame, and the words of the newsletter's language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digest.model import Newsletter
from digest.render.environment import templates_folder


class Stationery:
    def __init__(self, newsletters: Mapping[str, Newsletter]) -> None:
        folder = templates_folder() / "web"
        self._words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
        self._templates.filters["say"] = say
        #: Whose paper it is where a link names no newsletter.
        self._first = next(iter(newsletters.values()), None)

    def page(
        self, template: str, newsletter: Newsletter | None = None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """`template` in the language of `newsletter`; in that of the first one when it is None."""
        letter = newsletter or self._first
        language = letter.language if letter else "en"
        html = self._templates.get_template(template).render(
            lang=language,
            words=self._words[language],
            newsroom=letter.sender_name if letter else "",
            website=letter.website if letter else "",
            contact=letter.reply_to if letter else "",
            **values,
        )
        return HTMLResponse(html, status_code=status)

    def message(self, name: str, newsletter: Newsletter | None = None, *, status: int = 200) -> HTMLResponse:
        """A page that only says something: the words NAME_title and NAME_text."""
        return self.page("message.html", newsletter, status=status, name=name)


def say(words: str, **values: str) -> Markup:
    """`words` with `values` in their places, each kept apart from the direction of the sentence around it.

    An address in a Hebrew sentence would otherwise swap places with the punctuation next to it.
    """
    apart = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
    return escape(words).format(**apart)
