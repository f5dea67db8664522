"""What readers' pages are printed on: one frame, one style, and the words of the newsletter's language."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Mapping
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digest.model import Newsletter
from digest.render.environment import templates_folder

#: The way from the page that is asked for to the root of ours, such as "../": links work behind any proxy and path.
ROOT: ContextVar[str] = ContextVar("ROOT", default="")

#: Pages of ours: no scripts, no pictures, nothing from anywhere, and no style but the one whose hash is named.
_POLICY = "default-src 'none'; style-src '{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class Stationery:
    def __init__(self, newsletters: Mapping[str, Newsletter]) -> None:
        folder = templates_folder() / "web"
        self._words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
        self._templates.filters["say"] = say
        style = self._templates.get_template("style.css").render()
        self._policy = _POLICY.format(style=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}")
        #: Whose paper it is where a link names no newsletter.
        self._first = next(iter(newsletters.values()), None)

    def page(
        self, template: str, newsletter: Newsletter | None = None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """`template` in the language of `newsletter`; in that of the first one when it is None."""
        html = self.text(template, newsletter, **values)
        return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": self._policy})

    def text(self, template: str, newsletter: Newsletter | None = None, **values: Any) -> str:
        letter = newsletter or self._first
        language = letter.language if letter else "en"
        return self._templates.get_template(template).render(
            {
                "lang": language,
                "words": self._words[language],
                "newsroom": letter.sender_name if letter else "",
                "website": letter.website if letter else "",
                "contact": letter.reply_to if letter else "",
                "slug": letter.slug if letter else "",
                "root": ROOT.get(),
                "public": False,
                **values,
            }
        )

    def message(
        self, name: str, newsletter: Newsletter | None = None, *, status: int = 200, way: str = "", held: str = ""
    ) -> HTMLResponse:
        """A page that only says something: the words NAME_title and NAME_text. `way` on is "link" or "join"."""
        return self.page("message.html", newsletter, status=status, name=name, way=way, held=held)


def root_of(path: str, below: str) -> str:
    """The way from `path`, as the browser sees it, to the root of our pages, which may lie `below` a path."""
    rest = path[len(below) :] if below and path.startswith(f"{below}/") else path
    return "../" * (rest.count("/") - 1) or "./"


def say(words: str, **values: str) -> Markup:
    """`words` with `values` in their places, each kept apart from the direction of the sentence around it.

    An address in a Hebrew sentence would otherwise swap places with the punctuation next to it.
    """
    apart = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
    return escape(words).format(**apart)
