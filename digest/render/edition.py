"""An edition to html and text: Jinja2 → MJML → CSS into elements, once per edition and never per reader.

The same edition gives the same bytes: no clock, no chance, no network. What comes out is proved before it is handed
on: every headline is there, the way out and the postal address are there, nothing of MJML is left. A mistake in a theme
is a RenderError with file and line, never an empty mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import RenderError
from digest.model import Button, Edition, Rendered
from digest.render.environment import environment, fill, templates_folder
from digest.render.inline import inline_css
from digest.render.mjml import compile_mjml
from digest.render.notice import Notice, notice_values
from digest.render.reading import one_spaced, read_page
from digest.render.sample import read_sample
from digest.render.shown import shown
from digest.render.slots import SLOTS, Part, mark, one_line
from digest.render.theme import Theme, find_themes, load_theme
from digest.render.words import Words, direction, direction_of, load_words, read_toml

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

DEFAULT_THEME = "classic"


class Renderer:
    """Renders editions and notices from a templates folder; templates changed on disk are read again."""

    def __init__(self, templates: Path | None = None, *, themes: Sequence[Path] = ()) -> None:
        self._templates = templates or templates_folder()
        self._more = tuple(themes)
        self._environments: dict[str, Environment] = {}

    def themes(self) -> list[str]:
        return sorted(find_themes(self._templates, self._more))

    def theme(self, name: str) -> Theme:
        folders = find_themes(self._templates, self._more)
        if name not in folders:
            raise RenderError(f"There is no theme {name}.", hint=f"There are: {', '.join(sorted(folders))}.")
        return load_theme(folders[name], self._templates)

    def sample(self, theme: str) -> Edition:
        """The theme's own sample, so that each theme can be seen without an issue."""
        found = self.theme(theme)
        return read_sample(found.folder / "sample.toml", f"{found.label}/sample.toml")

    def render(self, edition: Edition, theme: str) -> Rendered:
        look = self.theme(theme)
        words = load_words(self._templates / "email" / "words", edition.language)
        clean = _with_labels(shown(edition), words)
        values = {**_common(look, words), "edition": clean, "date": words.date(clean.date)}
        subject, html, text = self._mail(look.label, look, values)
        _prove(clean, html, text, f"{look.label}/body")
        if edition.envelope.track_clicks:
            html = _without_readers_own(html)
        return Rendered(
            edition=edition.key,
            subject=subject,
            preheader=one_line(clean.preheader),
            html=html,
            text=text,
            envelope=edition.envelope,
        )

    def render_notice(
        self, name: str, language: str, values: Mapping[str, str], *, theme: str = DEFAULT_THEME
    ) -> Notice:
        """A small mail to one person, such as "confirm": the folder `email/notices/<name>` with `values` filled in."""
        label = f"email/notices/{name}"
        if not (self._templates / label).is_dir():
            raise RenderError(f"There is no notice {name}.", template=label, hint="Notices are folders below it.")
        look = self.theme(theme)
        words = load_words(self._templates / "email" / "words", language)
        safe = notice_values(values, label)
        subject, html, text = self._mail(label, look, {**_common(look, words), "values": safe})
        return Notice(subject=subject, html=html, text=text)

    def notice_sample(self, name: str) -> dict[str, str]:
        """Values to see the notice with."""
        label = f"email/notices/{name}"
        return {key: str(value) for key, value in read_toml(self._templates / label / "sample.toml", label).items()}

    def _mail(self, label: str, look: Theme, values: Mapping[str, object]) -> tuple[str, str, str]:
        """Subject, html and text of the mail whose folder is `label`."""
        env = self._environment(label, look)
        composed = fill(env, "body.mjml", values)
        html = inline_css(compile_mjml(composed, template=f"{label}/body.mjml"))
        return one_line(fill(env, "subject.txt", values)), html, _tidy(fill(env, "body.txt", values))

    def words(self, language: str) -> Words:
        """The words around the articles in a language."""
        return load_words(self._templates / "email" / "words", language)

    def _environment(self, label: str, look: Theme) -> Environment:
        key = f"{label} {look.folder}"
        if key not in self._environments:
            email = self._templates / "email"
            shelves = [(look.label, look.folder), ("email/base", email / "base"), ("email", email)]
            if label != look.label:
                shelves.insert(0, (label, self._templates / label))
            self._environments[key] = environment(shelves)
        return self._environments[key]


def _with_labels(edition: Edition, words: Words) -> Edition:
    """Buttons that the settings give no words say the theme's own: no button goes out blank."""

    def labelled(button: Button | None, key: str) -> Button | None:
        return replace(button, label=button.label or words.say(key)) if button else None

    appeal = edition.appeal
    if appeal is None:
        return edition
    one_time, monthly = labelled(appeal.one_time, "one_time"), labelled(appeal.monthly, "monthly")
    return replace(edition, appeal=replace(appeal, one_time=one_time, monthly=monthly))


def _common(look: Theme, words: Words) -> dict[str, object]:
    """What the templates of editions and notices have alike; docs/themes.md lists it."""
    way = direction(words.language)
    return {
        "theme": look,
        "language": words.language,
        "direction": way,
        "start": "right" if way == "rtl" else "left",
        "end": "left" if way == "rtl" else "right",
        "say": words.say,
        "byline": words.byline,
        "spoken": partial(_spoken, language=words.language),
        "turned": partial(_spoken, language=words.language, align=False),
        "slots": {name: mark(name) for name in SLOTS},
    }


def _spoken(text: str, of: str = "", *, language: str, align: bool = True) -> Markup:
    """Attributes for an element that holds `text` in the language `of`; none where they would say nothing new.

    `align` is for text that begins at the margin; what is centred stays so.
    """
    from markupsafe import Markup

    way, own = direction(of) if of else direction_of(text, language), direction(language)
    side = "right" if way == "rtl" else "left"
    lang = Markup(' lang="{}"').format(of) if of and of != language else Markup()
    if way == own:
        return lang
    return lang + (Markup(' dir="{}" style="text-align:{}"').format(way, side) if align else Markup(f' dir="{way}"'))  # noqa: S704 - rtl or ltr


#: A link that is one reader's own: to leave, to choose.
_OWN_LINK = re.compile(r'<a (?=[^<>]*href="[^"]*%%\{(?:unsubscribe|preferences)_url\}%%)')


def _without_readers_own(html: str) -> str:
    """`html` with the reader's own links marked for SES, which takes the mark out and leaves those links as they are.

    They are as good as a password: nobody who keeps a list of clicks should have them.
    """
    return _OWN_LINK.sub("<a ses:no-track ", html)


def _tidy(text: str) -> str:
    """`text` without blanks at line ends, and never more than two empty lines."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{4,}", "\n\n\n", lines).strip() + "\n"


def _prove(edition: Edition, html: str, text: str, template: str) -> None:
    """Raise a RenderError when something that every reader must get is not in both parts."""
    for kind, part, seen in (
        ("mjml", Part.of_html(html), read_page(html).words),
        ("txt", Part.of_text(text), one_spaced(text)),
    ):
        missing = [story.headline for story in edition.stories if one_spaced(story.headline) not in seen]
        missing += [line for line in edition.postal_address.splitlines() if one_spaced(line) not in seen]
        if "unsubscribe_url" not in part.names:
            missing.append("the link to leave (slots.unsubscribe_url)")
        if missing:
            raise RenderError(
                f"What was rendered lacks: {'; '.join(missing)}.",
                template=f"{template}.{kind}",
                hint="Every theme must show each story, the postal address and the link to leave.",
            )
