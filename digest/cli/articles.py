"""`digest articles`: what there is to write about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.output import PARTLY, AsJson, ask, progress, remark, say, show, table
from digest.cli.resummarising import article_told_again, facts_of_foreign, foreign_of, grave, wished
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Newsletter
    from digest.store.articles import StoredArticle

app = typer.Typer(help="Articles: gathered from sources, or added by hand.", no_args_is_help=True)

Newsletters = Annotated[
    list[str] | None,
    typer.Option("--newsletter", "-n", metavar="SLUG", help="Only for this newsletter; may be repeated."),
]


@app.command("gather")
def gather(newsletter: Newsletters = None, as_json: AsJson = False) -> None:
    """Read what is new in the sources and put it on offer. One bad source never stops the others.

    Exit code 10 when something could not be read.

    Example: `digest articles gather --newsletter daily`
    """
    with session() as app_:
        reports = []
        for letter in _chosen(app_, newsletter):
            with progress(f"Gathering for {letter.name}") as bar:
                found = app_.intake.gather(letter, progress=lambda source, done, total: bar(done, total, source))
            reports += [(letter.slug, report) for report in found]

    def tell() -> None:
        for slug, report in reports:
            say(f"{slug}/{report.source}: {len(report.new)} new")
            for stored in report.new:
                say(f"  {stored.id:>5}  {stored.article.headline or '(needs a headline)'}")
            for problem in report.problems:
                say(f"  ! {problem.message} {problem.hint}".rstrip())

    facts = [
        {
            "newsletter": slug,
            "source": report.source,
            "failed": report.failed,
            "new": [_facts(stored) for stored in report.new],
            "problems": report.problems,
        }
        for slug, report in reports
    ]
    show({"sources": facts}, as_json, tell)
    if any(report.problems for _, report in reports):
        raise typer.Exit(PARTLY)


@app.command("add")
def add(
    places: Annotated[list[str], typer.Argument(metavar="PATH_OR_URL…", help="Files, folders or addresses.")],
    headline: Annotated[str, typer.Option(help="Headline, for a single article that has none or a poor one.")] = "",
    section: Annotated[str, typer.Option(help="Slug of the section it goes to.")] = "",
    newsletter: Newsletters = None,
    as_json: AsJson = False,
) -> None:
    """Read single articles and offer them to the newsletters as an editor's own choice.

    Exit code 10 when one could not be read or still needs a headline; what could be read is kept.

    Example: `digest articles add column.txt --headline "Why the ferry matters"`
    """
    with session() as app_:
        letters = _chosen(app_, newsletter)
        with progress("Reading") as bar:
            bar(0, len(places), "")
            added = app_.intake.add(places, letters, headline=headline, section=section)
        stored = [_with_headline(app_, article) for article in added.articles]

    def tell() -> None:
        for article in stored:
            _tell(article)
        for problem in added.problems:
            say(f"! {problem.message} {problem.hint}".rstrip())

    show({"articles": [_facts(article) for article in stored], "problems": added.problems}, as_json, tell)
    nameless = [article for article in stored if not article.article.headline]
    for article in nameless:
        remark(f"Article {article.id} is kept and needs a headline: digest articles edit {article.id} --headline …")
    if nameless or added.problems:
        raise typer.Exit(PARTLY if stored else 4)


@app.command("list")
def list_(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only what is on offer to this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List articles, newest first.

    Example: `digest articles list -n daily --limit 20`
    """
    from digest.store import articles

    with session() as app_, app_.database.read() as conn:
        slug = app_.settings.newsletter(newsletter).slug if newsletter else ""
        found = articles.newest(conn, newsletter=slug, limit=limit)
    rows = [(a.id, a.gathered_at, a.article.publisher, a.article.words, a.article.headline or "(none)") for a in found]
    show(
        {"articles": [_facts(stored) for stored in found]},
        as_json,
        lambda: table(["id", "gathered", "publisher", "words", "headline"], rows, empty="No articles yet."),
    )


@app.command("show")
def show_(article: Annotated[int, typer.Argument(metavar="ARTICLE")], as_json: AsJson = False) -> None:
    """Show one article as it was read: body, bio, credit, summary, and what was left out.

    Example: `digest articles show 12`
    """
    from digest.store import articles

    with session() as app_, app_.database.read() as conn:
        stored = articles.get(conn, article)

    def tell() -> None:
        _tell(stored)
        say(f"\n{stored.article.body}")
        for dropped in stored.article.dropped:
            say(f"— left out ({dropped.reason}): {dropped.text}")

    show(_compared(stored), as_json, tell)


@app.command("edit")
def edit(
    article: Annotated[int, typer.Argument(metavar="ARTICLE")],
    headline: Annotated[str | None, typer.Option(help="The headline.")] = None,
    summary: Annotated[str | None, typer.Option(help="The editor's summary; it is above all others.")] = None,
    byline: Annotated[str | None, typer.Option(help="Who wrote it; empty for nobody.")] = None,
    credit: Annotated[str | None, typer.Option(help="Who first published it; empty for nobody.")] = None,
    correction: Annotated[str | None, typer.Option(help="The publisher's own correction; empty for none.")] = None,
    url: Annotated[str | None, typer.Option(help="Where readers find it.")] = None,
    image: Annotated[str | None, typer.Option(help="Address of its image; empty for none.")] = None,
    alt: Annotated[str | None, typer.Option(help="What the image shows, for who does not see it.")] = None,
    resummarise: Annotated[bool, typer.Option("--resummarise", help="Tell its summary again.")] = False,
    shorten: Annotated[bool, typer.Option("--shorten", help="Tell its summary shorter.")] = False,
    lengthen: Annotated[bool, typer.Option("--lengthen", help="Tell its summary longer.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --resummarise: also where an editor wrote it; nobody is asked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Mend an article. Reading it again leaves alone what was set here; an empty text clears.

    A summary that is told again, shorter or longer stays until the article is read again. Issues keep theirs.

    Example: `digest articles edit 12 --headline "Why the ferry matters" --alt "The ferry at the pier"`
    """
    from digest.errors import UsageMistake
    from digest.store import articles

    given = {
        "headline": headline,
        "summary": summary,
        "byline": byline,
        "credit": credit,
        "correction": correction,
        "url": url,
        "image_url": image,
        "image_alt": alt,
    }
    changes = {name: " ".join(text.split()) for name, text in given.items() if text is not None}
    wishes = wished([article] * resummarise, [article] * shorten, [article] * lengthen, what="Article")
    if not changes and not wishes:
        raise UsageMistake("Nothing to change.", hint="`digest articles edit --help` lists what can be.")
    if wishes and summary is not None:
        raise UsageMistake("A summary cannot be given and told again at once.", hint="Nothing was changed.")
    if changes.get("headline") == "":
        raise UsageMistake("An article needs a headline.", hint="Nothing was changed.")
    for name in ("url", "image_url"):
        if changes.get(name) and not changes[name].startswith(("http://", "https://")):
            raise UsageMistake(f"{changes[name]!r} is not an http or https address.", hint="Nothing was changed.")
    with session() as app_:
        for wish in wishes.values():
            article_told_again(app_, article, wish, force=force, may_ask=not as_json)
        if changes:
            with app_.database.write() as conn:
                articles.edit(conn, article, changes, at=app_.clock())
        with app_.database.read() as conn:
            stored = articles.get(conn, article)
    show(_compared(stored), as_json, lambda: _tell(stored))


def _chosen(app_: App, slugs: Sequence[str] | None) -> list[Newsletter]:
    from digest.errors import UsageMistake

    chosen = [app_.settings.newsletter(slug) for slug in slugs] if slugs else list(app_.newsletters.values())
    if not chosen:
        raise UsageMistake("No newsletter is declared.", hint="Add [newsletters.SLUG] to settings.toml.")
    return chosen


def _with_headline(app_: App, stored: StoredArticle) -> StoredArticle:
    """Ask the editor in front for a headline that the text does not have."""
    from digest.store import articles

    if stored.article.headline:
        return stored
    answer = ask(f"“{stored.article.body[:100]}…” has no headline. Headline")
    if not answer:
        return stored
    with app_.database.write() as conn:
        articles.edit(conn, stored.id, {"headline": answer}, at=app_.clock())
        return articles.get(conn, stored.id)


def _facts(stored: StoredArticle) -> dict[str, Any]:
    article, summary = stored.article, stored.summary
    return {
        "id": stored.id,
        "url": article.url,
        "headline": article.headline,
        "needs": [] if article.headline else ["headline"],
        "body": article.body,
        "words": article.words,
        "standfirst": article.standfirst,
        "byline": article.byline,
        "bio": article.bio,
        "credit": article.credit,
        "appeal": article.appeal,
        "correction": article.correction,
        "access": article.access,
        "image": article.image,
        "language": article.language,
        "publisher": article.publisher,
        "published_at": article.published_at,
        "gathered_at": stored.gathered_at,
        "summary": summary.text if summary else "",
        "summary_rung": summary.rung if summary else None,
        "summary_spans": [[span.start, span.end] for span in summary.spans] if summary else [],
        "summary_why": summary.why if summary else (),
        "dropped": article.dropped,
        "warnings": article.warnings,
    }


def _compared(stored: StoredArticle) -> dict[str, Any]:
    """The facts with what the summary has and the article has not, which takes a while to find."""
    return _facts(stored) | {"summary_not_in_article": facts_of_foreign(foreign_of(stored))}


def _tell(stored: StoredArticle) -> None:
    from digest.desk.summaries import outdated

    article = stored.article
    say(f"{stored.id:>5}  {article.headline or '(needs a headline)'}")
    for label, text in (
        ("by", article.byline),
        ("bio", article.bio),
        ("credit", article.credit),
        ("correction", article.correction),
        ("appeal, not ours", article.appeal[:100]),
        ("url", article.url),
        (
            f"summary ({stored.summary.rung})" if stored.summary else "summary",
            stored.summary.text if stored.summary else "none",
        ),
    ):
        if text:
            say(f"       {label}: {text}")
    for passed in stored.summary.why if stored.summary else ():
        say(f"       not better: {passed}")
    if said := grave(foreign_of(stored)):
        say(f"       ! {said}")
    if stored.summary and (said := outdated(stored.summary, article)):
        say(f"       ! {said}")
    for warning in article.warnings:
        say(f"       ! {warning}")
