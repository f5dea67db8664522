"""`digest preview`: see an issue before anybody else does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, say, show
from digest.cli.session import IssueId, session

if TYPE_CHECKING:
    from digest.bootstrap import App


def preview(
    issue: IssueId,
    out: Annotated[Path | None, typer.Option(help="File to write; data/preview/ISSUE.html when not given.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it here and refresh when something changes.")] = False,
    port: Annotated[int, typer.Option(help="With --serve.")] = 8401,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a page that shows every edition: desktop, phone, dark, images off, text, findings, receipts.

    Example: `digest preview 7 --open`, or `digest preview 7 --serve` while working on a theme
    """
    from digest.cli.issues import proof_facts, tell_findings

    with session() as app_:
        if serve:
            _serve(app_, issue, port, open_)
            return
        file = out or app_.settings.path("paths.data") / "preview" / f"{issue}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(preview_page(app_, issue), encoding="utf-8")
        proof = app_.proofs.proof(issue)

    def tell() -> None:
        tell_findings(proof.findings)
        say(f"Preview: {file}")

    show(proof_facts(proof) | {"preview": file}, as_json, tell)
    if open_:
        typer.launch(file.as_uri())


def preview_page(app_: App, issue: int, *, refresh: bool = False) -> str:
    """The page of an issue as it stands now."""
    from digest.desk.preview import page
    from digest.store import articles

    proof = app_.proofs.proof(issue)
    with app_.database.read() as conn:
        found = articles.several(conn, [story.article_id for story in proof.editions[0][0].stories])
    images = {
        address: (app_.settings.file.parent / folder).resolve()
        for address, folder in app_.settings["preview.images"].items()
    }
    newsletter = app_.newsletters[proof.issue.newsletter]
    return page(proof, newsletter, found, app_.links(proof.issue), images=images, refresh=refresh)


def _serve(app_: App, issue: int, port: int, open_: bool) -> None:
    import uvicorn

    from digest.render.environment import templates_folder
    from digest.store import issues
    from digest.web.serving import create_preview

    def state() -> str:
        with app_.database.read() as conn:
            return str(len(issues.journal(conn, issue)))

    watched = [templates_folder()] + ([app_.settings.path("paths.themes")] if app_.settings["paths.themes"] else [])
    api = create_preview(lambda: preview_page(app_, issue, refresh=True), watched, state)
    address = f"http://127.0.0.1:{port}/"
    say(f"Preview of issue {issue}: {address}  (Ctrl-C ends it)")
    if open_:
        typer.launch(address)
    uvicorn.run(api, host="127.0.0.1", port=port, log_level="warning")
