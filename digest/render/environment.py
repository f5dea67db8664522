"""Templates to text: one Jinja environment for every mail, and errors that name file and line.

Templates are looked for in a theme's (or notice's) own folder first, then in `email/base`, so a theme overrides a
part by having a file of the same name, and reaches the original as `base/parts/story.mjml`. Every tag of an MJML
template is marked with the file and line it stands at; `digest.render.mjml` reads the marks to say where a mistake
is, and takes them out again. Nothing that an article says is ever a template.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from digest.errors import RenderError

if TYPE_CHECKING:
    from jinja2 import Environment

#: The attribute that says where a tag stands in its template; never left in a mail.
PLACE = "digest-at"

#: Folders to look in, in order, each with the name that errors give it.
Shelves = Sequence[tuple[str, Path]]

_JINJA = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][\w:-]*")
#: Plain text is read in columns of this many characters, as RFC 5322 readers have always done.
COLUMNS = 72


def templates_folder() -> Path:
    """Where the templates are: inside an installed wheel, else beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    # The wheel comes first: beside an installed package another project's `templates` may lie.
    for folder in (package / "_templates", package.parent / "templates"):
        if (folder / "email").is_dir():
            return folder
    raise RenderError("The templates are missing.", hint="Install the digest mailer again.")


def environment(shelves: Shelves) -> Environment:
    """The environment of one theme or notice; it notices changed files by itself."""
    from jinja2 import Environment, StrictUndefined

    env = Environment(
        loader=_loader(shelves),
        undefined=StrictUndefined,
        autoescape=_is_markup,  # noqa: S701 - by name: mjml and html escape, txt has nothing to escape
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["wrap"] = wrap
    env.filters["paragraphs"] = paragraphs
    return env


def fill(env: Environment, name: str, values: Mapping[str, object]) -> str:
    """The template `name` with `values`; every failure is a RenderError at the line that caused it."""
    from jinja2 import TemplateSyntaxError

    try:
        return env.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise RenderError(
            _sentence(error.message or "This is no valid template"),
            template=error.filename or error.name or name,
            line=error.lineno,
            hint="Correct the template; nothing was rendered.",
        ) from error
    except RenderError as error:
        raise _at(error, error.message, error.hint, name) from error
    except Exception as error:  # a template can raise anything; all of it is the template's mistake
        raise _at(error, _explain(error), "Correct the template; nothing was rendered.", name) from error


def wrap(text: str, width: int = COLUMNS) -> str:
    """`text` in lines of at most `width` characters; links and long words stay whole."""
    lines = (textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.splitlines())
    return "\n".join(lines)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of `text`, which blank lines part, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def marked(source: str, label: str) -> str:
    """`source` with the place of every tag in an attribute of that tag; Jinja's own marks are left alone."""
    pieces: list[str] = []
    line = 1
    for at, piece in enumerate(_JINJA.split(source)):
        pieces.append(piece if at % 2 else _mark_tags(piece, label, line))
        line += piece.count("\n")
    return "".join(pieces)


def _mark_tags(piece: str, label: str, line: int) -> str:
    def place(match: re.Match[str]) -> str:
        at = line + piece.count("\n", 0, match.start())
        return f'{match[0]} {PLACE}="{label}:{at}"'

    return _TAG.sub(place, piece)


def _loader(shelves: Shelves) -> Any:
    from jinja2 import FunctionLoader

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = _find(shelves, name)
        if found is None:
            return None
        label, path = found
        changed = path.stat().st_mtime_ns
        source = _read(path, label)
        text = marked(source, label) if name.endswith(".mjml") else source
        # A file added to the theme hides the base's: both must be noticed while a preview is being served.
        return text, label, lambda: _find(shelves, name) == found and path.stat().st_mtime_ns == changed

    return FunctionLoader(load)


def _find(shelves: Shelves, name: str) -> tuple[str, Path] | None:
    if ".." in Path(name).parts or Path(name).is_absolute():
        return None
    for label, folder in shelves:
        if (folder / name).is_file():
            return f"{label}/{name}", folder / name
    return None


def _read(path: Path, label: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise RenderError("This file is not UTF-8.", template=label, line=line, hint="Save it as UTF-8.") from error


def _is_markup(name: str | None) -> bool:
    return name is None or name.endswith((".mjml", ".html"))


def _explain(error: Exception) -> str:
    from jinja2 import TemplateNotFound, UndefinedError

    if isinstance(error, TemplateNotFound):
        return f"There is no file {error.message}."
    if isinstance(error, UndefinedError):
        return _sentence(error.message or "A value is missing")
    if isinstance(error, KeyError):
        return f"There is nothing called {error}."
    return _sentence(f"{type(error).__name__}: {error}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _at(error: Exception, message: str, hint: str, name: str) -> RenderError:
    """`error` at the innermost line of a template that it passed through."""
    if isinstance(error, RenderError) and error.template:
        return error
    template, line = _innermost(error.__traceback__) or (name, 0)
    return RenderError(message, template=template, line=line, hint=hint)


def _innermost(trace: TracebackType | None) -> tuple[str, int] | None:
    # Jinja rewrites the traceback so that its frames name the template's file and line.
    place = None
    while trace:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            place = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return place
