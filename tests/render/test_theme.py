from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from digest.errors import RenderError
from digest.render.check import check
from digest.render.edition import Renderer
from digest.render.environment import templates_folder
from digest.render.theme import contrast
from tests.render.editions import edition

THEMES = Renderer().themes()

# WCAG 2 AA: 4.5 for text, 3 for what is large or marks a button.
PAIRS = [
    ("ink", "page", 4.5),
    ("ink", "card", 4.5),
    ("ink", "panel", 4.5),
    ("quiet", "page", 4.5),
    ("quiet", "card", 4.5),
    ("accent", "card", 4.5),
    ("accent", "panel", 4.5),
    ("on_accent", "accent", 4.5),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("light", ["colours", "dark"])
def test_text_stands_out_in_light_and_dark(renderer: Renderer, theme: str, light: str) -> None:
    colours = getattr(renderer.theme(theme), light)
    weak = {f"{one} on {other}": contrast(colours[one], colours[other]) for one, other, least in PAIRS
            if contrast(colours[one], colours[other]) < least}  # fmt: skip
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES)
def test_whatever_has_a_colour_has_one_in_the_dark(renderer: Renderer, theme: str) -> None:
    """What keeps its colour of the day is black on black."""
    base = (templates_folder() / "email/base/style.css").read_text(encoding="utf-8")
    coloured = set(re.findall(r"(?m)^\.([a-z]+)\b[^{]*\{ .*[ ;]color: \{\{ c\.(?!page)", base))
    html = renderer.render(edition(note="We are sorry."), theme).html
    dark = html[html.index("@media (prefers-color-scheme: dark)") :]
    in_the_dark = set(re.findall(r"\.([a-z]+)", " ".join(re.findall(r"([^{}]+)\{ color:", dark))))

    assert {"note", "summary", "go"} <= coloured
    assert coloured - in_the_dark == set()


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_a_themes_own_sample_has_nothing_to_warn_of(renderer: Renderer, theme: str) -> None:
    sample = renderer.sample(theme)
    assert {str(finding.level) for finding in check(renderer.render(sample, theme), sample)} <= {"hint"}


@pytest.mark.parametrize("theme", THEMES)
def test_words_a_reader_must_read_are_large_enough_on_a_phone(renderer: Renderer, theme: str) -> None:
    sizes = renderer.theme(theme).sizes
    assert min(sizes["summary"], sizes["headline"], sizes["lead_phone"], sizes["name_phone"]) >= 16
    html = renderer.render(edition(), theme).html
    assert ".meta, .credit, .update, .small, .dateline, .way, .leave { font-size: 16px !important; }" in html


def test_a_theme_is_added_by_copying_a_folder(tmp_path: Path) -> None:
    shutil.copytree(templates_folder() / "email/themes/plain", tmp_path / "evening")
    colours = tmp_path / "evening/theme.toml"
    colours.write_text(colours.read_text(encoding="utf-8").replace("#0b57a4", "#135e3a"), encoding="utf-8")
    for themes in ([tmp_path], [tmp_path / "evening"]):
        renderer = Renderer(themes=themes)
        assert renderer.themes() == ["classic", "evening", "plain"]
        assert "#135e3a" in renderer.render(edition(), "evening").html


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#a3201d", "red", "The colour accent in [colours] must be written as #rrggbb, not red."),
        ("[dark]", "[night]", "The table [dark] is missing."),
        ("width = 640", 'width = "wide"', "width must be a number of pixels"),
        ('on_accent = "#1b1110"', "", "only one has on_accent"),
        ("lead = 600", "lead = 6", "lead in [room] must be a number of characters from 80 to 2000."),
        ("story = 450", 'story = "much"', "story in [room] must be a number of characters"),
        ("story = 450", "stories = 450", "[room] knows lead and story, not stories."),
    ],
)
def test_a_theme_that_cannot_work_says_why(templates: Path, old: str, new: str, said: str) -> None:
    path = templates / "email/themes/classic/theme.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        Renderer(templates).render(edition(), "classic")
    assert said in caught.value.message
    assert caught.value.template == "email/themes/classic/theme.toml"


def test_a_sample_that_is_none_says_why(templates: Path) -> None:
    path = templates / "email/themes/plain/sample.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("issue_number = 31", ""), encoding="utf-8")
    with pytest.raises(RenderError, match="issue_number"):
        Renderer(templates).sample("plain")


def test_a_theme_that_names_no_room_has_the_usual(templates: Path) -> None:
    path = templates / "email/themes/classic/theme.toml"
    bare = path.read_text(encoding="utf-8").replace("[room]\nlead = 600\nstory = 450\n", "")
    path.write_text(bare, encoding="utf-8")

    room = Renderer(templates).theme("classic").room

    assert (room.lead, room.story) == (600, 450)
