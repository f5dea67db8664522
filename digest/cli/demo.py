"""`digest demo`: the whole round on the example newsroom, in a folder of its own, without an account or a server."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, progress, say, show

if TYPE_CHECKING:
    from digest.bootstrap import App

#: Says that the folder is ours to make anew.
_MARK = ".digest-demo"
_NEWSLETTER = "daily"


def demo(
    folder: Annotated[Path, typer.Option(help="Where to set it up; made anew each time.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Take the example newsroom through the whole round: articles, issue, preview, dry run, messages, report.

    Example: `digest demo`, then `cd demo` and go on from there
    """
    from digest.bootstrap import App
    from digest.settings import load

    home = set_up(folder)
    without = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    app_ = App(load(without, file=home / "settings.toml"))
    try:
        facts = _round(app_)
    finally:
        app_.close()

    def tell() -> None:
        say(f"The example newsroom went through the whole round in {home}:")
        say(f"  articles   {facts['articles']} read, {facts['stories']} chosen for issue {facts['issue']}")
        say(f"  preview    {facts['preview']}")
        say(f"  forecast   {facts['forecast']}")
        say(f"  messages   {facts['accepted']} written; the first: {facts['first_eml']}")
        say(f"  report     {facts['report']}")
        say(f"Go on from there: cd {folder} && {_command(home)} issues report {facts['issue']}")

    show(facts, as_json, tell)


def set_up(folder: Path) -> Path:
    """A fresh copy of the example newsroom with its settings. Raises UsageMistake for a folder that is not ours."""
    from digest.errors import UsageMistake

    home = folder.resolve()
    if home.exists():
        if not home.is_dir():
            raise UsageMistake(f"{home} is a file.", hint="Nothing was touched. Name another --folder.")
        if any(home.iterdir()) and not (home / _MARK).exists():
            raise UsageMistake(f"{home} is there and not a demo.", hint="Nothing was touched. Name another --folder.")
        shutil.rmtree(home)
    settings, examples = _shipped()
    home.mkdir(parents=True)
    (home / _MARK).touch()
    shutil.copy(settings, home / "settings.toml")
    shutil.copytree(examples, home / "examples", ignore=shutil.ignore_patterns("settings.toml"))
    return home


def _command(home: Path) -> str:
    """How this program is called from the demo's folder."""
    beside = Path(sys.executable).parent / "digest"
    return os.path.relpath(beside, home) if beside.exists() and not shutil.which("digest") else "digest"


def _shipped() -> tuple[Path, Path]:
    """settings.toml and examples/, in a checkout or in an installed package."""
    package = Path(__file__).parents[1]
    if (installed := package / "_examples").is_dir():
        return installed / "settings.toml", installed
    return package.parent / "settings.toml", package.parent / "examples"


def _round(app_: App) -> dict[str, object]:
    import threading

    import subscribers
    from digest.cli.preview import preview_page
    from digest.deliver.progress import duration
    from digest.report.figures import report

    letter = app_.settings.newsletter(_NEWSLETTER)
    newsroom = app_.settings.file.parent / "examples" / "newsroom"
    with progress("The whole round") as bar:
        steps = iter(range(1, 9))

        def step(what: str) -> None:
            bar(next(steps), 8, what)

        step("importing subscribers")
        with app_.database.write() as conn:
            imported = subscribers.import_csv(
                conn, newsroom / "subscribers.csv", newsletter=letter.slug, at=app_.clock(), force=True
            )
        step("gathering articles")
        gathered = app_.intake.gather(letter)
        column = app_.intake.add(
            [str(newsroom / "column.txt")], [letter], headline="A shop without a sign", section="opinion"
        )
        step("drafting")
        drafted = app_.drafting.draft(letter, actor="demo")
        step("rendering and checking")
        preview = app_.settings.path("paths.data") / "preview" / f"{drafted.issue.id}.html"
        preview.parent.mkdir(parents=True, exist_ok=True)
        preview.write_text(preview_page(app_, app_.proofs.proof(drafted.issue.id)), encoding="utf-8")
        step("approving")
        app_.proofs.approve(drafted.issue.id, actor="demo")
        step("dry run")
        forecast = app_.rehearsal.rehearse(drafted.issue.id)
        step("writing messages")
        app_.delivery.start(drafted.issue.id, actor="demo")
        app_.delivery.deliver(drafted.issue.id, stop=threading.Event())
        step("reporting")
        with app_.database.read() as conn:
            found = report(conn, drafted.issue.id)
    figures = found.figures
    first = min(app_.settings.path("paths.outbox").rglob("*.eml"), default=Path())
    return {
        "folder": app_.settings.file.parent,
        "articles": sum(len(source.new) for source in gathered) + len(column.articles),
        "imported": imported.added,
        "rejected": imported.rejected,
        "issue": drafted.issue.id,
        "stories": sum(choice.chosen for choice in drafted.choices),
        "preview": preview,
        "forecast": f"{forecast.recipients} readers in {forecast.batches} batches, "
        f"{forecast.largest / 1024:.0f} KB each, {duration(forecast.seconds)}",
        "accepted": figures.accepted,
        "first_eml": first,
        "report": f"{figures.state}: {figures.accepted} of {figures.recipients} accepted, "
        f"{figures.skipped} skipped, {figures.refused} refused, {figures.uncertain} uncertain",
        "figures": found.facts(),
    }
