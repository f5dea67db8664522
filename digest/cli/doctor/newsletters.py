"""Newsletters: their links, themes, sources and readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding


def of_links(app_: App) -> Iterator[Finding]:
    public = app_.settings["public_url"]
    if not public.startswith("https://"):
        level = "warning" if app_.settings["sender"] == "outbox" else "error"
        yield finding(level, "no-https", f"{public} is not https: one-click leaving needs it (RFC 8058).", "public_url")
    if "DIGEST_SECRET_KEY" in app_.settings.secrets:
        return
    if not app_.settings["database.url"].startswith("sqlite"):
        yield finding("error", "no-key", _NO_KEY, "keys")
        return
    level = "hint" if app_.settings["sender"] == "outbox" else "warning"
    kept = app_.settings.path("paths.data") / "secret-key"
    said = f"Links are signed with the key in {kept}; keep a copy, or set DIGEST_SECRET_KEY."
    yield finding(level, "kept-key", said, "keys")


_NO_KEY = (
    "DIGEST_SECRET_KEY is missing: all machines must sign readers' links with the same key. Coming from SQLite, it is "
    "what data/secret-key holds."
)


def of_newsletters(app_: App) -> Iterator[Finding]:
    from digest.errors import RenderError

    if not app_.newsletters:
        yield finding("error", "no-newsletter", "No newsletter is declared; add [newsletters.SLUG].", "settings.toml")
    for slug, letter in app_.newsletters.items():
        try:
            app_.renderer.render(app_.renderer.sample(letter.theme), letter.theme)
        except RenderError as error:
            yield finding("error", "theme", str(error), slug)
        if letter.ask is None:
            yield finding("hint", "no-appeal", "Has no appeal for support.", slug)
        if not letter.sources:
            yield finding("hint", "no-sources", "Has no sources; articles are added by hand.", slug)
        if app_.settings["sender"] != "outbox" and letter.sender_address.endswith(_EXAMPLES):
            yield finding("error", "example-sender", f"{letter.sender_address} is an example address.", slug)


_EXAMPLES = (".example", ".test", ".invalid", "@example.com", "@example.org", "@example.net")


def of_audiences(app_: App) -> Iterator[Finding]:
    import subscribers
    from digest.errors import StoreError

    try:
        database = app_.database
    except StoreError:
        return  # said already
    with database.read() as conn:
        for slug in app_.newsletters:
            counts = subscribers.counts(conn, slug, at=app_.clock())
            level = "hint" if counts.mailable else "warning"
            yield finding(level, "audience", f"{counts.mailable:,} readers may be mailed.", slug)
