"""A byline as readers should see it: names, without the words, dates and login names that pages print with them.

Pages state "Words by Ada Brook" and guesses run on into the line's date. What is no name of a person, desk or agency
is no byline: none is better than one that an editor must take out again.
"""

from __future__ import annotations

import re

from digest.articles.extraction.phrases import AGENCIES

#: "von" and "de" open a byline only before a colon: they open surnames too.
_BY = re.compile(r"^(?:(?:by|par|por|מאת|بقلم)(?:\s*:)?\s+|(?:von|de|מאת|بقلم)\s*:\s*)", re.IGNORECASE)
_BY_WORD = r"(?:by|von|par|por|de|di)\b"
#: What was done, before who did it. "Story" and "Page" are names too, so that they need "by" or a colon.
_DID = re.compile(
    r"^(?:(?:text|texte|texto|testo|words|story|report|reporting|review|interview|article|written|reported|posted"
    rf"|published|edited|words and (?:photos|pictures)|artikel|beitrag|текст)(?:\s*:\s*(?:{_BY_WORD}\s*)?"
    rf"|\s+{_BY_WORD}\s*:?\s*)"
    r"|(?:authors?|auteure?|autor(?:in)?|autore|автор)(?:\s*:\s*|\s+(?=\S+\s+\S))"
    r"|(?:text|texte|texto|testo|words|текст)\s+(?=[^\W\d_]\S*\s+[^\W\d_]))",
    re.IGNORECASE,
)
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|montag|dienstag"
    r"|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
#: Nobody's surname, so that it is a date even when its day was cut off.
_MONTH_ONLY = (
    r"january|february|july|september|october|november|december|janvier|février|juillet|août|septembre|octobre"
    r"|novembre|décembre|januar|februar|oktober|dezember|enero|febrero|julio|septiembre|octubre|noviembre|diciembre"
)
_MONTH = (
    rf"(?:{_MONTH_ONLY}|march|april|may|june|august|mars|avril|mai|juin|märz|juni|juli|marzo|abril|mayo|junio|agosto"
    r"|jan|feb|febr|mar|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez|janv|févr|avr|juil|déc)\b\.?"
)
_NUMBERED = (
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?|{_MONTH},?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th|er|\.)?"
    rf"\s+(?:de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{4}})?|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
)
#: A date at the end, with what may stand before and behind it.
_DATE = re.compile(
    rf"(?:[\s,|/•·–—-]|\b(?:on|am|le|el)\s)*\b(?:(?:{_DAY})\b,?\s*(?:{_NUMBERED}|{_MONTH})?|{_NUMBERED})"
    r"(?:[\s,|/•·–—-]*(?:at\s|um\s|à\s)?\d{1,2}[:.h]\d{2}.{0,20})?\W*$",
    re.IGNORECASE,
)
_BARE_MONTH = re.compile(rf"^(\S+\s+\S+.*?)[\s,|/•·–—-]+(?:{_MONTH_ONLY})$", re.IGNORECASE)
_AND_THEN = re.compile(
    r"(?:^|[\s,|/•·–—(-]+)(?:(?:first |last )?(?:published|updated|posted|modified)|veröffentlicht"
    r"|aktualisiert|publiée?|mise? à jour|publicado|actualizado|опубликовано|обновлено"
    r"|\d+[ -]min(?:ute)?s?(?:[ -]read)?|\d+ (?:minutes?|hours?|days?) ago)\b.*$",
    re.IGNORECASE,
)
#: Whoever "said on August 3" wrote a comment below the piece.
_COMMENTED = re.compile(
    r"\b(?:said|says|commented|replied|responded|sagte?|schrieb|kommentierte|meinte?|dit|dijo|disse)\b,?"
    rf"(?:\s*[:.]?\s*$|\s+(?:on|at|am|um|le|el|em)\b|\s+.*\b(?:{_MONTH_ONLY}|\d{{4}})\b)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"^(?:\S*admin(?:istrator)?\d*|admin\S*|web-?master\S*|user[\d_.-]*|super-?user|root|test|guest|wordpress|wp-\S+"
    r"|anonym(?:ous)?|unknown|none|null|n/a|default|\S*[^\W\d_]\d+|\S*_\S*)$",
    re.IGNORECASE,
)
#: Nobody in particular.
_NOBODY = re.compile(
    r"^(?:the )?(?:staff|staff (?:writers?|reports?|reporters?|and wire reports)|news staff|web staff"
    r"|editorial (?:staff|team|board)"
    r"|(?:web |site |digital |online )?(?:editors?|producers?|authors?|writers?|reporters?|contributors?|team|newsroom)"
    r"|guest(?: (?:author|writer|contributor|post))?|various|multiple authors|press release"
    r"|redaktion|die redaktion|(?:la )?rédaction|(?:la )?redacción|(?:la )?redazione|redactie"
    r"|מערכת|צוות|מערכת האתר|אורח"
    r"|редакция|гость|هيئة التحرير|التحرير|المحرر)$",
    re.IGNORECASE,
)
_LONGEST = 120


def names_in(line: str) -> str:
    """The names in a stated or guessed byline; empty where it holds none."""
    if len(line) > 4 * _LONGEST or _COMMENTED.search(line):
        return ""
    name = _without_tail(_DID.sub("", _BY.sub("", line)))
    name = ", ".join(part for part in name.split(", ") if not _LOGIN.match(part) and not _NOBODY.match(part.strip()))
    if re.search(r"https?://|www\.|@|^\W*$", name) or len(name) > _LONGEST or _is_code(name):
        return ""
    return name


def _without_tail(name: str) -> str:
    name = _AND_THEN.sub("", name)
    name = _DATE.sub("", name)
    bare = _BARE_MONTH.match(name)
    return (bare.group(1) if bare else name).strip(" ,|/•·–—-")


def _is_code(name: str) -> bool:
    """One word in capitals is an account or a station's call sign; short ones and agencies' names are not."""
    return " " not in name and len(name) > 3 and name.isupper() and not AGENCIES.match(name)
