"""The sample of each theme, byte for byte. After a change that is meant: DIGEST_UPDATE_GOLDEN=1 pytest tests/render"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.render.edition import Renderer

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_a_theme_renders_its_sample_as_it_did_before(renderer: Renderer, theme: str) -> None:
    rendered = renderer.render(renderer.sample(theme), theme)
    for suffix, part in (("html", rendered.html), ("txt", rendered.text)):
        golden = GOLDEN / f"{theme}.{suffix}"
        if os.environ.get("DIGEST_UPDATE_GOLDEN"):
            golden.write_text(part, encoding="utf-8")
        assert part == golden.read_text(encoding="utf-8")


def test_every_theme_that_ships_has_a_golden_mail(renderer: Renderer) -> None:
    assert {path.stem for path in GOLDEN.glob("*.html")} >= set(renderer.themes())
