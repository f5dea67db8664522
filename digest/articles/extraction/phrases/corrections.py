"""How newsrooms say that they got something wrong in this very piece: "an earlier version of the bill" is news."""

from __future__ import annotations

import re

from digest.articles.extraction.phrases.wording import compiled

_EN = r"(?:article|story|piece|column|essay|op-?ed|post|interview|analysis|report|review|headline|caption|page)"
_FR = r"(?:cet article|ce texte|cette tribune|cette chronique|ce billet|cet entretien|cette dépêche|ce papier)"
_ES = r"(?:este artículo|este texto|esta noticia|esta nota|esta información|esta columna|este reportaje)"
_AR = r"(?:هذا|هذه) (?:المقال|الخبر|القصة|المادة|التقرير)"
#: Between a label and its notice: "Correction (May 3):", "Korrektur vom 3. Mai –".
_LABELLED = (
    r"(?: \([^()]{1,40}\)| (?:to|on|appended|du|le|au|del?|vom|от) [^:]{2,60}|,? \w+\.? \d[^:.]{0,20})?"
    r"\s*(?::|\s[–—-]\s)"
)
#: What follows "an earlier version of this article" where it says who first published it.
_NO_CREDIT = (
    r"(?!,? (?:(?:was|were|is|first|originally|also|previously) )*"
    r"(?:appeared|ran|published|posted|printed|given|delivered|produced|prepared)\b)"
)
_MISTAKEN = r"(?:originally|initially|previously|incorrectly|mistakenly|wrongly|erroneously)"
_MISSAID = r"(?:mis\w+|stated|said|gave|identified|named|referred|reported|described|attributed|listed|claimed)"

#: Every wording below holds one of these, so a text without any is passed over quickly.
CORRECTION_HINTS = (
    "correct", "clarif", "version", "versión", "amend", "mis",
    "error", "regret", "mistake", "apologi", "rectifi", "errat",
    "précis", "aclara", "corrig", "correcci", "korr", "bericht", "richtig",
    "fassung", "klarstell", "mise au point",
    "originally", "initially", "previously", "wrongly",
    "תיקון", "הבהר", "גרס", "תוקנ", "تصحيح", "تصويب", "توضيح", "نسخة",
    "исправ", "уточн", "поправ", "опроверж", "верси",
)  # fmt: skip
CORRECTION = compiled(
    {
        "en": (
            rf"^\W*(?:corrections?|clarifications?|correction and clarification|corrected){_LABELLED}",
            (
                r"^.{0,80}\b(?:earlier|previous|prior|original|first|initial|print) versions? "
                rf"of (?:this|the) {_EN}\b{_NO_CREDIT}"
            ),
            rf"^.{{0,60}}\b(?:this|the) {_EN} (?:has been|was|is) (?:since )?(?:corrected|amended|clarified)\b",
            (
                rf"^.{{0,60}}\b(?:this|the) {_EN} (?:has been|was) (?:updated|edited|changed|revised|modified)\b"
                r"[^.]{0,40}\bto (?:correct|clarify|fix|remove|amend|make clear|accurately)\b"
            ),
            rf"^.{{0,80}}\b(?:this|the) {_EN} {_MISTAKEN} {_MISSAID}\b",
            r"\bwe (?:\w+ )?(?:regret|apologi[sz]e for) (?:the|this|any|our) (?:error|mistake|inaccuracy|misstatement)",
            r"\bregrets the (?:error|mistake)s?\.?\W*$",
        ),
        "fr": (
            (
                r"^\W*(?:correction|rectificatif|erratum|errata|rectification|mise au point|précision)s?"
                rf"{_LABELLED}"
            ),
            rf"\bune (?:première|précédente|ancienne) version de {_FR}",
            rf"\b{_FR} a été (?:corrigée?|rectifiée?|amendée?)\b",
            rf"\b{_FR} a été modifiée? (?:pour|afin de) (?:corriger|préciser|rectifier)\b",
        ),
        "es": (
            rf"^\W*(?:corrección|fe de err(?:or|at)[ae]s|rectificación|aclaración){_LABELLED}",
            rf"\buna (?:primera versión|versión (?:anterior|previa|inicial)) de {_ES}",
            rf"\b{_ES} (?:ha sido|fue) (?:corregid|rectificad|modificad[oa] para corregir)",
        ),
        "de": (
            rf"^\W*(?:korrektur(?:hinweis)?|berichtigung|richtigstellung|klarstellung){_LABELLED}",
            (
                r"\bin einer (?:früheren|ersten|vorherigen|ursprünglichen) (?:version|fassung)"
                r" (?:hieß|stand|haben wir|hatten wir|war|wurde|schrieben|(?:dieses|des|der|dieser) \w+)\b"
            ),
            r"\bwir haben (?:das|dies|den fehler|die stelle) (?:korrigiert|berichtigt)",
            r"\bwir bitten,? (?:den|diesen) fehler zu entschuldigen",
        ),
        "he": (
            rf"^\W*(?:תיקון(?: טעות)?|הבהרה(?: ותיקון)?|תיקון והבהרה){_LABELLED}",
            r"בגרסה (?:קודמת|מוקדמת|ראשונה) של ה?(?:כתבה|מאמר|ידיעה|טור)",
            r"(?:הכתבה|המאמר|הידיעה) תוקנ[הו]?",
        ),
        "ar": (
            rf"^\W*(?:تصحيح|تصويب|توضيح){_LABELLED}",
            rf"نسخة سابقة من {_AR}",
            rf"تم تصحيح {_AR}",
        ),
        "ru": (
            rf"^\W*(?:исправление|уточнение|поправка|опровержение){_LABELLED}",
            (
                r"\bв (?:предыдущей|ранней|первоначальной|первой|более ранней) версии "
                r"(?:этой |данной )?(?:статьи|заметки|новости|публикации|материала|этого)"
            ),
        ),
    }
)
#: Stands alone above the notice itself.
CORRECTION_LABEL = re.compile(
    r"^\W*(?:corrections?(?: (?:and|&) clarifications?)?|clarifications?|rectificatif|erratum|corrección|aclaración"
    r"|fe de err(?:or|at)[ae]s|korrektur(?:hinweis)?|berichtigung|richtigstellung|תיקון(?: טעות)?|הבהרה|تصحيح|تصويب"
    r"|исправление|уточнение)\W*$",
    re.IGNORECASE,
)
