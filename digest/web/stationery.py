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

from digest.languages import spoken_to, wished
from digest.model import Newsletter
from digest.render.environment import templates_folder

#: The way from the page that is asked for to the root of ours, such as "../": links work behind any proxy and path.
ROOT: ContextVar[str] = ContextVar("ROOT", default="")
#: The Accept-Language of whoever asks for the page; read only where it is known neither who it is nor of what.
WISHES: ContextVar[str] = ContextVar("WISHES", default="")

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
        #: Whose paper it is where a link names no newsletter: the first one's in each language.
        self._firsts: dict[str, Newsletter] = {}
        for letter in newsletters.values():
            self._firsts.setdefault(letter.language, letter)

    def page(
        self,
        template: str,
        newsletter: Newsletter | None = None,
        *,
        status: int = 200,
        language: str = "",
        **values: Any,
    ) -> HTMLResponse:
        """`template` in the `language` that the reader chose, else in that of `newsletter`.

        Where it is None: on the paper of the first newsletter whose language the browser asks for.
        """
        html = self.text(template, newsletter, language=language, **values)
        return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": self._policy})

    def text(self, template: str, newsletter: Newsletter | None = None, *, language: str = "", **values: Any) -> str:
        letter = newsletter or self._nobodys()
        language = spoken_to(language, letter.language if letter else "en")
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
        self,
        name: str,
        newsletter: Newsletter | None = None,
        *,
        status: int = 200,
        language: str = "",
        way: str = "",
        held: str = "",
    ) -> HTMLResponse:
        """A page that only says something: the words NAME_title and NAME_text. `way` on is "link" or "join"."""
        return self.page("message.html", newsletter, status=status, language=language, name=name, way=way, held=held)

    def _nobodys(self) -> Newsletter | None:
        first = next(iter(self._firsts.values()), None)
        return self._firsts.get(wished(WISHES.get(), self._firsts), first)


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
