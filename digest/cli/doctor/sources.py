"""Sources that bring nothing any more: an issue would only grow thinner, and nobody notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding
from digest.cli.sources import remarks

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding


def of_sources(app_: App) -> Iterator[Finding]:
    """From what the last gathering left: no source is asked."""
    from digest.errors import StoreError

    try:
        with app_.database.read() as conn:
            said = [(slug, *one) for slug, letter in app_.newsletters.items() for one in remarks(app_, conn, letter)]
    except StoreError:
        return  # said already
    for slug, source, sentence in said:
        yield finding("warning", "source", sentence, f"{slug}/{source}")
