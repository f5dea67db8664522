"""How a summary must not speak, by language: of itself, of the article as an article, or to whoever asked for it."""

from __future__ import annotations

import re
from functools import lru_cache

#: The first person. "US" and "World War I" are told apart where it is looked for.
_FIRST_PERSON = {
    "en": "i i'm i've i'd i'll we we're we've we'll we'd me my mine our ours us myself ourselves",
    "fr": "je nous moi mon ma mes notre nos me",
    "es": "yo nosotros nosotras mi mis nuestro nuestra nuestros nuestras nos me",
    "de": "ich wir mich mir uns mein meine meinen meinem meiner meines unser unsere unseren unserem unserer unseres",
    "ru": "я мы меня мне мной нас нам нами мой моя моё мое мои моего моей моих наш наша наше наши нашего нашей наших"
    " нашу",
    "he": "אני אנחנו אנו שלי שלנו אותי אותנו לנו איתנו בעצמנו",
    "ar": "أنا نحن إننا إنني لدينا عندنا إلينا علينا لنا",
}
_ELIDED_I = re.compile(r"(?<!\w)j['’](?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

#: The article as a thing that says something, instead of what it says.
_THE_ARTICLE = {
    "en": r"\b(?:the|this) (?:article|piece|op-?ed|column|essay|passage|text|write-?up|author of|excerpt)\b"
    r"|\b(?:the|this) (?:author|writer|summary|story)"
    r" (?:says|argues|discusses|describes|explains|notes|reports|covers)\b",
    "fr": r"\b(?:l['’]|cet |dans cet )(?:article|auteur|éditorial)\b|\b(?:ce|le) (?:texte|billet|résumé)\b",
    "es": r"\b(?:el|este) (?:artículo|texto|autor|resumen|editorial)\b",
    "de": r"\b(?:der|dieser|diesem|im|dem) (?:artikel|beitrag|text|autor|kommentar)\b|\bdie zusammenfassung\b",
    "ru": r"\b(?:в |эта |данная )?стать[яеюи]\b|\bавтор(?:а|ом)?\b|\b(?:этот |данный )текст\b",
    "he": r"\b[בה]?ה?(?:כתבה|מאמר|כותב|טקסט) (?:זה|זו|הזה|הזו|עוסק|עוסקת|מתאר|מתארת|דן|דנה|סוקר|סוקרת)|\b[בל]?המאמר\b",
    "ar": r"\b(?:هذا |يتناول |في )?المقال(?:ة)?\b|\b(?:هذا )?النص\b",
}
#: What says "here it comes" instead of it.
_PREAMBLE = {
    "en": r"here(?:'s| is| are| you)|sure|certainly|of course|okay|as an ai|as a language model|(?:in )?summary\b"
    r"|tl;?dr|i(?:'m| am) sorry|sorry|unfortunately, i|output:|answer:|headline:",
    "fr": r"voici|bien sûr|en résumé|résumé\s?:|désolé|en tant qu['’]",
    "es": r"aquí (?:está|tienes)|claro|por supuesto|en resumen|resumen:|lo siento|como modelo",
    "de": r"hier (?:ist|sind)|natürlich|gerne?[,:!]|zusammenfassung:|zusammengefasst|leider kann|als ki\b",
    "ru": r"вот\b|конечно|разумеется|резюме:|краткое содержание|кратко:|извините|к сожалению, я",
    "he": r"הנה|להלן|בוודאי|כמובן|תקציר:|סיכום:|לסיכום|מצטער",
    "ar": r"إليك|فيما يلي|بالتأكيد|بالطبع|ملخص:|باختصار|عذرا|آسف",
}
_MARKUP = {
    "an address": re.compile(
        r"https?://\S*|\bwww\.\S+|\b\S+@\S+\.\w{2,}|\b[\w-]+\.(?:com|org|net|io|info|example)\b", re.IGNORECASE
    ),
    "HTML": re.compile(r"</?[a-z][^<>]*>|&(?:[a-z]{2,8}|#\d+);|<\|", re.IGNORECASE),
    "Markdown": re.compile(
        r"\*\*|(?<!\w)__|```|^\s*#{1,6} |^\s*[-*•] |^\s*\d+[.)] |\]\(|(?<!\w)\*\w[^*]*\w\*(?!\w)|^\s*> ", re.MULTILINE
    ),
    "a mark of our own": re.compile(r"%%\{|\{\{|\}\}|\{%"),
}


def markup(text: str) -> list[tuple[str, str]]:
    """What is no plain sentence of `text`: what it is, and the words."""
    return [(what, found.group().strip()) for what, pattern in _MARKUP.items() if (found := pattern.search(text))]


def preamble(text: str, language: str) -> str:
    found = _opening(language).match(text)
    return found.group().strip() if found else ""


def the_article(text: str, language: str, source: str) -> str:
    """How the text speaks of the article; not where the article has those words itself."""
    found = (match.group().strip() for match in _article(language).finditer(text))
    return next((said for said in found if said.lower() not in source.lower()), "")


def first_person(text: str, language: str, source: str) -> str:
    """The first word of `text` that speaks in the first person; quotations were taken out before."""
    if language == "fr" and (elided := _ELIDED_I.search(text)):
        return elided.group()
    known = frozenset(_FIRST_PERSON.get(language, "").split())
    for word in _WORD.finditer(text):
        said = word.group()
        if said.lower().replace("’", "'") in known and not _is_name(text, word, source, language):
            return said
    return ""


def _is_name(text: str, word: re.Match[str], source: str, language: str) -> bool:
    """The US; World War I, Elizabeth I; and in French « mes » is never a name, but Nos may be."""
    said = word.group()
    if language == "en" and said == "US":
        return True
    before = text[: word.start()].split()
    return said == "I" and bool(before) and before[-1][:1].isupper() and f"{before[-1]} {said}" in source


@lru_cache(maxsize=16)
def _opening(language: str) -> re.Pattern[str]:
    patterns = {_PREAMBLE["en"], _PREAMBLE.get(language, _PREAMBLE["en"])}
    return re.compile(rf"\W*(?:{'|'.join(sorted(patterns))})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=16)
def _article(language: str) -> re.Pattern[str]:
    patterns = {_THE_ARTICLE["en"], _THE_ARTICLE.get(language, _THE_ARTICLE["en"])}
    return re.compile("|".join(sorted(patterns)), re.IGNORECASE)
