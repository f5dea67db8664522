"""How well the article is found on real pages, beside others: `python -m benchmarks.extraction --articles DIR`.

Prints one JSON line, with `--table` a Markdown table below it. DIR holds `index.json` (pages with their languages and
true bodies), the pages themselves (gzipped) and the bodies; no page is fetched, and the network is never used. All
extractors run in one process on the same pages, each with its defaults, one after another page by page.

A page's words are its runs of letters and digits, lower-case; those that the true body and an extractor share are
counted as often as both have them. Precision, recall and F1 are of each page and then averaged. "Runs" is the same F1
over runs of four words, which order matters to, as scrapinghub's article-extraction-benchmark counts. Of pages that
only state what must and must not come out, the pieces that are missing and those that slipped in are counted.

`--halves` also splits the pages in two by their sites, so that what was mended on one half can be seen on the other.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import json
import logging
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any
from urllib.parse import urlsplit

from digest.articles.extraction.extract import extract
from digest.errors import InputError
from digest.model import Document, DocumentKind

Extractor = Callable[[bytes, str], str]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    url: str
    language: str
    content: bytes
    #: Empty where only pieces of it are known.
    body: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    @property
    def half(self) -> str:
        site = (urlsplit(self.url).hostname or "").removeprefix("www.")
        return "first half of the sites" if zlib.crc32(site.encode()) % 2 else "second half of the sites"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one extractor made of one page."""

    page: Page
    text: str
    seconds: float
    #: Seconds that this process computed: what else runs on the machine counts less.
    cpu: float


def main() -> None:
    options = _options()
    pages = list(_pages(options.articles))
    extractors, missing = _extractors()
    readings = _all_readings(extractors, pages)
    parts = _parts(pages, halves=options.halves)
    scores = {
        name: {part: _score([r for r in read if r.page in chosen]) for part, chosen in parts.items()}
        for name, read in readings.items()
    }
    result = {"benchmark": "extraction", "pages": len(pages), "extractors": scores, "missing": missing}
    print(json.dumps(result, ensure_ascii=False))
    if options.table:
        print("\n".join(_table(scores, missing)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="How well the article is found on real pages, beside other extractors."
    )
    parser.add_argument("--articles", type=Path, required=True, metavar="DIR", help="index.json, html/ and body/")
    parser.add_argument("--table", action="store_true", help="a Markdown table below the JSON line")
    parser.add_argument("--halves", action="store_true", help="also apart by halves of the sites")
    options: argparse.Namespace = parser.parse_args()
    return options


def _pages(folder: Path) -> Iterable[Page]:
    for row in json.loads((folder / "index.json").read_text("utf-8"))["articles"]:
        yield Page(
            url=row["url"],
            language=row.get("lang") or "unknown",
            content=gzip.decompress((folder / row["file"]).read_bytes()),
            body=(folder / row["body"]).read_text("utf-8") if row.get("body") else "",
            must=tuple(row.get("must_contain") or ()),
            must_not=tuple(row.get("must_not_contain") or ()),
        )


def _parts(pages: list[Page], *, halves: bool) -> dict[str, list[Page]]:
    """All pages with a body, those of each language, those of which pieces are known, and the halves by site."""
    whole = [page for page in pages if page.body]
    parts = {"all": whole}
    for page in whole:
        parts.setdefault(page.language, []).append(page)
    for page in sorted(whole, key=lambda page: page.half) if halves else ():
        parts.setdefault(page.half, []).append(page)
    if pieces := [page for page in pages if not page.body]:
        parts["pieces"] = pieces
    return parts


# --- The extractors, each with its defaults ---------------------------------------------------------------


def _extractors() -> tuple[dict[str, Extractor], list[str]]:
    """Those that are installed, by name and version, and the names of those that are not."""
    found: dict[str, Extractor] = {"digest": _ours}
    missing = []
    for package, extractor in (
        ("trafilatura", _trafilatura),
        ("readability-lxml", _readability),
        ("newspaper4k", _newspaper),
    ):
        try:
            found[f"{package} {importlib.metadata.version(package)}"] = extractor
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    return found, missing


def _ours(content: bytes, url: str) -> str:
    try:
        return extract(Document(location=url, kind=DocumentKind.HTML, content=content)).body
    except InputError:
        return ""


def _trafilatura(content: bytes, url: str) -> str:
    import trafilatura

    return trafilatura.extract(content, url=url) or ""


def _readability(content: bytes, url: str) -> str:
    from lxml import html
    from readability import Document as Readable

    body = html.fromstring(Readable(content, url=url).summary())
    for element in body.iter():  # words of two paragraphs are two words
        element.tail = f" {element.tail or ''}"
        element.text = f" {element.text or ''}" if element.tag in {"p", "div", "li", "br"} else element.text
    return str(body.text_content())


def _newspaper(content: bytes, url: str) -> str:
    from newspaper import Article
    from newspaper.configuration import Configuration

    settings = Configuration()
    settings.fetch_images = False  # by default it asks the network for pictures while it parses
    article = Article(url, config=settings)
    article.download(input_html=content.decode("utf-8", "replace"))
    article.parse()
    return str(article.text)


# --- Reading and scoring ----------------------------------------------------------------------------------


def _all_readings(extractors: dict[str, Extractor], pages: list[Page]) -> dict[str, list[Reading]]:
    logging.disable(logging.CRITICAL)  # others log what they did not find
    for extractor in extractors.values():
        _reading(extractor, pages[0])  # load the libraries before the clock runs
    readings: dict[str, list[Reading]] = {name: [] for name in extractors}
    for page in pages:
        for name, extractor in extractors.items():
            readings[name].append(_reading(extractor, page))
    return readings


def _reading(extractor: Extractor, page: Page) -> Reading:
    started, computed = time.perf_counter(), time.process_time()
    try:
        text = extractor(page.content, page.url)
    except Exception:  # an extractor that fails found nothing
        text = ""
    spent = time.perf_counter() - started
    return Reading(page=page, text=text, seconds=spent, cpu=time.process_time() - computed)


def _score(readings: list[Reading]) -> dict[str, Any]:
    times: dict[str, Any] = {
        "pages": len(readings),
        "empty": sum(not reading.text.strip() for reading in readings),
        "median_ms": round(1000 * median(reading.seconds for reading in readings), 1),
        "median_cpu_ms": round(1000 * median(reading.cpu for reading in readings), 1),
    }
    if not readings[0].page.body:
        missed = sum(piece not in _flat(r.text) for r in readings for piece in map(_flat, r.page.must))
        leaked = sum(piece in _flat(r.text) for r in readings for piece in map(_flat, r.page.must_not))
        return times | {"pieces_missed": missed, "pieces_leaked": leaked}
    words = [_overlap(reading, 1) for reading in readings]
    return times | {
        "f1": round(mean(map(_f1, words)), 3),
        "precision": round(mean(precision for precision, _ in words), 3),
        "recall": round(mean(recall for _, recall in words), 3),
        "runs_f1": round(mean(_f1(_overlap(reading, 4)) for reading in readings), 3),
    }


def _overlap(reading: Reading, length: int) -> tuple[float, float]:
    """Precision and recall over runs of so many words."""
    expected, given = _runs(reading.page.body, length), _runs(reading.text, length)
    shared = (expected & given).total()
    return shared / max(1, given.total()), shared / max(1, expected.total())


def _f1(overlap: tuple[float, float]) -> float:
    return 2 * overlap[0] * overlap[1] / (sum(overlap) or 1)


def _runs(text: str, length: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return Counter(tuple(words[at : at + length]) for at in range(max(1, len(words) - length + 1)))


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- The table --------------------------------------------------------------------------------------------


def _table(scores: dict[str, dict[str, dict[str, Any]]], missing: list[str]) -> Iterable[str]:
    yield ""
    yield "| pages | extractor | F1 | precision | recall | F1 of runs | empty | ms (median) | of CPU |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for part in next(iter(scores.values())):
        for name, of_parts in scores.items():
            yield _row(part, name, of_parts[part])
    if missing:
        yield f"\nNot installed, and so not measured: {', '.join(missing)}."


def _row(part: str, name: str, score: dict[str, Any]) -> str:
    if "f1" in score:
        cells = [f"{score[key]:.3f}" for key in ("f1", "precision", "recall", "runs_f1")]
    else:
        cells = [f"{score['pieces_missed']} pieces missed", f"{score['pieces_leaked']} leaked", "", ""]
    shown = [f"{part} ({score['pages']})", name, *cells, str(score["empty"])]
    shown += [f"{score[key]:.0f}" for key in ("median_ms", "median_cpu_ms")]
    return f"| {' | '.join(shown)} |"


if __name__ == "__main__":
    main()
