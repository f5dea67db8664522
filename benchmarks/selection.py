"""How long choosing the stories of an issue takes, with near-duplicates merged and what was carried left out.

    python -m benchmarks.selection [--articles 500,5000] [--words 600] [--pairs 60] [--times 5]

Prints one JSON line for each number of articles. The articles are made of the words of a small language whose
frequent words are as frequent as a real one's, so that unlike articles share runs of words by chance, as they do in
life. There are `--pairs` near-duplicates in every 500 articles, by five kinds of change: boilerplate added, single
words changed, sentences replaced, only the first part, only the beginning. One in ten articles was carried before.
`seconds` is the median of `--times` runs of `choose`, `merged` how many pairs were found, `wrong` how many articles
that are no copies were taken for one.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import median

from digest.articles.selection.select import Carried, Rules, choose
from digest.model import Article, Candidate, Choice

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def main() -> None:
    options = _parser().parse_args()
    for count in (int(number) for number in options.articles.split(",")):
        print(json.dumps(_measure(count, options)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", default="500,5000", help="Numbers of articles.")
    parser.add_argument("--words", type=int, default=600, help="Words of an article.")
    parser.add_argument("--pairs", type=int, default=60, help="Near-duplicate pairs in 500 articles.")
    parser.add_argument("--times", type=int, default=5)
    return parser


def _measure(count: int, options: argparse.Namespace) -> dict[str, object]:
    chance = random.Random(7)
    language = _Language(chance)
    pairs = options.pairs * count // 500
    before = [language.text(options.words) for _ in range(count // 10)]
    own = [language.text(options.words) for _ in range(count - pairs)]
    for at, told in zip(range(pairs, len(own), 10), before, strict=False):
        own[at] = _changed(told, at // 10, chance, language)
    copies = [_changed(own[at], at, chance, language) for at in range(pairs)]
    offered = [_candidate(at, text) for at, text in enumerate([*own, *copies])]
    carried = [
        Carried(article=replace(_candidate(at, text).article, url=f"https://past.example/{at}"), issue=at // 10)
        for at, text in enumerate(before)
    ]
    took = []
    choices: list[Choice] = []
    for _ in range(options.times):
        began = time.perf_counter()
        choices = choose(offered, now=NOW, rules=Rules(count=12, per_source=3), carried=carried)
        took.append(time.perf_counter() - began)
    merged, wrong = _found(choices, len(own))
    return {
        "benchmark": "select",
        "articles": count,
        "words": options.words,
        "pairs": pairs,
        "merged": merged,
        "wrong": wrong,
        "seconds": round(median(took), 3),
        "milliseconds_an_article": round(median(took) / count * 1000, 3),
    }


def _found(choices: list[Choice], first_copy: int) -> tuple[int, int]:
    """Pairs that were merged, and articles that were merged with a stranger; of pair N the copy is the N-th copy."""
    merged = wrong = 0
    for choice in choices:
        numbers = sorted(one.article_id for one in (choice.candidate, *choice.also))
        mates = sum(number + first_copy in numbers for number in numbers)
        merged += mates
        wrong += len(numbers) - 1 - mates
    return merged, wrong


def _candidate(at: int, text: str) -> Candidate:
    found = NOW - timedelta(minutes=at % 1400)
    article = Article(url=f"https://news{at % 40}.example/{at}", headline=text[:60], body=text, published_at=found)
    return Candidate(article_id=at, article=article, source=f"Source {at % 40}", section="news", gathered_at=found)


class _Language:
    """Four thousand words, the n-th of them 1/n as frequent as the first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = list(
            dict.fromkeys("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(9000))
        )[:4000]
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def text(self, words: int) -> str:
        return ". ".join(self._sentences(words))

    def _sentences(self, words: int) -> Iterator[str]:
        while words > 0:
            length = min(words, self._chance.randint(8, 28))
            yield " ".join(self._chance.choices(self._words, cum_weights=self._weights, k=length))
            words -= length


def _changed(text: str, kind: int, chance: random.Random, language: _Language) -> str:
    words, sentences = text.split(), text.split(". ")
    match kind % 5:
        case 0:
            return f"{language.text(40)}. {text}. {language.text(40)}"
        case 1:
            return " ".join(word if chance.random() > 1 / 12 else chance.choice(words) for word in words)
        case 2:
            return ". ".join(one if chance.random() > 1 / 5 else language.text(15) for one in sentences)
        case 3:
            return " ".join(words[: len(words) * 3 // 5])
        case _:
            return ". ".join(sentences[:5])


if __name__ == "__main__":
    main()
