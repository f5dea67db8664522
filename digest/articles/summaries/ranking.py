"""Which sentences of a body to show: position, TF-IDF centroid, words of the headline, penalties, and MMR.

The weights are round numbers from a plateau, set on one half of the texts that docs/benchmarks.md measures and looked
at on the other: tuned to one newsroom's habits they lost on the next one's. Graph and LSA methods do worse on news.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations

from digest.articles.language import STOP_WORDS, words_of
from digest.articles.summaries.candidates import (
    Sentence,
    in_order,
    is_among,
    sentences_of,
    tells_the_story,
    without_dateline,
)
from digest.articles.summaries.limits import LEAST_WORDS, MOST_WORDS, Limits
from digest.articles.summaries.sentences import split
from digest.model import Article, Span

#: What speaks for a sentence: where it stands (the third counts two thirds of the first), how much of what the whole
#: article says is in it, how much of the headline.
_DECAY, _CENTRAL, _HEADLINE = 0.25, 1.2, 1.0
#: What speaks against it: too short or long, a question, somebody else's words.
_PENALTY = 0.2
#: What room costs: a sentence that says less for its words is left out, though it would fit.
_ROOM = 0.8
#: How much a repeated word costs against a relevant one.
_REPETITION = 0.3
#: Groups are formed among so many of the best sentences: 298 of up to three, which costs a millisecond.
_CONSIDERED = 12
#: An extract is at most so many sentences.
_SENTENCES = 3

Vector = dict[str, float]


def best_sentences(article: Article, limits: Limits) -> list[Span]:
    """One to three whole sentences, in the body's order; nothing when no sentence is fit to stand alone.

    Within the limits, unless every sentence that may stand is longer: then the shortest of them.
    """
    sentences = sentences_of(article)
    vectors = _vectors([sentence.text for sentence in sentences], article.language)
    picked = _pick(sentences, _scores(sentences, vectors, article), vectors, article, limits)
    total = sum(sentence.words for sentence in picked)
    return in_order(picked) if LEAST_WORDS <= total <= MOST_WORDS else []


def first_sentences(article: Article, limits: Limits) -> list[Span]:
    """The first sentences in a row, whatever they open with; the opening words when even the first is too long."""
    body = article.body
    spans = [without_dateline(body, span) for span in split(body, article.language)]
    spans = [span for span in spans if not is_among(body[span.start : span.end], article.dropped)]
    taken: list[Span] = []
    total = 0
    for span in spans:
        words = len(body[span.start : span.end].split())
        if total + words > (limits.most if taken else MOST_WORDS) or len(taken) == _SENTENCES:
            break
        taken.append(span)
        total += words
        if total >= limits.least:
            break
    if total < LEAST_WORDS:
        return _opening_clause(body, spans)
    return taken


def _opening_clause(body: str, spans: Sequence[Span]) -> list[Span]:
    """As much of the first long sentence as 70 words allow, up to a comma or the like."""
    for span in spans:
        words = list(re.finditer(r"\S+", body[span.start : span.end]))
        if len(words) < LEAST_WORDS:
            continue
        words = words[:MOST_WORDS]
        stop = next((word for word in reversed(words[LEAST_WORDS - 1 :]) if word.group()[-1] in ",;:—–.!?"), words[-1])
        return [Span(start=span.start, end=span.start + stop.end())]
    return []


# --- How good they are ----------------------------------------------------------------------------------


def _scores(sentences: Sequence[Sentence], vectors: Sequence[Vector], article: Article) -> list[float]:
    central = _centrality(vectors)
    title = set(_terms(article.headline, article.language))
    return [
        1.0 / (1 + _DECAY * sentence.at)
        + _CENTRAL * central[sentence.at]
        + _HEADLINE * (len(title & set(vectors[sentence.at])) / len(title) if title else 0)
        - _PENALTY * _faults(sentence)
        for sentence in sentences
    ]


def _faults(sentence: Sentence) -> float:
    faults = 0.0
    if sentence.words < 8:
        faults += 1
    elif sentence.words > 45:
        faults += 0.5
    if sentence.text[0] in '"“«„‘‹':
        faults += 0.4
    if sentence.text.rstrip("\"'”’»“)").endswith(("?", "؟")):
        faults += 0.5
    return faults + 0.3 if sentence.leaning else faults


def _terms(text: str, language: str) -> list[str]:
    common = STOP_WORDS.get(language, frozenset())
    words = (word for word in words_of(text) if word not in common and len(word) > 1)
    # The plural's s is all the stemming that works in four languages.
    return [word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word for word in words]


def _vectors(texts: Sequence[str], language: str) -> list[Vector]:
    counts = [Counter(_terms(text, language)) for text in texts]
    spread = Counter(term for count in counts for term in count)
    vectors = []
    for count in counts:
        weights = {term: (1 + math.log(n)) * math.log(1 + len(texts) / spread[term]) for term, n in count.items()}
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vectors.append({term: weight / norm for term, weight in weights.items()})
    return vectors


def _centrality(vectors: Sequence[Vector]) -> list[float]:
    centroid: Counter[str] = Counter()
    for vector in vectors:
        centroid.update(vector)
    likeness = [_cosine(vector, centroid) for vector in vectors]
    top = max(likeness, default=0) or 1.0
    return [value / top for value in likeness]


def _cosine(left: Vector, right: Counter[str] | Vector) -> float:
    return sum(weight * right.get(term, 0.0) for term, weight in left.items())


# --- Which of them together -----------------------------------------------------------------------------


def _pick(
    sentences: Sequence[Sentence],
    scores: Sequence[float],
    vectors: Sequence[Vector],
    article: Article,
    limits: Limits,
) -> Sequence[Sentence]:
    """The one to three sentences that together say most within the limits, repeating each other least."""
    fitting = [one for one in sentences if one.fit and limits.hold(one.words, len(one.text))]
    ranked = sorted(fitting, key=lambda sentence: (-scores[sentence.at], sentence.at))
    while ranked:
        best = sorted(ranked[:_CONSIDERED], key=lambda sentence: sentence.at)
        group = _best_group(best, scores, vectors, article, limits)
        # Looked at last, because it takes longest: promotion is rarely what an article says most about.
        foreign = {one.at for one in group if not tells_the_story(one, article)}
        if not foreign:
            return group or _nearest_to_limits(sentences, article)
        ranked = [one for one in ranked if one.at not in foreign]
    return _nearest_to_limits(sentences, article)


def _best_group(
    best: Sequence[Sentence],
    scores: Sequence[float],
    vectors: Sequence[Vector],
    article: Article,
    limits: Limits,
) -> Sequence[Sentence]:
    known = set(re.findall(r"[\w-]+", article.headline))
    twice = {
        (one.at, other.at): _cosine(vectors[one.at], vectors[other.at]) * min(one.words, other.words)
        for one, other in combinations(best, 2)
    }

    def worth(group: Sequence[Sentence]) -> tuple[bool, float]:
        # A group below the least is taken only when there is no other.
        said = sum((scores[one.at] - _ROOM) * one.words for one in group)
        repeated = sum(twice[one.at, other.at] for one, other in combinations(group, 2))
        return sum(one.words for one in group) >= limits.least, said - _REPETITION * repeated

    groups = (group for size in range(1, _SENTENCES + 1) for group in combinations(best, size))
    return max((group for group in groups if _fits(group, limits) and _stands(group, known)), key=worth, default=())


def _fits(group: Sequence[Sentence], limits: Limits) -> bool:
    words = sum(one.words for one in group)
    return limits.hold(words, sum(len(one.text) for one in group) + len(group) - 1)


def _stands(group: Sequence[Sentence], known: Collection[str]) -> bool:
    """A leaning sentence only right after the one it leans on; nobody by a surname that says nothing yet."""
    places = {sentence.at for sentence in group}
    if any(sentence.leaning and sentence.at - 1 not in places for sentence in group):
        return False
    return all(
        not sentence.surname or sentence.surname in known or any(sentence.surname in one.text for one in group[:at])
        for at, sentence in enumerate(group)
    )


def _nearest_to_limits(sentences: Sequence[Sentence], article: Article) -> list[Sentence]:
    """Rather one sentence a bit too long than nothing."""
    fit = [one for one in sentences if one.fit and not one.leaning and one.words >= LEAST_WORDS]
    return sorted((one for one in fit if tells_the_story(one, article)), key=lambda one: len(one.text))[:1]
