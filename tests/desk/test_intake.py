"""Articles in: from sources, and by an editor's hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event

from digest.desk.faring import SourceReport
from digest.errors import NothingNew, StoreError, UsageMistake
from digest.model import Rung
from digest.store import articles
from digest.store.articles import StoredArticle
from tests.articles.sources.site import Site
from tests.desk.copy_desk import BAKERY, CHOIR, LEVY, OWLS, feed
from tests.newsroom import ARTICLE, SETTINGS, Newsroom

UNTITLED = ARTICLE + "\nMara Quist is a journalist, translator and former harbour pilot.\n"


def gather(room: Newsroom) -> dict[str, SourceReport]:
    return {report.source: report for report in room.app.intake.gather(room.daily)}


def headlines(found: tuple[StoredArticle, ...]) -> list[str]:
    return [stored.article.headline for stored in found]


def on_offer(room: Newsroom, newsletter: str = "daily") -> list[str]:
    with room.app.database.read() as conn:
        return sorted(stored.article.headline for stored in articles.newest(conn, newsletter=newsletter))


# --- Gathering ---------------------------------------------------------------------------------------------


def test_a_feed_and_a_folder_are_read_and_a_broken_source_is_only_reported(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR, OWLS)
    site.has("/broken.xml", "Internal error", "text/plain", status=500)
    (wired.folder / "copy" / "levy.txt").write_text(f"{LEVY.headline}\n\n{LEVY.text}", encoding="utf-8")

    reports = gather(wired)

    assert headlines(reports["Wire"].new) == [CHOIR.headline, OWLS.headline]
    assert headlines(reports["Copy"].new) == [LEVY.headline]
    assert (reports["Broken"].failed, reports["Broken"].new) == (True, ())
    assert [problem.source for problem in reports["Broken"].problems] == ["Broken"]
    assert reports["Wire"].problems == reports["Copy"].problems == ()
    assert on_offer(wired) == sorted([CHOIR.headline, OWLS.headline, LEVY.headline])
    assert on_offer(wired, "weekend") == []


def test_a_gathered_article_has_a_summary_of_whole_sentences_and_its_picture(wired: Newsroom, site: Site) -> None:
    feed(site, OWLS)

    (owls,) = gather(wired)["Wire"].new

    assert owls.article.url == site.url("/owls")
    assert owls.article.image
    assert owls.article.image.url == "https://harbour.example/owls.jpg"
    assert owls.summary
    assert owls.summary.rung in (Rung.EXTRACT, Rung.LEAD)
    assert all(owls.article.body[span.start : span.end] in " ".join(OWLS.paragraphs) for span in owls.summary.spans)


def test_what_was_gathered_is_not_gathered_again(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR)
    gather(wired)
    feed(site, BAKERY, CHOIR)

    second = gather(wired)["Wire"]
    third = gather(wired)["Wire"]

    assert headlines(second.new) == [BAKERY.headline]
    assert third.new == ()
    assert site.asked("/choir") == site.asked("/bakery") == 1


def test_a_page_that_fails_is_reported_stops_no_other_and_is_read_when_it_is_back(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR, OWLS)
    site.has("/choir", "gone fishing", "text/plain", status=503)

    first = gather(wired)["Wire"]
    site.has("/choir", CHOIR.html(site))
    second = gather(wired)["Wire"]

    assert headlines(first.new) == [OWLS.headline]
    assert [site.url("/choir") in problem.message for problem in first.problems] == [True]
    assert headlines(second.new) == [CHOIR.headline]
    assert second.problems == ()


def test_a_crash_between_storing_and_remembering_loses_no_article(wired: Newsroom, site: Site) -> None:
    """The power fails when the source's memory is written: the articles go with it and come again."""
    feed(site, CHOIR, OWLS)
    engine = wired.app.database._engine

    def power_cut(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if "INTO source_memory" in statement:
            raise StoreError("The power failed.")

    event.listen(engine, "before_cursor_execute", power_cut)
    with pytest.raises(StoreError):
        gather(wired)
    event.remove(engine, "before_cursor_execute", power_cut)
    assert on_offer(wired) == []

    wired.app = wired.open()
    assert headlines(gather(wired)["Wire"].new) == [CHOIR.headline, OWLS.headline]


def test_an_article_that_the_database_refuses_costs_only_itself(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR, OWLS, BAKERY)
    with wired.app.database.write() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER refusal BEFORE INSERT ON offer WHEN NEW.article_id = "
            f"(SELECT id FROM article WHERE headline = '{OWLS.headline}') BEGIN SELECT RAISE(ABORT, 'too odd'); END"
        )

    report = gather(wired)["Wire"]

    assert headlines(report.new) == [CHOIR.headline, BAKERY.headline]
    assert on_offer(wired) == sorted([CHOIR.headline, BAKERY.headline])
    (problem,) = report.problems
    assert problem.message == f"“{OWLS.headline}” was not stored: the database refused it (too odd)."
    assert problem.hint.startswith("The others were kept.")
    with wired.app.database.read() as conn:
        assert OWLS.headline not in [stored.article.headline for stored in articles.newest(conn)]


def test_two_newsletters_that_read_one_feed_share_the_article(wired: Newsroom, site: Site, tmp_path: Path) -> None:
    feed(site, CHOIR)
    text = (tmp_path / "settings.toml").read_text(encoding="utf-8")
    weekend = f'[[newsletters.weekend.sources]]\nname = "W"\nkind = "feed"\nlocation = "{site.url("/feed.xml")}"\n'
    (tmp_path / "settings.toml").write_text(text + weekend, encoding="utf-8")
    wired.app = wired.open()

    (daily,) = gather(wired)["Wire"].new
    (report,) = wired.app.intake.gather(wired.app.newsletters["weekend"])

    assert [stored.id for stored in report.new] == [daily.id]
    assert on_offer(wired, "weekend") == [CHOIR.headline]


# --- By hand -----------------------------------------------------------------------------------------------


def test_a_text_without_a_headline_is_kept_and_waits_for_one(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "column.txt").write_text(UNTITLED, encoding="utf-8")

    added = newsroom.app.intake.add([str(tmp_path / "column.txt")], [newsroom.daily])

    (stored,) = added.articles
    assert stored.article.headline == ""
    assert stored.article.bio.startswith("Mara Quist is a journalist")
    assert "Mara Quist" not in stored.article.body
    assert added.problems == ()
    with pytest.raises(NothingNew, match="nothing new for The Harbour Post") as nothing:
        newsroom.app.drafting.draft(newsroom.daily, actor="Nora")
    assert "it has no headline" in nothing.value.hint


def test_the_same_text_with_a_headline_later_is_the_same_article(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "column.txt").write_text(UNTITLED, encoding="utf-8")
    add = newsroom.app.intake.add

    first = add([str(tmp_path / "column.txt")], [newsroom.daily]).articles[0]
    again = add([str(tmp_path / "column.txt")], [newsroom.daily], headline="The pier, again").articles[0]
    third = add([str(tmp_path / "column.txt")], [newsroom.daily]).articles[0]

    assert first.id == again.id == third.id
    assert third.article.headline == "The pier, again"


def test_one_headline_for_two_articles_is_refused_and_nothing_is_kept(newsroom: Newsroom, tmp_path: Path) -> None:
    for piece in (CHOIR, LEVY):
        (tmp_path / f"{piece.slug}.txt").write_text(piece.text, encoding="utf-8")

    with pytest.raises(UsageMistake, match="One headline cannot serve 2 articles"):
        newsroom.app.intake.add(
            [str(tmp_path / "choir.txt"), str(tmp_path / "levy.txt")], [newsroom.daily], headline="News"
        )

    assert on_offer(newsroom) == []


def test_a_file_that_cannot_be_read_is_reported_and_the_other_is_kept(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "choir.txt").write_text(f"{CHOIR.headline}\n\n{CHOIR.text}", encoding="utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    places = [str(tmp_path / name) for name in ("gone.txt", "empty.txt", "choir.txt")]

    added = newsroom.app.intake.add(places, [newsroom.daily])

    assert headlines(added.articles) == [CHOIR.headline]
    assert [problem.source for problem in added.problems] == places[:2]
    assert "There is no file or folder" in added.problems[0].message
    assert "it is empty" in added.problems[1].message


def test_a_page_of_the_intranet_is_read_only_when_its_host_is_allowed(
    wired: Newsroom, newsroom: Newsroom, site: Site
) -> None:
    address = site.has("/owls", OWLS.html(site))

    assert headlines(wired.app.intake.add([address], [wired.daily]).articles) == [OWLS.headline]
    refused = newsroom.app.intake.add([address], [newsroom.daily])
    assert refused.articles == ()
    assert "fetch.allow_hosts" in refused.problems[0].hint


def test_a_section_that_the_newsletter_does_not_have_is_refused(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "choir.txt").write_text(f"{CHOIR.headline}\n\n{CHOIR.text}", encoding="utf-8")

    with pytest.raises(UsageMistake, match="The Harbour Post has no section 'sport'") as refused:
        newsroom.app.intake.add([str(tmp_path / "choir.txt")], [newsroom.daily], section="sport")

    assert "Nothing was added. It has news, culture." in refused.value.hint
    assert on_offer(newsroom) == []


def test_an_editors_summary_survives_reading_the_article_again(newsroom: Newsroom, tmp_path: Path) -> None:
    stored = newsroom.write_article()
    with newsroom.app.database.write() as conn:
        articles.edit(conn, stored.id, {"summary": "The pier is coming back."}, at=newsroom.app.clock())

    again = newsroom.write_article()

    assert again.id == stored.id
    assert again.summary
    assert (again.summary.text, again.summary.rung) == ("The pier is coming back.", Rung.EDITOR)


def test_an_article_added_for_all_goes_to_the_newsletters_of_its_language(tmp_path: Path) -> None:
    french = SETTINGS.replace('theme = "plain"', 'theme = "plain"\nlanguage = "fr"')
    room = Newsroom(tmp_path, settings=french)
    file = tmp_path / "gare.txt"
    file.write_text(
        "La gare de Port-Vieux rouvre lundi après deux ans de travaux, a annoncé la mairie de la ville hier soir. "
        "Les trains y passeront toutes les heures dans les deux sens, et le dimanche aussi.",
        encoding="utf-8",
    )

    room.app.intake.add([str(file)], list(room.app.newsletters.values()), headline="La gare rouvre")

    with room.app.database.read() as conn:
        offered = {slug: len(articles.newest(conn, newsletter=slug)) for slug in room.app.newsletters}
    room.app.close()
    assert offered == {"daily": 0, "weekend": 1}
