"""The live preview: a page that is made anew when what it shows has changed, and asks by itself whether it has.

A mistake in a template or in the settings is what a designer waits for, so it is a page too, with file and line, and
goes away as the page comes back: when the file is saved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware

from digest.errors import DigestError, RenderError
from digest.render.environment import templates_folder

#: Lines shown before and after the one with the mistake.
_AROUND = 3

#: The page may run our own script and nothing else; the mail inside is not even allowed that by its sandbox.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


class Live:
    """`page` makes the page of a version; `state` says in a few words what the database holds of it now."""

    def __init__(self, page: Callable[[str], str], watched: Sequence[Path], state: Callable[[], str]) -> None:
        self._page = page
        self._watched = watched
        self._state = state
        self._turn = threading.Lock()
        self._made = ""
        self._response: tuple[str, int] = ("", 500)

    def version(self) -> str:
        """Changes whenever something shown may have."""
        try:
            state = self._state()
        except DigestError as error:
            state = str(error)
        return sha256(f"{stamp(self._watched)} {state}".encode()).hexdigest()[:16]

    def show(self) -> tuple[str, int]:
        """The page and its HTTP status, made once for each version."""
        with self._turn:
            # Before the page is made: what changes meanwhile is another version.
            now = self.version()
            if now != self._made:
                self._response = self._make(now)
                self._made = now
            return self._response

    def _make(self, version: str) -> tuple[str, int]:
        try:
            return self._page(version), 200
        except DigestError as error:
            return _mistake(error, version, self._watched), 500


def create_preview(live: Live) -> FastAPI:
    """The ASGI app of `digest preview --serve`."""
    api = FastAPI(title="preview", docs_url=None, redoc_url=None, openapi_url=None)
    # A stranger's site may have its name lead to this machine; it must not read a draft that way.
    api.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    def show() -> Response:
        html, status = live.show()
        return HTMLResponse(html, status_code=status, headers=_HEADERS)

    def version() -> Response:
        return Response(live.version(), media_type="text/plain", headers=_HEADERS)

    def script() -> Response:
        return FileResponse(templates_folder() / "web" / "refresh.js", media_type="text/javascript", headers=_HEADERS)

    api.get("/")(show)
    api.get("/version")(version)
    api.get("/refresh.js")(script)
    return api


def stamp(watched: Iterable[Path]) -> str:
    """Changes whenever one of the files, or a file below one of the folders, does."""
    files = {file for path in watched for file in ([path] if path.is_file() else path.rglob("*"))}
    return sha256("".join(sorted(map(_stamp, files))).encode()).hexdigest()


def _stamp(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:
        return ""  # editors save by putting a new file in place of the old one: gone for a moment
    return f"{file} {status.st_mtime_ns} {status.st_size}\n"


def _mistake(error: DigestError, version: str, watched: Sequence[Path]) -> str:
    env = Environment(loader=FileSystemLoader(templates_folder() / "web"), autoescape=True, undefined=StrictUndefined)
    lines = _excerpt(error, watched) if isinstance(error, RenderError) else []
    return env.get_template("mistake.html").render(error=error, lines=lines, version=version)


def _excerpt(error: RenderError, watched: Sequence[Path]) -> list[tuple[int, str, bool]]:
    """The lines around the mistake: number, text, and whether it is the one."""
    found = [path for folder in watched for path in (folder / error.template, folder.parent / error.template)]
    file = next((path for path in found if path.is_file()), None)
    if file is None or not error.line:
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    first = max(error.line - 1 - _AROUND, 0)
    return [
        (number, text, number == error.line)
        for number, text in enumerate(lines[first : error.line + _AROUND], start=first + 1)
    ]
