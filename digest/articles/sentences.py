"""Cut a text into sentences, as spans into it.

Rules and lists rather than a library: measured against eight, nothing was better on news, and the ready-made ones cut
"Sen. | John Smith" or "M. | Macron". A false cut puts half a sentence in front of readers, a missed one only makes a
sentence long; in doubt there is no cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Span

_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
#: What may end a sentence, with the quotes and brackets that close behind it, and the space before the next.
_STOP = re.compile(r"(?P<mark>[.!?…؟۔。׃]+)(?P<close>[\"'”’»“)\]]*)(?P<note>\[\d{1,3}\])?(?P<gap>\s+)")
_OPENING = "\"'“‘«„([—–-¿¡ "
_WORD_BEFORE = re.compile(r"[^\s(\[\"“„«'’—–/]+$")

#: Never the end of a sentence: a name, a number or a noun follows.
_BINDING: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """mr mrs ms mx dr prof rev hon st mt ft sen sens rep reps gov lt col gen brig maj capt cpt cmdr sgt cpl pvt
            adm supt insp det pres amb atty asst assoc fr sr vs v no nos vol fig figs pp p art sec ch e.g i.e eg ie cf viz
            approx est dept univ jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri
            messrs mmes pt op ed eds al rabbi'""",
        "fr": """m mm mme mmes mlle mlles me mes dr pr prof st ste sts no nos art chap fig p pp vol cf ex env av apr bd
            janv févr avr juil sept oct nov déc c.-à-d p.ex hab éd réf tél""",
        "es": """sr sra sres sras srta srtas d dª dña dr dra dres prof profa lic ing arq st sto sta núm nº no art cap fig p
            pp pág págs vol ed cf ej p.ej aprox av avda tel ud uds vd vds ee uu gral cnel ene feb abr jun jul ago sept oct
            nov dic mons ntra""",
        "de": """hr fr frl dr prof dipl ing st nr art abs bd kap s ca bzw vgl z.b d.h u.a o.ä usw. z b d h u a i e v evtl ggf
            inkl exkl mio mrd tsd str tel hrsg jan feb mär apr jun jul aug sept okt nov dez chr geb gest sog u.s.w bspw
            mag habil rer nat phil jur med""",
        "he": """ד״ר ד"ר פרופ פרופ' עו״ד עו"ד גב גב' מס מס' עמ עמ' ר ר' רח רח' שד שד' וכו' וגו' לפנה"ס לפנה״ס""",
        "ar": """د أ م ص ج ه""",
    }.items()
}
_ALL_BINDING = frozenset().union(*_BINDING.values())

#: These may end a sentence; they do so only before a word that nothing but a sentence opens with.
_LOOSE = frozenset(
    "inc corp co ltd llc llp plc bros jr sr esq phd ph.d m.d b.a m.a u.s u.k u.n e.u d.c a.m p.m am pm etc usw cie sa s.a gmbh ag"
    " ave blvd rd mph sq in ft lbs oz ibid bc ad b.c a.d".split()
)
_STARTERS = frozenset(
    "the a an this that these those he she it they we i you his her its their our my in on at but and or if when while as for from"
    " after before since with there here who what why how however meanwhile although though because so yet not no now then some many"
    " most all one two il elle ils elles le la les un une des ce cette ces on nous mais et en dans pour selon el los las una este esta"
    " pero y según der die das ein eine er sie es wir aber und im am mit nach".split()
)


def split(text: str, language: str = "") -> list[Span]:
    """The sentences of `text` as spans without surrounding white space; a paragraph's end always ends one."""
    return [span for paragraph in _PARAGRAPH.finditer(text) for span in _cut(text, paragraph.span(), language)]


def _cut(text: str, within: tuple[int, int], language: str) -> Iterator[Span]:
    start, end = within
    for stop in _STOP.finditer(text, *within):
        if _is_boundary(text, start, stop, end, language):
            yield from _trimmed(text, start, stop.start("gap"))
            start = stop.end()
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    if stripped := piece.strip():
        lead = len(piece) - len(piece.lstrip())
        yield Span(start=start + lead, end=start + lead + len(stripped))


def _is_boundary(text: str, start: int, stop: re.Match[str], end: int, language: str) -> bool:
    following = text[stop.end() : min(end, stop.end() + 60)]
    if not following.strip() or not _may_open(following):
        return False
    if _inside_brackets(text[start : stop.end("close")]):
        return False
    mark, closed = stop["mark"], bool(stop["close"])
    word = _first_word(following)
    if mark in {"…", "...", ".."} and not closed:
        return word.lower() in _STARTERS and word[:1].isupper()
    if mark == "!" and word.rstrip(".,").lower() in _LOOSE:
        return False  # Yahoo! Inc.
    return mark != "." or _full_stop_ends(text[start : stop.start()], following, language, closed=closed)


def _may_open(following: str) -> bool:
    """Can a sentence open like this? Not with a small letter, a comma or a closing mark."""
    first = following.lstrip(_OPENING)[:1]
    return bool(first) and not first.islower() and (first.isalnum() or first in "$€£₪#@%¿¡…")


def _inside_brackets(piece: str) -> bool:
    opened = piece.rfind("(")
    return opened > piece.rfind(")") and len(piece) - opened < 300


def _first_word(following: str) -> str:
    return following.lstrip(_OPENING).split(maxsplit=1)[0].strip("\"'”’»,;:")


def _full_stop_ends(before: str, following: str, language: str, *, closed: bool) -> bool:
    found = _WORD_BEFORE.search(before)
    token = found.group() if found else ""
    word = token.lower()
    opener = _first_word(following).lower()
    if closed and len(token) > 2:
        return True
    if word in _BINDING.get(language, _ALL_BINDING) and not (language == "en" and word in _WORDS_TOO and opener in _STARTERS):
        return False
    if word in _LOOSE or _is_initials(token):
        return opener in _STARTERS and following.lstrip(_OPENING)[:1].isupper()
    return not _is_ordinal(token, before, following, language)


#: English abbreviations that are words as well: "he said no. The …".
_WORDS_TOO = frozenset({"no", "art", "fig", "sat", "sun", "mar", "mon", "fri", "ed", "op", "al", "p", "v", "pt"})


def _is_initials(token: str) -> bool:
    """J (of "J. Smith"), U.S, z.B: single letters with full stops between them."""
    return bool(re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", token)) and not re.fullmatch(r"[\u0590-\u06ff]", token)


def _is_ordinal(token: str, before: str, following: str, language: str) -> bool:
    if not re.fullmatch(r"\d{1,2}|[IVX]{1,5}", token):
        return False
    if before.strip() == token:
        return True  # "1. Wash the pears."
    # German writes "am 3. Oktober"; elsewhere a number may well end a sentence.
    return language == "de" or (not language and following[:1].isupper())
