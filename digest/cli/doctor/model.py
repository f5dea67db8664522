"""The language model: whether one writes summaries, and with what it is asked. Asking it would cost money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding

_ON = (
    "{model} in {region} may write summaries, with {cap} for an issue. The credentials need bedrock:InvokeModel for "
    "it; articles leave for AWS, and nothing of readers does. It was not asked: that costs money."
)


def of_model(app_: App) -> Iterator[Finding]:
    from digest.errors import SettingsError

    settings = app_.settings
    if not settings["model.id"]:
        yield finding("hint", "model-off", "No language model writes summaries (model.id).", "model")
        return
    try:
        missing = app_.model_lacks()
    except SettingsError as error:
        yield finding("error", "model", str(error), "model")
        return
    tokens, dollars = settings["model.tokens_per_issue"], settings["model.dollars_per_issue"]
    caps = [f"{tokens:,} tokens" if tokens else "", f"${dollars:,.2f}" if dollars else ""]
    cap = " or ".join(filter(None, caps)) or "no cap"
    region = settings["model.region"] or settings["ses.region"]
    yield finding("hint", "model-on", _ON.format(model=settings["model.id"], region=region, cap=cap), "model")
    if missing:
        yield finding("warning", "model", f"It cannot be asked: {missing}", "model")
    if not tokens and not dollars:
        yield finding("warning", "no-cap", "What it takes for an issue has no cap (model.tokens_per_issue).", "model")
