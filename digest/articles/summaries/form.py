"""What kind of piece an article is, as far as its summary goes: news, somebody's opinion, or told while it happens.

A column's first lines set a scene, and a live page's are its newest: no sentence of either says what it is about. Its
publisher's own line does.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from digest.articles.blocks import word_set
from digest.model import Article


class Form(StrEnum):
    NEWS = "news"
    OPINION = "opinion"
    LIVE = "live"


#: How sections are called, in the article's data and in its address; a hyphen stands for a space.
_OPINION = word_set(
    """
    opinion opinions op-ed op-eds oped opeds comment commentary commentaries commentisfree comment-is-free
    column columns columnist columnists editorial editorials leader leaders viewpoint viewpoints point-of-view views
    perspective perspectives essay essays guest-essay guest-essays letters letters-to-the-editor
    tribune tribunes chronique chroniques éditorial editoriaux éditoriaux édito edito éditos editos débats debats idées
    idees points-de-vue point-de-vue billet billets opinions-et-débats
    opinión columna columnas columnistas editoriales tribunas tribuna firmas
    meinung meinungen kommentar kommentare kolumne kolumnen leitartikel gastbeitrag gastbeiträge gastkommentar debatte
    opinioni editoriali commenti opinião opiniao colunas colunistas
    דעות דעה טור טורים מאמרי-דעה פרשנות דעות-ומאמרים
    رأي آراء الرأي مقالات مقالات-الرأي أعمدة وجهات-نظر
    мнение мнения колонка колонки авторские-колонки точка-зрения
    """
)
_LIVE = word_set(
    """
    live live-blog liveblog live-blogs liveblogs live-updates liveupdates live-news live-reporting as-it-happened
    en-direct direct en-vivo envivo en-directo directo liveticker live-ticker ticker al-vivo ao-vivo in-diretta
    חי עדכונים-שוטפים בזמן-אמת דיווח-חי مباشر بث-مباشر تغطية-مباشرة онлайн прямая-трансляция хроника-дня
    """
)
_BEFORE_HEADLINE = re.compile(
    r"^\W*(?:(?P<opinion>opinion|op-ed|editorial|commentary|column|guest essay|tribune|chronique|éditorial|édito"
    r"|point de vue|opinión|columna|tribuna|kommentar|kolumne|leitartikel|gastbeitrag|meinung|דעה|טור דעה|رأي|мнение"
    r"|колонка)|(?P<live>live(?: updates| blog)?|liveblog|en direct|direct|en vivo|en directo|liveticker|ticker"
    r"|עדכון חי|מתעדכן|مباشر|онлайн))\s*[:|.–—]\s",
    re.IGNORECASE,
)
_AFTER_HEADLINE = re.compile(
    r"(?:[|–—-]\s*(?:(?P<opinion>opinion|op-ed|editorial|commentary|tribune|opinión|kommentar|kolumne|דעה|رأي|мнение)"
    r"|(?P<live>live(?: updates| blog)?|as it happened|en direct|en vivo|en directo|liveticker|مباشر)))\W*$",
    re.IGNORECASE,
)


def form_of(article: Article) -> Form:
    """What the source calls it: in its sections, its address or above its headline."""
    named = {_joined(category) for category in article.categories}
    # The last part of an address is the headline again: "live" there may be a verb.
    path = unquote(urlsplit(article.url).path).lower().strip("/").split("/")[:-1]
    sections = named | {part for part in path if part}
    said = _BEFORE_HEADLINE.match(article.headline) or _AFTER_HEADLINE.search(article.headline)
    if sections & _LIVE or (said and said["live"]):
        return Form.LIVE
    if sections & _OPINION or (said and said["opinion"]):
        return Form.OPINION
    return Form.NEWS


def _joined(category: str) -> str:
    return "-".join(re.findall(r"[\w’']+", category.lower()))
