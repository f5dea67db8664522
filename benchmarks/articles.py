"""How well articles are read and summarised: `python benchmarks/articles.py FOLDER` prints one JSON line.

FOLDER holds `index.json` (pages with their true bodies), the pages themselves (gzipped) and, optionally,
`summaries.jsonl.gz` (texts with human summaries). Extraction is scored by overlapping runs of four words per page,
precision and recall averaged, as scrapinghub's article-extraction-benchmark does it. ROUGE-1 is F1 over lower-case
words without accents and with the plural's s cut off; "lead-3" is the first three sentences, however long.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from digest.articles.extraction.extract import extract
from digest.articles.summaries.ladder import Limits, summarise
from digest.articles.summaries.sentences import split
from digest.model import Article, Document, DocumentKind, DropReason, Rung, Summary

Row = dict[str, Any]
_LEAKS = {DropReason.BIO, DropReason.CREDIT, DropReason.APPEAL, DropReason.HEADLINE}


def main(folder: Path) -> None:
    rows = json.loads((folder / "index.json").read_text("utf-8"))["articles"]
    extract(_document(folder, rows[0]))  # load the libraries before the clock runs
    pages = [_read(folder, row) for row in rows]
    print(json.dumps({"benchmark": "articles", **_pages(pages), **_rouge(folder)}, ensure_ascii=False))


def _document(folder: Path, row: Row) -> Document:
    content = gzip.decompress((folder / row["file"]).read_bytes())
    return Document(location=row["url"], kind=DocumentKind.HTML, content=content)


def _read(folder: Path, row: Row) -> Row:
    document = _document(folder, row)
    started = time.perf_counter()
    article = extract(document)
    summary = summarise(article)
    seconds = time.perf_counter() - started
    truth = (folder / row["body"]).read_text("utf-8") if row.get("body") else ""
    return {"row": row, "article": article, "summary": summary, "seconds": seconds, "truth": truth}


def _pages(pages: list[Row]) -> Row:
    times = sorted(page["seconds"] * 1000 for page in pages)
    parts = {name: _extraction(name, pages) for name in ("en", "fr")}
    segments = [page for page in pages if not page["truth"]]
    return {
        "extraction": parts,
        "segments_missed": sum(s not in p["article"].body for p in segments for s in p["row"]["must_contain"]),
        "segments_leaked": sum(s in p["article"].body for p in segments for s in p["row"]["must_not_contain"]),
        "summaries": _summaries(pages),
        "ms_per_article": {"mean": round(mean(times), 1), "p95": round(times[int(0.95 * len(times))], 1)},
    }


# --- Extraction -----------------------------------------------------------------------------------------


def _extraction(language: str, pages: list[Row]) -> Row:
    scores = [_overlap(p["truth"], p["article"].body) for p in pages if p["truth"] and p["row"]["lang"] == language]
    precision, recall = mean(p for p, _ in scores), mean(r for _, r in scores)
    f1 = 2 * precision * recall / (precision + recall)
    return {"pages": len(scores), "f1": round(f1, 3), "precision": round(precision, 3), "recall": round(recall, 3)}


def _overlap(truth: str, found: str) -> tuple[float, float]:
    expected, given = _shingles(truth), _shingles(found)
    shared = (expected & given).total()
    return shared / max(1, given.total()), shared / max(1, expected.total())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


# --- Summaries ------------------------------------------------------------------------------------------


def _summaries(pages: list[Row]) -> Row:
    rungs = Counter(page["summary"].rung.value for page in pages)
    lengths = [len(page["summary"].text.split()) for page in pages]
    return {
        "rungs": dict(rungs),
        "words": [min(lengths), max(lengths)],
        "boilerplate": sum(_holds_boilerplate(page) for page in pages),
        "not_in_body": sum(_not_in_body(page) for page in pages),
        "not_verbatim": sum(not _is_verbatim(page["article"], page["summary"]) for page in pages),
    }


def _holds_boilerplate(page: Row) -> bool:
    """A bio, credit, appeal or headline, as far as the page's own reading knows them."""
    text, article = page["summary"].text, page["article"]
    if page["summary"].rung is Rung.STANDFIRST:
        return article.headline in text
    known = [dropped.text for dropped in article.dropped if dropped.reason in _LEAKS] + [article.headline]
    return any(line and line in text for line in known)


def _not_in_body(page: Row) -> bool:
    """An extracted sentence that the true body does not hold."""
    if not page["truth"] or page["summary"].rung is Rung.STANDFIRST:
        return False
    # The publisher's own standfirst is no boilerplate where it stands above the body.
    row = page["row"]
    truth = _letters(" ".join([page["truth"], row["description"] or "", row["reference_summary"] or ""]))
    article = page["article"]
    return any(_letters(article.body[s.start : s.end]) not in truth for s in page["summary"].spans)


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def _is_verbatim(article: Article, summary: Summary) -> bool:
    quoted = " ".join(article.body[span.start : span.end] for span in summary.spans)
    # The standfirst loses its agency’s "WASHINGTON (AP) —".
    return summary.text == quoted if summary.spans else article.standfirst.endswith(summary.text)


# --- ROUGE-1 --------------------------------------------------------------------------------------------


def _rouge(folder: Path) -> Row:
    path = folder / "summaries.jsonl.gz"
    if not path.exists():
        return {}
    parts: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        row = json.loads(line)
        parts[row["source"].split(",")[0][:40]].append(_against_lead(row))
    return {
        "rouge_1": {
            name: {"ours": round(mean(o for o, _ in scores), 1), "lead_3": round(mean(lead for _, lead in scores), 1)}
            for name, scores in parts.items()
        }
    }


def _against_lead(row: Row) -> tuple[float, float]:
    paragraphs = (" ".join(line.split()) for line in row["text"].splitlines())
    body = "\n\n".join(filter(None, paragraphs))
    article = Article(url="", headline=row["title"] or "", body=body, language=row["lang"])
    lead = " ".join(body[span.start : span.end] for span in split(body, row["lang"])[:3])
    summary = summarise(article, limits=Limits(20, 60))
    return _rouge_1(summary.text, row["reference"]), _rouge_1(lead, row["reference"])


def _rouge_1(text: str, reference: str) -> float:
    one, other = _stems(text), _stems(reference)
    return 200 * (one & other).total() / max(1, one.total() + other.total())


def _stems(text: str) -> Counter[str]:
    flat = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return Counter(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in re.findall(r"\w+", flat))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/articles.py FOLDER")
    main(Path(sys.argv[1]))
