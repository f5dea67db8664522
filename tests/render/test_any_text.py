"""Whatever an article says, the mail is whole: every headline arrives as written, and nothing else becomes of it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.render.edition import Renderer
from digest.render.reading import one_spaced, read_page
from digest.render.shown import harmless
from digest.render.slots import Part
from tests.render.editions import story, with_stories

SHARP = [
    "%%{address}%%",
    "%%{",
    "}%%",
    "%",
    "{{",
    "{%",
    "<mj-text>",
    "</mj-text>",
    "]]>",
    "<!--",
    "-->",
    "&amp;",
    "\"'<>&",
]
text = st.lists(st.one_of(st.text(max_size=8), st.sampled_from(SHARP)), max_size=5).map("".join)
RENDERER = Renderer()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(headline=text, summary=text, byline=text, credit=text, publisher=text)
def test_any_text_arrives_as_written(headline: str, summary: str, byline: str, credit: str, publisher: str) -> None:
    told = story(headline, summary=summary, byline=byline, credit=credit, publisher=publisher)
    rendered = RENDERER.render(with_stories(told, tagline=summary, why=byline, subject=headline), "classic")
    seen = read_page(rendered.html).words
    for said in (headline, summary, credit):
        assert one_spaced(harmless(said)) in seen
    assert "address" not in Part.of_html(rendered.html).names | Part.of_text(rendered.text).names
