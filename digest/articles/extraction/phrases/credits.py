"""Who first published a piece, who worked on it, who owns it."""

from __future__ import annotations

from digest.articles.extraction.phrases.wording import compiled

_PIECE_EN = (
    r"(?:article|story|piece|column|commentary|essay|op-?ed|post|interview|analysis|excerpt"
    r"|feature|dispatch|review|text|reporting|report)"
)
_PUBLISHED_EN = (
    r"(?:re-?published|published|reprinted|reproduced|produced|distributed|syndicated|adapted"
    r"|translated|excerpted|posted|provided"
    r"|licensed|printed|commissioned|co-published)"
)

#: Who first published it. Said of the piece itself, so that "the study was first published in …" is no credit.
ORIGIN = compiled(
    {
        "en": (
            r"^\W*(?:originally|first|previously) (?:published|appeared|posted|printed|ran)\b",
            (
                rf"^.{{0,40}}\b(?:this|the (?:above|following|preceding|original)"
                rf"|an? (?:\w+ )?version of (?:this|the)) {_PIECE_EN} "
                rf"(?:(?:is|was|has been) (?:also |first |originally |previously |initially "
                rf"|being )*{_PUBLISHED_EN}\b"
                r"|(?:also |first |originally |previously |initially )*(?:appeared|appears|ran)\b"
                rf"|(?:also |first |originally |previously |initially )+{_PUBLISHED_EN}\b|(?:comes"
                rf"|is) (?:from|courtesy of|part of a partnership)\b)"
            ),
            (
                r"^.{0,60}\b(?:re-?published|reprinted|reproduced|reposted"
                r"|used) (?:here )?(?:with (?:the )?(?:\w+ )?permission|by permission"
                r"|courtesy of|under (?:an? )?(?:creative|cc\b))"
            ),
            (
                r"^\W*(?:re-?published|reprinted|reproduced|reposted|syndicated|cross-?posted|excerpted"
                r"|adapted|translated)"
                r" (?:here )?(?:from|by|with|under|courtesy)\b"
            ),
            rf"^\W*(?:{_PIECE_EN} )?courtesy of\b",
            rf"^\W*read the (?:original|full) {_PIECE_EN}\b.{{0,60}}$",
        ),
        "fr": (
            (
                r"^\W*(?:cet|cette|ce|l[’'])\s*(?:article|tribune|texte|chronique|billet|entretien"
                r"|reportage|papier|analyse|enquête|éditorial)\b"
                r".{0,40}\b(?:publiée?|parue?|reprise?|traduite?|reproduite?|diffusée?)\b"
            ),
            (
                r"^\W*(?:article |texte |tribune )?(?:initialement|originellement|d[’']abord"
                r"|à l[’']origine)\s+(?:publiée?|parue?)\b"
            ),
            r"^\W*(?:publiée?|parue?)\s+(?:initialement|originellement|d[’']abord|à l[’']origine)\b",
            r"avec l[’']aimable autorisation",
            r"^\W*(?:reproduit|republié|repris|traduit)e?\s+(?:avec|de|du|par|sous)\b",
        ),
        "es": (
            (
                r"^\W*est[ea] (?:artículo|texto|columna|nota|reportaje|historia|entrevista|pieza"
                r"|análisis)\b.{0,40}\b(?:public|apareci|reproduc|traduc)"
            ),
            r"\b(?:publicad[oa] originalmente|originalmente publicad[oa])\b",
            (
                r"^\W*(?:publicad[oa]|reproducid[oa]|republicad[oa]|traducid[oa]) (?:originalmente"
                r"|por primera vez|con|bajo|por)\b"
            ),
        ),
        "de": (
            (
                r"^\W*diese[rs]? (?:artikel|beitrag|text|kommentar|gastbeitrag|kolumne|interview|reportage"
                r"|analyse)\b"
                r".{0,80}\b(?:erschien|erschienen|veröffentlicht|übernommen|übersetzt)\b"
            ),
            r"^\W*(?:zuerst|ursprünglich|erstmals) (?:erschienen|veröffentlicht)\b",
            r"mit freundlicher genehmigung",
        ),
        "he": (
            (
                r"^\W*(?:ה?מאמר|ה?כתבה|ה?טור|ה?טקסט|ה?רשימה|ה?דעה|ה?תחקיר|ה?ריאיון)\b(?: (?:זה|זו|הזה|הזאת"
                r"|הזו))?.{0,25}"
                r"(?:פורסם|פורסמה|התפרסם|התפרסמה|הופיע|הופיעה|ראה אור|תורגם|תורגמה)"
            ),
            r"^\W*(?:פורסם|פורסמה|התפרסם|התפרסמה) (?:לראשונה|במקור|בשיתוף)",
            r"^\W*באדיבות\b",
            r"^\W*תורגם מ",
        ),
        "ar": (
            r"^\W*(?:نُ?شرت?|ظهرت?) (?:هذا|هذه) (?:المقال|المقالة|النص|التقرير|القصة)",
            r"^\W*(?:هذا|هذه) (?:المقال|المقالة|النص).{0,20}(?:نُ?شر|منشور)",
        ),
    }
)

_FROM = (
    r"(?!.*\b(?:originally|original|first|initially|previously|from|permission|courtesy|partnership|arrangement"
    r"|d[’']abord|initialement|autorisation|zuerst|ursprünglich|genehmigung|originalmente|permiso)\b)"
)
#: Not where it came from: where the piece went afterwards, or what its pictures may be used for.
NO_ORIGIN = compiled(
    {
        "en": (
            (
                rf"^{_FROM}.*\b(?:reprinted|re-?published|reproduced|reposted|syndicated|cross-?posted)"
                r" (?:(?:here|also|later|since) )?(?:on|in|at)\b(?! (?:full|part|cooperation|collaboration)\b)"
            ),
            (
                r"^\W*(?:all |the |our |these |any |some )*(?:cover |header |lead )?(?:photo(?:graph)?s?|pictures?"
                r"|images?|illustrations?|graphics?|videos?|maps?)\b"
            ),
        ),
        "fr": (
            rf"^{_FROM}.*\b(?:reprise?|reproduite?|republiée?)s? (?:aussi )?(?:dans|sur)\b",
            r"^\W*(?:toutes )?(?:les |nos )?(?:photos?|images?|illustrations?|vidéos?)\b",
        ),
        "es": (r"^\W*(?:todas )?(?:las )?(?:fotos?|fotografías|imágenes|ilustraciones|vídeos?)\b",),
        "de": (
            rf"^{_FROM}.*\b(?:auch|später) (?:in|auf|bei) .{{1,60}}\b(?:nachgedruckt|übernommen|erschienen)\b",
            r"^\W*(?:alle |die |unsere )*(?:fotos?|bilder|abbildungen|grafiken|videos?)\b",
        ),
    }
)
#: What others may do with it: left out, but not the answer to "who first published it".
LICENCE = compiled({"all": (r"\b(?:under|unter|sous|bajo)\b.{0,20}\b(?:creative commons|cc[ -]by)\b",)})

_AGENCIES = (
    r"(?:AP|AFP|Reuters|dpa|EFE|ANSA|TASS|UPI|Xinhua|JNS|JTA|PA(?: Media)?|PTI|IANS|ANI"
    r"|CNN Wire|Bloomberg|(?:The )?Associated Press"
    r"|Agence France-Presse|Europa Press|KNA|epd|Kathpress|Belga|ATS|Keystone"
    r"|Jewish (?:News Syndicate|Telegraphic Agency))"
)

#: A line that names news agencies and nothing else.
AGENCIES = compiled({"all": (rf"^\W*{_AGENCIES}(?:(?:\s*[/,;&+-]\s*| and | et | und | y ){_AGENCIES})*\W*$",)})

#: Who worked on it or owns it: left out, but not the answer to "who first published it".
REPORTERS = compiled(
    {
        "all": (
            r"^\W*©",
            r"^\W*\(c\) ?\d{4}\b",
            AGENCIES.pattern,
        ),
        "en": (
            (
                r"^\W*(?:additional |with |edited |compiled )?(?:reporting|writing|editing|research"
                r"|reported|edited|compiled) (?:\w+ ){0,3}by\b"
            ),
            r"\bcontributed (?:additional )?(?:reporting|to this (?:report|story|article|piece))\b",
            r"\bcontributed reporting\b",
            r"^\W*source\s*:\s",
            r"^\W*copyright\b",
            r"\ball rights reserved\b",
            r"\b(?:may|must) not be (?:published|reproduced|reprinted|redistributed|rewritten)",
            r"^\W*to (?:republish|license|syndicate) this\b",
        ),
        "fr": (
            r"tous droits réservés",
            r"^\W*(?:avec|source\s*:)\s+(?:l[’'])?(?:AFP|Reuters|AP)\b.{0,20}$",
            r"^\W*source\s*:\s",
        ),
        "es": (r"todos los derechos reservados", r"^\W*fuente\s*:\s", r"^\W*con información de\b"),
        "de": (r"alle rechte vorbehalten", r"^\W*quelle\s*:\s", r"^\W*mit material (?:von|der)\b"),
        "he": (r"כל הזכויות שמורות",),
        "ar": (r"جميع الحقوق محفوظة",),
    }
)
