from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from digest.render.edition import Renderer
from digest.render.environment import templates_folder


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(templates_folder())


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates, to make mistakes in."""
    return Path(shutil.copytree(templates_folder() / "email", tmp_path / "templates" / "email")).parent
