"""Dates in a text: the 3rd of May, 3. Mai, 2026-05-03, on Tuesday, yesterday; each in one form for comparing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digest.articles.summaries.claims.numbers import european
from digest.articles.summaries.claims.words import folded

#: January first, by language; beginnings of words where the ends change.
_MONTHS = {
    "en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep"
    "|october oct|november nov|december dec",
    "fr": "janvier janv|février févr|mars|avril|mai|juin|juillet juil|août|septembre sept|octobre oct|novembre nov"
    "|décembre déc",
    "es": "enero ene|febrero feb|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre sept|octubre oct"
    "|noviembre nov|diciembre dic",
    "de": "januar jänner jan|februar feb|märz|april apr|mai|juni|juli|august aug|september sept|oktober okt"
    "|november nov|dezember dez",
    "ru": "январь января январе|февраль февраля феврале|март марта марте|апрель апреля апреле|май мая мае|июнь июня"
    " июне"
    "|июль июля июле|август августа августе|сентябрь сентября сентябре|октябрь октября октябре|ноябрь ноября ноябре"
    "|декабрь декабря декабре",
    "he": "ינואר|פברואר|מרץ מרס|אפריל|מאי|יוני|יולי|אוגוסט|ספטמבר|אוקטובר|נובמבר|דצמבר",
    "ar": "يناير|فبراير شباط|مارس آذار|أبريل إبريل نيسان|مايو أيار|يونيو حزيران|يوليو تموز|أغسطس آب|سبتمبر أيلول|أكتوبر"
    "|نوفمبر|ديسمبر",
}
#: Monday first.
_WEEKDAYS = {
    "en": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "es": "lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    "de": "montag|dienstag|mittwoch|donnerstag|freitag|samstag sonnabend|sonntag",
    "ru": "понедельник понедельника|вторник вторника|среду среда среды|четверг четверга|пятницу пятница пятницы"
    "|субботу суббота субботы|воскресенье воскресенья",
    # Hebrew counts its days: only "day" in front of the number makes it one.
    "he": "שני|שלישי|רביעי|חמישי|שישי|שבת|ראשון",
    "ar": "الاثنين الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد",
}
_RELATIVE = {
    "en": "yesterday|today tonight|tomorrow",
    "fr": "hier|aujourd'hui|demain",
    "es": "ayer|hoy|",
    "de": "gestern|heute|",
    "ru": "вчера|сегодня|завтра",
    "he": "אתמול|היום|מחר",
    "ar": "أمس|اليوم|غدا",
}
#: Months that are words as well: only as a name, and "May" not where a sentence opens.
_WORDS_TOO = {"en": {"may", "march", "mar", "jan", "sept", "dec"}, "de": set(), "fr": set()}

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_DAY_BEFORE = re.compile(r"(?<!\d)(?<!\d[.,])([0-3]?\d)(?:st|nd|rd|th|er|º|-го)?(?: of| de|\.)? $", re.IGNORECASE)
_DAY_AFTER = re.compile(r"\.? ([0-3]?\d)(?:st|nd|rd|th)?(?![\d.,:]\d|\d)")
_YEAR_AFTER = re.compile(r"\.?,?(?: de| של)? ((?:1[5-9]|20)\d\d)(?!\d)")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-([01]\d)-([0-3]\d)(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.,/])([0-3]?\d)[./]\s?([0-3]?\d)[./]\s?((?:19|20)?\d\d)(?![\d/])")
_HEBREW_DAY = re.compile(r"יום\s+[הב]?$")


@dataclass(frozen=True, slots=True)
class Date:
    start: int
    end: int
    #: 0 for what is not said.
    day: int = 0
    month: int = 0
    year: int = 0
    #: 1 is Monday.
    weekday: int = 0
    #: 1 yesterday, 2 today, 3 tomorrow.
    relative: int = 0


def dates(text: str, language: str) -> list[Date]:
    """The dates of `text`, in order. 03/05/2026 is two: in May here, in March there."""
    text = european(text).replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    return sorted([*_numeric(text), *_in_words(text, language)], key=lambda date: date.start)


def _numeric(text: str) -> Iterator[Date]:
    for found in _ISO.finditer(text):
        year, month, day = map(int, found.groups())
        yield Date(*found.span(), day=day, month=month, year=year)
    for found in _NUMERIC.finditer(text):
        first, second, year = map(int, found.groups())
        year += 2000 if year < 100 else 0
        for day, month in {(first, second), (second, first)}:
            if 1 <= month <= 12 and 1 <= day <= 31:
                yield Date(*found.span(), day=day, month=month, year=year)


def _in_words(text: str, language: str) -> Iterator[Date]:
    months, weekdays, relative = _lists(language)
    for found in _WORD.finditer(text):
        said = found.group()
        plain = _bare(said, months, language)
        if plain in months and not _is_a_word(text, found, plain, language):
            yield _around(text, found, months[plain])
        elif (plain := _bare(said, weekdays, language)) in weekdays and _is_weekday(text, found, language):
            yield Date(*found.span(), weekday=weekdays[plain])
        elif folded(said) in relative:
            yield Date(*found.span(), relative=relative[folded(said)])


def _around(text: str, month: re.Match[str], number: int) -> Date:
    """The month with the day before or after it, and the year behind."""
    start, end, day = month.start(), month.end(), 0
    if before := _DAY_BEFORE.search(text[max(0, start - 12) : start]):
        day, start = int(before.group(1)), start - (min(12, start) - before.start(1))
    elif after := _DAY_AFTER.match(text, end):
        day, end = int(after.group(1)), after.end()
    year = _YEAR_AFTER.match(text, end)
    return Date(start, year.end() if year else end, day=day, month=number, year=int(year.group(1)) if year else 0)


def _is_a_word(text: str, found: re.Match[str], plain: str, language: str) -> bool:
    """ "may" and "march" are English words; the months have a capital, and a sentence that opens so has a date next."""
    if plain not in _WORDS_TOO.get(language, ()):
        return False
    if found.group()[0].islower():
        return True
    before = text[: found.start()].rstrip()
    opens = not before or before[-1] in '.!?…\n"“'
    return opens and not _DAY_AFTER.match(text, found.end()) and not _YEAR_AFTER.match(text, found.end())


def _is_weekday(text: str, found: re.Match[str], language: str) -> bool:
    return language != "he" or bool(_HEBREW_DAY.search(text[max(0, found.start() - 6) : found.start()]))


def _bare(said: str, known: dict[str, int], language: str) -> str:
    """The word as the list has it; in Hebrew and Arabic without what is written in front of it."""
    plain = folded(said)
    if plain not in known and language in {"he", "ar"}:
        return next((plain[cut:] for cut in (1, 2) if plain[cut:] in known), plain)
    return plain


@lru_cache(maxsize=16)
def _lists(language: str) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    months, weekdays, relative = (
        {folded(word): at for at, row in enumerate(rows.get(language, "").split("|"), start=1) for word in row.split()}
        for rows in (_MONTHS, _WEEKDAYS, _RELATIVE)
    )
    return months, weekdays, relative
