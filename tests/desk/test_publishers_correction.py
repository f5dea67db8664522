"""What a publisher put right reaches readers, and what nobody could read is not told as if it were known."""

from __future__ import annotations

from digest.cli.preview import preview_page
from digest.model import Level
from digest.store import issues
from tests.newsroom import ARTICLE, Newsroom

NOTICE = "Correction: The pier of Harbour is 400 metres long, not 40."


def test_a_publishers_correction_reaches_the_story_the_mail_and_the_preview(newsroom: Newsroom) -> None:
    newsroom.write_article(body=f"{ARTICLE}\n{NOTICE}\n")
    issue = newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue

    proof = newsroom.app.proofs.proof(issue.id)

    for _, rendered in proof.editions:
        assert NOTICE in rendered.html
        assert NOTICE in " ".join(rendered.text.split())
    assert f'<p dir="auto">{NOTICE}</p>' in preview_page(newsroom.app, proof)
    with newsroom.app.database.read() as conn:
        (story,) = issues.stories(conn, issue.id)
    assert story.correction == NOTICE
    assert NOTICE not in story.summary.text


def test_a_page_that_breaks_off_has_no_summary_and_the_editor_is_told(newsroom: Newsroom) -> None:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE.split("\n\n")[:2])
    asks = "<p>Subscribe to continue reading</p>"
    page = f"<html><h1>The north pier will be rebuilt</h1><article>{paragraphs}{asks}</article></html>"
    file = newsroom.folder / "pier.html"
    file.write_text(page, encoding="utf-8")
    (stored,) = newsroom.app.intake.add([str(file)], [newsroom.daily]).articles

    assert stored.summary is None
    assert any("Only its beginning is free to read" in warning for warning in stored.article.warnings)
    issue = newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue
    findings = newsroom.app.proofs.proof(issue.id).findings
    assert any(finding.level is Level.ERROR and "summary" in finding.code for finding in findings)
