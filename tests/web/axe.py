"""What axe-core finds on a page, as the package axe-playwright-python brings it; Playwright itself is not used."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

from tests.web.browser import Tab

SERIOUS = ("serious", "critical")


@cache
def _axe() -> str:
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        pytest.skip("axe-playwright-python is not installed")
    return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


def findings(tab: Tab, impacts: Collection[str], *, asked: str = "") -> list[str]:
    """Those of these impacts; `asked` are arguments of `axe.run`."""
    tab.evaluate(f"{_axe()}\n;0")
    found = tab.evaluate(f"axe.run({asked}).then(done => JSON.stringify(done.violations))")
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in json.loads(found)
        if one["impact"] in impacts
    ]
