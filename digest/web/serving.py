"""Serving a preview page that refreshes itself when a template, the settings' themes or the issue changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

from digest.errors import DigestError


def create_preview(page: Callable[[], str], watched: Sequence[Path], state: Callable[[], str]) -> FastAPI:
    """The ASGI app of `digest preview --serve`. `state` says, in a few words, what the database shows now."""
    api = FastAPI(title="preview", docs_url=None, redoc_url=None, openapi_url=None)

    def show() -> Response:
        try:
            return HTMLResponse(page())
        except DigestError as error:
            # A template mistake is what a designer waits for: shown, and refreshed like the page itself.
            return HTMLResponse(_mistake(error), status_code=500)

    def version() -> Response:
        return Response(f"{_stamp(watched)} {state()}", media_type="text/plain")

    api.get("/")(show)
    api.get("/version")(version)
    return api


def _stamp(folders: Sequence[Path]) -> str:
    """Changes whenever a file below the folders does."""
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    return sha256("".join(f"{file}{file.stat().st_mtime_ns}" for file in files).encode()).hexdigest()[:16]


def _mistake(error: DigestError) -> str:
    from markupsafe import escape

    return (
        "<!doctype html><meta charset=utf-8><title>Mistake</title>"
        "<body style='font:16px/1.5 system-ui;max-width:50rem;margin:4rem auto'>"
        f"<h1>{escape(type(error).__name__)}</h1><pre style='white-space:pre-wrap'>{escape(error.message)}</pre>"
        f"<p>{escape(error.hint)}</p><script>setTimeout(() => location.reload(), 1000)</script>"
    )
