"""What the checks of a model's summary find, also where nothing is: `python -m benchmarks.checks --articles DIR`.

DIR holds `summaries.jsonl.gz` (texts with human summaries); nothing is fetched and no model is asked. A true summary is
an extract, word for word. Each is changed in one way at a time, with what other articles have: a foreign name within or
at the start, another number, a "not" put in or taken out. "Found" is the share of changed summaries that some check
fails; "alarms" is the share of unchanged ones, those in the first person left out, which is no mistake of the check.
Human summaries are told beside: people use facts that the article lacks, which a model must not.

Prints one JSON line, with `--table` a Markdown table below it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from digest.articles.summaries.by_model.checks import Brief, failures
from digest.articles.summaries.limits import Limits
from digest.articles.summaries.ranking import best_sentences
from digest.model import Article

#: As long as extracts and people's summaries are: length is not what is measured.
ROOMY = Limits(8, 70, 2000)
#: What people's summaries fail for without being wrong in their way.
_FORM = frozenset(("first-person", "too-many-sentences", "too-long", "too-short", "unfinished", "leaning"))
_NAME = re.compile(r"(?<=[a-zé,] )[A-Z][a-zé]{3,}(?: [A-Z][a-zé]+)?")
_VERB = {
    "en": (re.compile(r"\b(?:will|was|were|is|are|has|have|had|would|could|can)\b"), r"\g<0> not"),
    "fr": (re.compile(r"\b(?:est|sont|sera|était|avait|sont)\b"), r"n'\g<0> pas"),
}
_NOT = {
    "en": (re.compile(r"\bnot |n['’]t\b"), ""),
    "fr": (re.compile(r"\bn(?:e |['’])(\w+(?: \w+)?) pas\b"), r"\1"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    article: Article
    reference: str
    extract: str

    @property
    def language(self) -> str:
        return self.article.language


Change = Callable[[Case, Case, random.Random], str]


def read(folder: Path) -> list[Case]:
    with gzip.open(folder / "summaries.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [case for line in lines if (case := _case(json.loads(line))).extract]


def _case(row: dict[str, Any]) -> Case:
    article = Article(url="", headline=row["title"] or "", body=row["text"], language=row["lang"])
    spans = best_sentences(article, Limits(20, 60, 2000))
    extract = " ".join(article.body[span.start : span.end] for span in spans)
    return Case(article=article, reference=" ".join(row["reference"].split()), extract=extract)


# --- Changes: the summary with one thing wrong in it, or nothing where it has none to change ---------------


def foreign_name(case: Case, other: Case, dice: random.Random) -> str:
    own = list(_NAME.finditer(case.extract))
    foreign = _foreign(case, other)
    if not own or not foreign:
        return ""
    place = dice.choice(own)
    return case.extract[: place.start()] + foreign + case.extract[place.end() :]


def foreign_opening(case: Case, other: Case, _: random.Random) -> str:
    foreign = _foreign(case, other)
    return f"{foreign} {case.extract[0].lower()}{case.extract[1:]}" if foreign else ""


def _foreign(case: Case, other: Case) -> str:
    told = f"{case.article.headline} {case.article.body}".casefold()
    found = (name[0] for name in _NAME.finditer(other.article.body))
    # Of the American and America only one would be foreign.
    return next((name for name in found if not any(word[:4].casefold() in told for word in name.split())), "")


def other_number(case: Case, _: Case, dice: random.Random) -> str:
    places = [place for place in re.finditer(r"\d+", case.extract) if len(place[0]) < 10]
    if not places:
        return ""
    place = dice.choice(places)
    number = str(int(place[0]) + dice.choice((1, 3, 7)))
    return "" if number in case.article.body else case.extract[: place.start()] + number + case.extract[place.end() :]


def not_put_in(case: Case, _: Case, __: random.Random) -> str:
    verb, denied = _VERB[case.language]
    return "" if _NOT[case.language][0].search(case.extract) else _once(verb, denied, case.extract)


def not_taken_out(case: Case, _: Case, __: random.Random) -> str:
    denied, said = _NOT[case.language]
    return _once(denied, said, case.extract)


def _once(pattern: re.Pattern[str], new: str, text: str) -> str:
    changed = pattern.sub(new, text, count=1)
    return changed if changed != text else ""


CHANGES: dict[str, Change] = {
    "a foreign name": foreign_name,
    "a foreign name that opens": foreign_opening,
    "another number": other_number,
    "a “not” put in": not_put_in,
    "a “not” taken out": not_taken_out,
}


# --- Measuring -------------------------------------------------------------------------------------------


def measure(cases: Sequence[Case], dice: random.Random) -> Iterator[tuple[str, str, frozenset[str], float]]:
    """What was checked, its language, the codes of its failures, and milliseconds."""
    for case in cases:
        other = dice.choice([one for one in cases if one.language == case.language and one is not case])
        for what, change in {"nothing": _unchanged, "by people": _by_people, **CHANGES}.items():
            if said := change(case, other, dice):
                began = perf_counter()
                codes = frozenset(failure.code for failure in failures(said, Brief(case.article, ROOMY)))
                yield what, case.language, codes, (perf_counter() - began) * 1000


def _unchanged(case: Case, _: Case, __: random.Random) -> str:
    return case.extract


def _by_people(case: Case, _: Case, __: random.Random) -> str:
    return case.reference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    why: Counter[str] = Counter()
    took = []
    for what, language, codes, milliseconds in measure(read(asked.articles), random.Random(asked.seed)):
        found[what, language].append(bool(codes - _FORM))
        why.update(codes - _FORM if what == "nothing" else ())
        took.append(milliseconds)
    facts = {
        "found": {f"{what}, {language}": [sum(hits), len(hits)] for (what, language), hits in found.items()},
        "alarms": dict(why),
        "ms": round(median(took), 1),
    }
    print(json.dumps(facts, ensure_ascii=False))
    if asked.table:
        print("\n".join(_table(found)))


def _table(found: dict[tuple[str, str], list[bool]]) -> Iterator[str]:
    languages = sorted({language for _, language in found})
    yield f"| changed | {' | '.join(languages)} |"
    yield f"| --- | {' | '.join('---' for _ in languages)} |"
    for what in dict.fromkeys(what for what, _ in found):
        cells = (found.get((what, language), []) for language in languages)
        told = (f"{sum(hits)} of {len(hits)} ({sum(hits) / len(hits):.0%})" if hits else "–" for hits in cells)
        yield f"| {what} | {' | '.join(told)} |"


if __name__ == "__main__":
    main()
