"""Which sentences of a body to show: position, TF-IDF centroid, words of the headline, penalties, and MMR.

The weights were set by hand and measured, not tuned: tuned to one newsroom's habits they lost on the next one's. On
Daily Mail, CNN and French news this beats the first three sentences; graph and LSA methods do not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from digest.articles.language import STOP_WORDS, words_of
from digest.articles.summaries.openers import ANY_LEANING, FREE_PHRASE, LEANING, LEANING_PHRASE
from digest.articles.summaries.sentences import split
from digest.model import Article, Span

_FEWEST = 6
_LEAST_TOTAL, _MOST_TOTAL = 8, 70
#: How much a repeated word costs against a relevant one.
_REPETITION = 0.4
#: Groups are formed among so many of the best sentences: 220 of three, which costs a millisecond.
_CONSIDERED = 12
#: An extract is at most so many sentences.
_SENTENCES = 3

_DATELINE = re.compile(
    r"^(?:\(?[A-Z][\w .,’'/-]{1,40}\)?,? )?\((?:AP|AFP|Reuters|REUTERS|CNN|UPI|dpa|EFE|JTA|JNS"
    r"|ANSA|PTI|IANS|Bloomberg|[A-Z][A-Z .]{1,12})\)\s*(?:[—–-]+\s*)?"
    r"|^[—–-]+\s+|^[A-Z][A-Z .,’'-]{2,40}(?:, [A-Z][\w. ]{1,30})?(?: \([^)]{2,20}\))?\s+[—–-]{1,2}\s+"
)
#: At the very top, a town in small letters too: "Indianapolis – Several thousand …".
_TOWN = re.compile(r"^[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,2}(?:, [A-Z][\w.]+){0,2} [–—] |^[A-Z]{3,}(?: [A-Z]{2,})?: ")
#: Gershayim, apostrophes, inches: marks that quote nothing.
_INNER_MARK = re.compile(r"(?<=\w)[\"״׳'’](?=\w)|(?<=\d)[\"”](?=\W|$)")
#: "Summary:", and the codes and labels that follow it, before the sentence itself.
_LABEL = re.compile(
    r"^(?:(?:summary|in brief|key (?:points|takeaways)|tl;?dr|abstract|overview|update[ds]?|breaking(?: news)?"
    r"|exclusive|zusammenfassung|kurz gesagt|eilmeldung|résumé|en bref|exclusif|resumen|en breve)"
    r"\s?(?:\([^)]{1,30}\)\s?)?[:|—–-]\s+)"
    r"(?:[\w-]*\d[\w-]*:\s+)?",
    re.IGNORECASE,
)
#: Cut in the middle of a list or of a number ("… a carrying case, 3."), an address that nobody reads, or an aside.
_BROKEN = re.compile(r"[,;&]\s+\d{1,3}\.$|https?://|www\.\w|\w@\w+\.\w|^[(\[]")
_END = re.compile(r"[.!?…؟][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    text: str
    words: int
    #: Its place among all sentences, and among those of prose.
    at: int
    leaning: bool
    candidate: bool


def best_sentences(article: Article, least: int, most: int) -> list[Span]:
    """One to three whole sentences, in the body's order; nothing when no sentence is fit to stand alone."""
    sentences = _sentences(article)
    picked = _pick(sentences, _scores(sentences, article), article, least, min(most, _MOST_TOTAL))
    total = sum(sentence.words for sentence in picked)
    return [sentence.span for sentence in picked] if _LEAST_TOTAL <= total <= _MOST_TOTAL else []


def first_sentences(article: Article, least: int, most: int) -> list[Span]:
    """The first sentences in a row, whatever they open with; the opening words when even the first is too long."""
    body = article.body
    spans = [_without_dateline(body, span) for span in split(body, article.language)]
    taken: list[Span] = []
    total = 0
    for span in spans:
        words = len(body[span.start : span.end].split())
        if total + words > (most if taken else _MOST_TOTAL) or len(taken) == _SENTENCES:
            break
        taken.append(span)
        total += words
        if total >= least:
            break
    if total < _LEAST_TOTAL:
        return _opening_clause(body, spans)
    return taken


def _opening_clause(body: str, spans: Sequence[Span]) -> list[Span]:
    """As much of the first long sentence as 70 words allow, up to a comma or the like."""
    for span in spans:
        words = list(re.finditer(r"\S+", body[span.start : span.end]))
        if len(words) < _LEAST_TOTAL:
            continue
        words = words[:_MOST_TOTAL]
        stop = next((word for word in reversed(words[_LEAST_TOTAL - 1 :]) if word.group()[-1] in ",;:—–.!?"), words[-1])
        return [Span(start=span.start, end=span.start + stop.end())]
    return []


# --- Which sentences may stand --------------------------------------------------------------------------


def _sentences(article: Article) -> list[_Sentence]:
    sentences: list[_Sentence] = []
    for at, whole_span in enumerate(split(article.body, article.language)):
        span = _without_dateline(article.body, whole_span)
        text = article.body[span.start : span.end]
        words = len(text.split())
        whole = _FEWEST <= words <= _MOST_TOTAL and bool(_END.search(text)) and not _BROKEN.search(text)
        own = whole and _is_balanced(text) and not _is_inside_quotation(article.body, span)
        sentences.append(
            _Sentence(span=span, text=text, words=words, at=at, leaning=_leans(text, article.language), candidate=own)
        )
    return sentences


def _is_inside_quotation(body: str, span: Span) -> bool:
    """The middle of a long quotation has no marks of its own, but it is not the newsroom speaking."""
    before = body[body.rfind("\n", 0, span.start) + 1 : span.start]
    return not _closes_quotations(before)


def _without_dateline(body: str, span: Span) -> Span:
    """The sentence without "WASHINGTON (AP) —" or "Summary:" before it."""
    text = body[span.start : span.end]
    found = _LABEL.match(text) or _DATELINE.match(text) or (_TOWN.match(text) if span.start == 0 else None)
    return Span(start=span.start + found.end(), end=span.end) if found and found.end() < len(text) else span


def _leans(text: str, language: str) -> bool:
    if text[:1] == "…" or LEANING_PHRASE.match(text):
        return True
    words = re.findall(r"[^\W\d_]+", text[:60].lower())
    return bool(words) and words[0] in LEANING.get(language, ANY_LEANING) and not FREE_PHRASE.match(text)


def _is_balanced(text: str) -> bool:
    return _closes_quotations(text) and text.count("(") == text.count(")")


def _closes_quotations(text: str) -> bool:
    plain = _INNER_MARK.sub("", text)
    if plain.count('"') % 2 or plain.count("«") != plain.count("»"):
        return False
    # „deutsch“ opens low and closes with the mark that opens elsewhere.
    return plain.count("„") == plain.count("“") if "„" in plain else plain.count("“") == plain.count("”")


# --- How good they are ----------------------------------------------------------------------------------


def _scores(sentences: Sequence[_Sentence], article: Article) -> list[float]:
    vectors = _vectors([sentence.text for sentence in sentences], article.language)
    central = _centrality(vectors)
    title = set(_terms(article.headline, article.language))
    return [
        1.0 / (1 + 0.25 * sentence.at)
        + 0.6 * central[sentence.at]
        + 0.25 * (len(title & set(vectors[sentence.at])) / len(title) if title else 0)
        + 0.3 * _penalty(sentence)
        for sentence in sentences
    ]


def _penalty(sentence: _Sentence) -> float:
    penalty = 0.0
    if sentence.words < 8:
        penalty -= 1
    elif sentence.words > 45:
        penalty -= 0.5
    if sentence.text[0] in '"“«„':
        penalty -= 0.4
    if sentence.text.rstrip("\"'”’»)").endswith(("?", "؟")):
        penalty -= 0.5
    return penalty - 0.3 if sentence.leaning else penalty


def _terms(text: str, language: str) -> list[str]:
    common = STOP_WORDS.get(language, frozenset())
    words = (word for word in words_of(text) if word not in common and len(word) > 1)
    # The plural's s is all the stemming that works in four languages.
    return [word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word for word in words]


def _vectors(texts: Sequence[str], language: str) -> list[dict[str, float]]:
    counts = [Counter(_terms(text, language)) for text in texts]
    spread = Counter(term for count in counts for term in count)
    vectors = []
    for count in counts:
        weights = {term: (1 + math.log(n)) * math.log(1 + len(texts) / spread[term]) for term, n in count.items()}
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vectors.append({term: weight / norm for term, weight in weights.items()})
    return vectors


def _centrality(vectors: Sequence[dict[str, float]]) -> list[float]:
    centroid: Counter[str] = Counter()
    for vector in vectors:
        centroid.update(vector)
    likeness = [_cosine(vector, centroid) for vector in vectors]
    top = max(likeness, default=0) or 1.0
    return [value / top for value in likeness]


def _cosine(left: dict[str, float], right: Counter[str] | dict[str, float]) -> float:
    return sum(weight * right.get(term, 0.0) for term, weight in left.items())


# --- Which of them together -----------------------------------------------------------------------------


def _pick(
    sentences: Sequence[_Sentence], scores: Sequence[float], article: Article, least: int, most: int
) -> Sequence[_Sentence]:
    """The one to three sentences that together say most within the limit, repeating each other least."""
    vectors = _vectors([sentence.text for sentence in sentences], article.language)
    best = _considered(sentences, scores, article, most)
    groups = [
        group
        for size in range(1, _SENTENCES + 1)
        for group in combinations(best, size)
        if sum(sentence.words for sentence in group) <= most and _stands(group)
    ]
    if not groups:
        return _nearest_to_limits(sentences, article, most)
    # A group below the least is taken only when there is no other.
    return max(groups, key=lambda group: (sum(one.words for one in group) >= least, _worth(group, scores, vectors)))


def _considered(
    sentences: Sequence[_Sentence], scores: Sequence[float], article: Article, most: int
) -> list[_Sentence]:
    """The best sentences that fit, in the body's order."""
    fitting = (sentence for sentence in sentences if sentence.candidate and sentence.words <= most)
    ranked = sorted(fitting, key=lambda sentence: (-scores[sentence.at], sentence.at))
    own = (sentence for sentence in ranked if _tells_the_story(sentence, article))
    return sorted(islice(own, _CONSIDERED), key=lambda sentence: sentence.at)


def _tells_the_story(sentence: _Sentence, article: Article) -> bool:
    from digest.articles.verdicts import is_clutter, repeats

    return not repeats(sentence.text, article.headline) and not is_clutter(sentence.text)


def _stands(group: Sequence[_Sentence]) -> bool:
    """A leaning sentence only right after the one it leans on."""
    places = {sentence.at for sentence in group}
    return all(not sentence.leaning or sentence.at - 1 in places for sentence in group)


def _worth(group: Sequence[_Sentence], scores: Sequence[float], vectors: Sequence[dict[str, float]]) -> float:
    """Relevance times length, less what two sentences say twice (MMR over whole groups).

    Counted by the word because room is: three short middling sentences are worth less than two full good ones.
    """
    said = sum(scores[sentence.at] * sentence.words for sentence in group)
    twice = sum(
        _cosine(vectors[one.at], vectors[other.at]) * min(one.words, other.words)
        for one, other in combinations(group, 2)
    )
    return said - _REPETITION * twice


def _nearest_to_limits(sentences: Sequence[_Sentence], article: Article, most: int) -> list[_Sentence]:
    """Rather one sentence a bit too long than nothing."""
    long = [one for one in sentences if one.candidate and not one.leaning and one.words > most]
    return sorted((one for one in long if _tells_the_story(one, article)), key=lambda one: one.words)[:1]
