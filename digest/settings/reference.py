"""`docs/settings.md`, made from the tables."""

from __future__ import annotations

from typing import Any

import digest.settings
from digest.settings.declared import APPEAL, LINK, NEWSLETTER, SECTION, SEGMENT, SETTINGS, SOURCE, TOPIC
from digest.settings.secret import SECRETS
from digest.settings.table import REQUIRED


def reference() -> str:
    """`docs/settings.md`, made from the tables."""
    lines = ["# Settings", "", (digest.settings.__doc__ or "").strip().split("\n\n", 1)[1], ""]
    for title, table in (
        ("Settings", SETTINGS),
        ("`[newsletters.SLUG]`", NEWSLETTER),
        ("`[segments.NAME]`", SEGMENT),
        ("`[[newsletters.SLUG.sections]]`", SECTION),
        ("`[[newsletters.SLUG.sources]]`", SOURCE),
        ("`[[newsletters.SLUG.topics]]`", TOPIC),
        ("`[[newsletters.SLUG.social]]`", LINK),
        ("`[newsletters.SLUG.appeal]` and `.thanks`", APPEAL),
    ):
        lines += [f"## {title}", "", "| name | default | |", "| --- | --- | --- |"]
        lines += [f"| `{s.name}` | {_shown(s.default)} | {s.help} |" for s in table]
        lines.append("")
    lines += ["## Secrets", "", "| variable | |", "| --- | --- |"]
    lines += [f"| `{name}` or `{name}_FILE` | {sentence} |" for name, sentence in SECRETS.items()]
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is REQUIRED:
        return "*required*"
    return f"`{default!r}`".replace("'", '"') if default != "" else ""
