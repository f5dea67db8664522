"""How good the extracts are, beside others: `python -m benchmarks.summaries --articles DIR`.

Prints one JSON line, with `--table` Markdown tables below it. DIR holds `summaries.jsonl.gz` (texts with human
summaries), `index.json` with its pages and true bodies, or both; nothing is fetched.

ROUGE is that of rouge-score (with its stemmer in English; words without accents elsewhere), in hundredths of F1,
against the human summaries. All methods get the same sentences from the same splitter, once as three sentences, as the
literature has it, and once as many as come nearest to the length of ours: F1 rewards who hits the length of the
references, which no method here knows. "±" is the standard error, and a difference to the lead comes with the interval
that holds 95 of 100 resamplings. Texts are parted into two halves by their names: what was tuned, was tuned on the
first.

Over all pages, summaries as editors get them are searched for lines that are no part of the article, and for starts
that leave a reader asking who, by a list of its own.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.metadata
import json
import random
import re
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

from digest.articles.extraction.extract import extract
from digest.articles.summaries.ladder import Limits, summarise
from digest.articles.summaries.sentences import split
from digest.errors import InputError
from digest.model import Article, Document, DocumentKind, Rung

Row = dict[str, Any]
#: Sentences and how many of them to the chosen ones.
Method = Callable[["Text", int], Sequence[str]]

_SUMY = {
    "LexRank": ("lex_rank", "LexRankSummarizer"),
    "TextRank": ("text_rank", "TextRankSummarizer"),
    "LSA": ("lsa", "LsaSummarizer"),
    "Luhn": ("luhn", "LuhnSummarizer"),
    "SumBasic": ("sum_basic", "SumBasicSummarizer"),
    "KL": ("kl", "KLSummarizer"),
}
_NAMES = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "pt": "portuguese", "it": "italian"}
_MEASURES = {"rouge1": "R1", "rouge2": "R2", "rougeLsum": "RL"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """An article with what a human wrote about it."""

    name: str
    part: str
    article: Article
    reference: str
    #: Its sentences, one string each.
    sentences: tuple[str, ...]

    @property
    def half(self) -> str:
        return "first half" if zlib.crc32(self.name.encode()) % 2 else "second half"


@dataclass(kw_only=True, slots=True)
class Scores:
    """Of one method: text → measure → hundredths; and how long its summaries are."""

    by_text: dict[str, dict[str, float]] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    dangling: int = 0
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    options = _options()
    missing: list[str] = []
    result: Row = {"benchmark": "summaries", "pages": _pages(options.articles)}
    tables: list[str] = []
    if texts := list(_texts(options.articles)):
        scores = _all_scores(texts, _methods(missing), missing)
        parts = _parts(texts)
        result["rouge"] = {
            name: {part: _told(found, scores, chosen) for part, chosen in parts.items()}
            for name, found in scores.items()
        }
        tables = list(_tables(result["rouge"], parts))
    result["missing"] = missing
    print(json.dumps(result, ensure_ascii=False))
    if options.table:
        print("\n".join([*tables, *_pages_in_words(result["pages"])]))
        if missing:
            print(f"\nNot installed, and so not measured: {', '.join(missing)}.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How good the extracts are, beside other methods.")
    parser.add_argument("--articles", type=Path, required=True, metavar="DIR", help="summaries.jsonl.gz, index.json")
    parser.add_argument("--table", action="store_true", help="Markdown tables below the JSON line")
    options: argparse.Namespace = parser.parse_args()
    return options


# --- The texts ------------------------------------------------------------------------------------------


def _texts(folder: Path) -> Iterable[Text]:
    path = folder / "summaries.jsonl.gz"
    if path.exists():
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            row = json.loads(line)
            part = row["source"].split()[0].rpartition("/")[2].strip(",") or "texts"
            yield _text(str(row["id"]), part, row, row["text"], row["reference"])
    for row in _index(folder):
        if row.get("reference_summary") and row.get("body"):
            body = (folder / row["body"]).read_text("utf-8")
            yield _text(row["file"], "pages", row, body, row["reference_summary"])


def _text(name: str, part: str, row: Row, text: str, reference: str) -> Text:
    language = row["lang"] or ""
    paragraphs = (" ".join(line.split()) for line in text.splitlines())
    body = "\n\n".join(filter(None, paragraphs))
    sentences = tuple(body[span.start : span.end] for span in split(body, language))
    article = Article(url="", headline=row["title"] or "", body=body, language=language)
    return Text(name=name, part=part, article=article, reference=reference, sentences=sentences)


def _index(folder: Path) -> list[Row]:
    path = folder / "index.json"
    rows: list[Row] = json.loads(path.read_text("utf-8"))["articles"] if path.exists() else []
    return rows


def _parts(texts: Sequence[Text]) -> dict[str, set[str]]:
    parts: dict[str, set[str]] = {"all": {text.name for text in texts}}
    for text in texts:
        for part in (text.part, text.half):
            parts.setdefault(part, set()).add(text.name)
    return dict(sorted(parts.items(), key=lambda part: (part[0] != "all", "half" in part[0], part[0])))


# --- The methods ----------------------------------------------------------------------------------------


def _methods(missing: list[str]) -> dict[str, Method]:
    methods: dict[str, Method] = {"lead": lambda text, k: text.sentences[:k]}
    try:
        version = importlib.metadata.version("sumy")
    except importlib.metadata.PackageNotFoundError:
        missing.append("sumy")
        return methods
    return methods | {f"{name} (sumy {version})": _sumy(*where) for name, where in _SUMY.items()}


class _Words:
    """Stands in for sumy's tokenizer, which wants data from the network; sentences come ready-made."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(re.findall(r"[^\W\d_]+", sentence.lower()))

    def to_sentences(self, paragraph: str) -> tuple[str, ...]:
        return (paragraph,)


def _sumy(module: str, name: str) -> Method:
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.nlp.stemmers import Stemmer, null_stemmer
    from sumy.utils import get_stop_words

    made = getattr(importlib.import_module(f"sumy.summarizers.{module}"), name)

    def choose(text: Text, k: int) -> Sequence[str]:
        language = _NAMES.get(text.article.language, "")
        summarizer = made(Stemmer(language) if language else null_stemmer)
        if language:
            summarizer.stop_words = get_stop_words(language)
        document = ObjectDocumentModel([Paragraph([Sentence(one, _Words()) for one in text.sentences])])
        return [str(sentence) for sentence in summarizer(document, k)]

    return choose


def _nearest(method: Method, text: Text, words: int) -> Sequence[str]:
    """As many of the method's sentences as come nearest to so many words."""
    found = [method(text, k) for k in range(1, 5)]
    return min(found, key=lambda chosen: abs(_length(chosen) - words))


def _length(sentences: Iterable[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


# --- Scoring --------------------------------------------------------------------------------------------


def _all_scores(texts: Sequence[Text], methods: dict[str, Method], missing: list[str]) -> dict[str, Scores]:
    rouge = _rouge(missing)
    scores: dict[str, Scores] = {"digest": Scores()}
    summarise(texts[0].article)  # load the libraries before the clock runs
    for text in texts:
        started = time.process_time()
        summary = summarise(text.article, limits=Limits())
        scores["digest"].seconds.append(time.process_time() - started)
        ours = [text.article.body[span.start : span.end] for span in summary.spans] or [summary.text]
        _note(scores["digest"], text, ours, rouge)
        for name, method in methods.items():
            three = scores.setdefault(f"{name}, 3 sentences", Scores())
            equal = scores.setdefault(f"{name}, as long as ours", Scores())
            try:
                _note(three, text, method(text, 3), rouge)
                _note(equal, text, _nearest(method, text, _length(ours)), rouge)
            except Exception as trouble:  # some fail on short texts, and have nothing then
                missing.append(f"{name} on {text.name}: {trouble!r}")
                _note(three, text, [], rouge)
                _note(equal, text, [], rouge)
    return scores


def _note(scores: Scores, text: Text, chosen: Sequence[str], rouge: Callable[[Text, Sequence[str]], Row]) -> None:
    scores.by_text[text.name] = rouge(text, chosen)
    scores.words.append(_length(chosen))
    scores.dangling += bool(chosen) and _dangles(chosen[0], text.article.language)


def _rouge(missing: list[str]) -> Callable[[Text, Sequence[str]], Row]:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        missing.append("rouge-score")
        return lambda _text, _chosen: {}
    english = RougeScorer(list(_MEASURES), use_stemmer=True)
    other = RougeScorer(list(_MEASURES), tokenizer=_Plain())

    def score(text: Text, chosen: Sequence[str]) -> Row:
        # rougeLsum wants a sentence a line.
        reference = text.reference
        lines = [reference[span.start : span.end] for span in split(reference, text.article.language)]
        scorer = english if text.article.language == "en" else other
        found = scorer.score("\n".join(lines), "\n".join(chosen))
        return {short: 100 * found[name].fmeasure for name, short in _MEASURES.items()}

    return score


class _Plain:
    """Lower-case words without accents, of any script."""

    def tokenize(self, text: str) -> list[str]:
        flat = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
        return re.findall(r"\w+", flat)


def _told(found: Scores, scores: dict[str, Scores], chosen: set[str]) -> Row:
    names = [name for name in found.by_text if name in chosen]
    words = [count for name, count in zip(found.by_text, found.words, strict=True) if name in chosen]
    facts: Row = {"texts": len(names), "words": round(fmean(words))}
    if any(found.by_text.values()):
        for short in _MEASURES.values():
            facts[short] = round(fmean(found.by_text[name][short] for name in names), 1)
        own = [found.by_text[name]["R1"] for name in names]
        lead = scores["lead, 3 sentences"].by_text
        facts["±"] = round(stdev(own) / len(own) ** 0.5, 1) if len(own) > 1 else 0.0
        facts["against_lead_3"] = _interval([found.by_text[name]["R1"] - lead[name]["R1"] for name in names])
    if len(names) == len(found.by_text):
        facts["dangling_starts"] = found.dangling
        if found.seconds:
            facts["median_ms"] = round(1000 * median(found.seconds), 1)
    return facts


def _interval(differences: Sequence[float]) -> list[float]:
    """The mean difference, and where 95 of 100 resamplings have it."""
    chance = random.Random(0)
    means = sorted(fmean(chance.choices(differences, k=len(differences))) for _ in range(1000))
    return [round(value, 1) for value in (fmean(differences), means[25], means[974])]


# --- Pages as editors get them --------------------------------------------------------------------------


def _pages(folder: Path) -> Row:
    """What the summaries of whole pages hold that is no part of the article."""
    rungs: Counter[str] = Counter()
    stray: list[str] = []
    dangling: list[str] = []
    count = 0
    for row in _index(folder):
        content = gzip.decompress((folder / row["file"]).read_bytes())
        try:
            article = extract(Document(location=row["url"], kind=DocumentKind.HTML, content=content))
            summary = summarise(article)
        except InputError:
            rungs["none"] += 1
            continue
        count += 1
        rungs[summary.rung.value] += 1
        stray += [f"{row['file']}: {line}" for line in _stray(row, folder, article, summary.text, summary.rung)]
        # A standfirst is written to be read below its headline.
        if summary.rung is not Rung.STANDFIRST and _dangles(summary.text, article.language):
            dangling.append(f"{row['file']}: {summary.text[:60]}")
    return {"summaries": count, "rungs": dict(rungs), "stray_lines": stray, "dangling_starts": dangling}


def _stray(row: Row, folder: Path, article: Article, text: str, rung: Rung) -> Iterable[str]:
    """Sentences of a summary that stand neither in the true body nor in what the publisher says of the page."""
    truth = (folder / row["body"]).read_text("utf-8") if row.get("body") else article.body
    known = _letters(" ".join([truth, row.get("description") or "", row.get("reference_summary") or ""]))
    for span in split(text, article.language):
        sentence = text[span.start : span.end]
        letters = _letters(sentence)
        if letters == _letters(article.headline) or (rung is not Rung.STANDFIRST and letters not in known):
            yield sentence


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


_DANGLING = {
    "en": r"(?:he|she|they|it|him|her|them|his|their|this|these|those|but|and|or|so|also|however|then|meanwhile)\b"
    r"(?! (?:is|was) (?:not |un)?(?:clear|raining|time)| (?:year|week|month|morning|summer|winter|spring|autumn)\b)",
    "fr": r"(?:il|elle|ils|elles|cela|ceci|ça|celui-ci|celle-ci|mais|et|or|donc|ainsi|pourtant|cependant|ensuite)\b"
    r"(?! (?:y a|faut|pleut))",
    "es": r"(?:él|ella|ellos|ellas|esto|eso|pero|y|además|entonces)\b",
    "de": r"(?:er|sie|dies|aber|und|oder|doch|denn|daher|deshalb|auch|jedoch|zudem|außerdem|dabei)\b",
    "he": r"(?:הוא|היא|הם|הן|אבל|אך|לכן|זה|זאת)\b",
    "ar": r"(?:هو|هي|هم|لكن|ولكن|وأضاف|كما)\b",
    "ru": r"(?:он|она|они|оно|это|но|а|и|однако|поэтому|также|затем)\b",
}


def _dangles(text: str, language: str) -> bool:
    pattern = _DANGLING.get(language)
    return bool(pattern and re.match(rf"\W*{pattern}", text.lower()))


# --- In words -------------------------------------------------------------------------------------------


def _tables(told: dict[str, Row], parts: dict[str, set[str]]) -> Iterable[str]:
    for part, chosen in parts.items():
        yield f"\n**{part}** ({len(chosen)} texts)\n"
        yield "| method | words | ROUGE-1 | ROUGE-2 | ROUGE-Lsum | R1 against lead-3 (95 %) | dangling | ms of CPU |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        for name, by_part in told.items():
            yield _line(name, by_part[part])


def _line(name: str, facts: Row) -> str:
    if "R1" not in facts:
        return f"| {name} | {facts['words']} | | | | | | |"
    mean, low, high = facts["against_lead_3"]
    cells = [name, facts["words"], f"{facts['R1']} ± {facts['±']}", facts["R2"], facts["RL"]]
    cells += [f"{mean:+.1f} ({low:+.1f} to {high:+.1f})", facts.get("dangling_starts", ""), facts.get("median_ms", "")]
    return f"| {' | '.join(map(str, cells))} |"


def _pages_in_words(pages: Row) -> Iterable[str]:
    rungs = ", ".join(f"{count} {rung}" for rung, count in sorted(pages["rungs"].items()))
    yield f"\nOf {pages['summaries']} pages ({rungs}): {len(pages['stray_lines'])} lines that are no part of the"
    yield f"article, {len(pages['dangling_starts'])} dangling starts."


if __name__ == "__main__":
    main()
