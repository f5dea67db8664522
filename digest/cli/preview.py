"""`digest preview`: see an issue before anybody else does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, say, show
from digest.cli.session import IssueId, session, until_told

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.desk.proof import Proof
    from digest.settings import Settings


def preview(
    issue: IssueId,
    out: Annotated[Path | None, typer.Option(help="File to write; data/preview/ISSUE.html when not given.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it here and refresh when something changes.")] = False,
    port: Annotated[int, typer.Option(help="With --serve; 0 for a free one.")] = 8401,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a page that shows every edition: inbox, desktop, phone, dark, images off, text, findings, receipts.

    Example: `digest preview 7 --open`, or `digest preview 7 --serve` while working on a theme
    """
    from digest.cli.issue_words import proof_facts, tell_findings

    if serve:
        _serve(issue, port, open_)
        return
    with session() as app_:
        proof = app_.proofs.proof(issue)
        file = out or app_.settings.path("paths.data") / "preview" / f"{issue}.html"
        _write(file, preview_page(app_, proof))

    def tell() -> None:
        tell_findings(proof.findings)
        say(f"Preview: {file}")

    show(proof_facts(proof) | {"preview": file}, as_json, tell)
    if open_:
        typer.launch(file.resolve().as_uri())


def preview_page(app_: App, proof: Proof, *, version: str = "") -> str:
    """The page of a proof. With a `version` it asks its server whether there is a newer one."""
    from digest.deliver.freeze import audience
    from digest.desk.preview import page
    from digest.store import articles, asked, deliveries

    with app_.database.read() as conn:
        ids = [story.article_id for story in proof.editions[0][0].stories]
        found = articles.several(conn, ids)
        spent, by_article = asked.of_issue(conn, proof.issue.id), asked.of_articles(conn, ids)
        readers = deliveries.count(conn, audience(conn, proof.issue, at=app_.clock())) if proof.issue.corrects else None
    newsletter = app_.newsletters[proof.issue.newsletter]
    links, images = app_.links(proof.issue), _images(app_.settings)
    return page(
        proof,
        newsletter,
        found,
        links,
        images=images,
        readers=readers,
        spent=spent,
        asked=by_article,
        version=version,
    )


def _images(settings: Settings) -> dict[str, Path]:
    return {address: settings.file.parent / folder for address, folder in settings["preview.images"].items()}


def _write(file: Path, html: str) -> None:
    from digest.errors import UsageMistake

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageMistake(
            f"The preview cannot be written to {file}: {error.strerror}.", hint="Name another file with --out."
        ) from error


def _serve(issue: int, port: int, open_: bool) -> None:
    from digest.store import issues
    from digest.web.live import Live, create_preview
    from digest.web.serving import address_of, listen
    from digest.web.serving import serve as answer

    def page(version: str) -> str:
        # Opened anew: the settings, with their appeal and sections, may be what changed.
        with session() as fresh:
            return preview_page(fresh, fresh.proofs.proof(issue), version=version)

    with session() as app_, until_told():

        def state() -> str:
            with app_.database.read() as conn:
                return f"{issues.get(conn, issue)} {issues.stories(conn, issue)}"

        state()  # an issue that is not there is said here, not in the browser
        live = Live(page, _watched(app_.settings), state)
        with listen("127.0.0.1", port) as sock:
            say(f"Preview of issue {issue}: {address_of(sock)}  (Ctrl-C ends it)")
            if open_:
                typer.launch(address_of(sock))
            answer(create_preview(live), sock)


def _watched(settings: Settings) -> list[Path]:
    """Files and folders that a preview is made of."""
    from digest.render.environment import templates_folder

    own = [settings.path("paths.themes")] if settings["paths.themes"] else []
    return [templates_folder(), settings.file, *own, *_images(settings).values()]
