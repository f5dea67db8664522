"""How newsrooms name the people behind a piece: bylines with their dates, and bios below the text."""

from __future__ import annotations

import re

from digest.articles.extraction.phrases.wording import compiled

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août"
    r"|sept|oct|nov|déc|ene|abr|ago|dic|jän|mär|okt|dez)[a-zéûä]*\.?"
)
_CLOCK = r"\d{1,2}[:.h]\d{2}(?: ?[ap]\.?m\.?)?(?: ?[A-Z]{2,4}\b)?"
#: Names, dates and reading times above or below the piece.
BYLINE = compiled(
    {
        "en": (
            (
                r"^\W*by:? (?-i:[A-Z])[\w.’'-]*(?:,? (?:and |&|with |for |of |the |de |van |von |al-"
                r"|bin )?(?-i:[A-Z@])[\w.’'/@-]*){0,9}(?:,? [\w ]{0,40}(?:, \d{4})?)?[^.!?]?$"
            ),
            (
                r"^\W*(?:last )?(?:updated?|published|posted|modified|first published|created|filed"
                r"|issued)\b(?: (?:on|at|by))?\W{0,3}.{0,70}(?:\d{4}|\d{1,2}[:.]\d{2}|ago|today)\b.{0,25}$"
            ),
            r"^\W*(?:reading time|estimated reading|time to read)\b.{0,20}$",
            r"^\W*\d+[- ]min(?:ute)?s?(?:[- ]read)?\W*$",
            r"^\W*\d+ (?:minutes?|hours?|days?) ago\W*$",
        ),
        "fr": (
            r"^\W*par (?-i:[A-ZÉ])[\w’'.-]+(?:,? (?:et |de |du )?(?-i:[A-ZÉ])[\w’'.-]*){0,6}\W*$",
            r"^.{0,60}\b(?:publié|mis à jour|modifié|posté)e?s? (?:le|à|il y a)\b.{0,60}$",
            r"^\W*temps de lecture\b",
        ),
        "es": (
            r"^\W*por (?-i:[A-ZÁÉÍÓÚ])[\w’'.-]+(?:,? (?:y |de |del )?(?-i:[A-ZÁÉÍÓÚ])[\w’'.-]*){0,6}\W*$",
            r"^\W*(?:publicado|actualizado)\b.{0,60}\d{4}.{0,20}$",
            r"^\W*tempo de leitura\b|^\W*tiempo de lectura\b",
        ),
        "de": (
            r"^\W*von (?-i:[A-ZÄÖÜ])[\w’'.-]+(?:,? (?:und |von |de )?(?-i:[A-ZÄÖÜ])[\w’'.-]*){0,6}\W*$",
            r"^\W*(?:veröffentlicht|aktualisiert|stand)\b.{0,50}\d{4}.{0,20}$",
            r"^\W*lesezeit\b",
        ),
        "he": (
            r"^\W*מאת:? [^.!?]{2,40}$",
            r"^\W*(?:פורסם|עודכן)(?: ב)?[:\s-]{0,3}.{0,12}\d{1,2}[./:].{0,25}$",
            r"^\W*זמן קריאה",
        ),
        "ar": (r"^\W*(?:بقلم|كتب|كتبت):? [^.!?]{2,40}$",),
        "all": (
            (
                rf"^\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd"
                rf"|th)?,? \d{{4}}|\d{{1,2}}\.? {_MONTH},? \d{{4}}|\d{{4}}-\d\d-\d\d"
                rf"|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})(?:\W+(?:at |um |à )?{_CLOCK}.{{0,12}})?\W*$"
            ),
            rf"^\W*{_CLOCK}\b.{{0,40}}\b\d{{4}}\W*$",
        ),
    }
)

# Ways to say who the author is. "Plain" roles are what authors of articles are; "high" ones need more evidence.
_PLAIN_ROLES = (
    r"journalist|reporter|correspondent|columnist|writer|author|editor|contributor|blogger"
    r"|freelancer?|novelist|poet|essayist|playwright|translator|lecturer|lawyer|attorney"
    r"|barrister|professor|fellow|scholar|researcher|historian"
    r"|analyst|critic|commentator|broadcaster|podcaster|photographer|photojournalist"
    r"|cartoonist|student|teacher|academic|economist|political scientist|sociologist"
    r"|consultant|activist|rabbi|intern|staff|newsroom|publisher|anchor|filmmaker"
    r"|journaliste|avocate?|traductrice|traducteur|écrivaine?|autrice|auteure?|chroniqueuse"
    r"|chroniqueur|éditorialiste|professeure?|chercheuse|chercheur|historienne?"
    r"|maître(?:sse)? de conférences|enseignante?|correspondante?|rédactrice|rédacteur"
    r"|essayiste|politologue|économiste|philosophe|romanci(?:er|ère)|sociologue"
    r"|periodista|abogad[oa]|traductora?|escritora?|autora?|columnista|profesora?"
    r"|investigadora?|historiadora?|corresponsal|redactora?|analista|docente|economista"
    r"|politólog[oa]|ensayista"
    r"|journalistin|redakteur(?:in)?|autor(?:in)?|schriftsteller(?:in)?|übersetzer(?:in)?"
    r"|rechtsanw[aä]lt(?:in)?|anw[aä]lt(?:in)?|juristin?|professor(?:in)?|dozent(?:in)?"
    r"|historiker(?:in)?|korrespondent(?:in)?|kolumnist(?:in)?|publizist(?:in)?"
    r"|wissenschaftler(?:in)?|politologe|politologin|lektor(?:in)?|lehrbeauftragte[rn]?"
)
_HIGH_ROLES = (
    r"president|director|chief|chair(?:man|woman|person)?|founder|co-founder|ceo|head|minister"
    r"|senator|member|manager|partner|officer|ambassador|expert|graduate|veteran|specialist"
    r"|directrice|directeur|fondat(?:eur|rice)|président[e]?|director[a]|fundador[a]?"
    r"|leiter(?:in)?|geschäftsführer(?:in)?|gründer(?:in)?"
)
_NAME = (
    r"(?-i:(?:(?:Dr|Prof|Rabbi|Sir|Dame|Rev|Fr|Mr|Mrs|Ms|Me|Lt|Col|Gen|Hon|Ambassador"
    r"|Professor)\.? )?[A-ZÀ-ÖØ-ÞŠŽŁ][\w’'.-]*(?: (?:[A-ZÀ-ÖØ-ÞŠŽŁ][\w’'.-]*|de|la|van|von|der"
    r"|den|bin|ben|al|el|du|da|di|Bar|y|ten)){1,4})"
)
_NAMES = rf"{_NAME}(?:,? (?:and|et|y|und|&) {_NAME})?"
_IS = r"(?:is|are|est|sont|es|son|ist|sind|works? as|worked as|serves? as|teaches|has been|was)"
_DOES = (
    r"(?:covers|writes|reports|teaches|studies|lives|works|serves|edits|hosts|blogs|lectures"
    r"|researches|contributed|contributes|specializes|specialises|practices|heads|leads"
    r"|directs|runs|"
    r"écrit|couvre|enseigne|travaille|vit|dirige|escribe|cubre|enseña|trabaja|vive|dirige"
    r"|schreibt|berichtet|lehrt|arbeitet|lebt|leitet)"
)
_THE_WRITER = (
    r"(?:the (?:writer|author|columnist|reviewer|journalist)s?|l[’']aut(?:eur|rice|eure)"
    r"|el autor|la autora|der autor|die autorin|הכותבת?|המחברת?|الكاتبة?|about the (?:author"
    r"|writer|reporter|journalist)s?|à propos de l[’']aut\w+|sobre (?:el|la) autora?"
    r"|über (?:den|die) autor\w*|על המחברת?|על הכותבת?|عن الكاتبة?)"
)

BIO_PLAIN = re.compile(
    (
        rf"^\W*{_NAMES}(?: ?\([^()]{{1,30}}\))?(?:, [^,.]{{3,90}},)? {_IS} "
        rf"(?:[^.!?]{{0,120}}?\b)?(?:{_PLAIN_ROLES})s?\b"
    ),
    re.IGNORECASE,
)
BIO_HIGH = re.compile(
    (
        rf"^\W*{_NAMES}(?: ?\([^()]{{1,30}}\))?(?:, [^,.]{{3,90}},)? (?:{_IS} "
        rf"(?:[^.!?]{{0,80}}?\b)?(?:{_HIGH_ROLES})s?\b|{_DOES}\b)"
    ),
    re.IGNORECASE,
)
#: Hebrew and Arabic write no capitals: a few words, a pronoun for "is", and a profession close behind.
BIO_UNCASED = re.compile(
    r"^\W*(?:[\u0590-\u05ff\"'׳״-]+ ){1,5}(?:הוא|היא|הינו|הינה)\b.{0,60}"
    r"(?:עיתונאית?|סופרת?|מתרגמת?|מרצה|עורכת?|עורכת? דין|עו[\"״]ד|חוקרת?|פרופסור|משפטנית?"
    r"|כתבת?|פרשנית?|היסטוריו[נן]ית?|היסטוריון|משוררת?|מנהלת?|יועצת?|דוקטורנטית?|רבה?"
    r"|בעלת? טור)\b"
    r"|^\W*(?:[\u0600-\u06ff]+ ){1,5}(?:هو|هي)?\s*(?:كاتبة?|صحفية?|صحافية?|محامية?|مترجمة?"
    r"|باحثة?|أستاذة?|محررة?|أكاديمية?)\b.{0,120}$"
)
BIO_WRITER = re.compile(rf"^\W*{_THE_WRITER}\b(?:.{{0,4}}$| .{{0,300}}$|[:,].{{0,300}}$)", re.IGNORECASE)
#: A second paragraph of a bio opens with the author again.
BIO_GOES_ON = re.compile(
    (
        r"^\W*(?:he|she|they|his|her|their|follow (?:him|her|them)|il|elle|son|sa|ses|él|ella|sus?"
        r"|er|sie|seine?|ihre?|הוא|היא|ספרו|ספרה|وهو|وهي|هو|هي)\b"
    ),
    re.IGNORECASE,
)
#: What a house says of itself: what it is, where it sits, whom it serves.
HOUSE = re.compile(
    r"^\W*(?:[^\s,]+ ){1,5}?(?:\([^()]{1,40}\) )?(?:is (?:an?|the|headquartered|based|listed|owned|one of)\b"
    r"|(?:provides|offers|operates|develops|designs|manufactures|delivers|speciali[sz]es|employs|was founded)\b"
    r"|est (?:une?|le|la|basée?|l[’'])|(?:propose|emploie|développe)\b|es (?:una?|el|la|líder)\b|ofrece\b"
    r"|ist (?:eine?|der|die|das)\b|(?:bietet|beschäftigt|entwickelt)\b)",
    re.IGNORECASE,
)
NAME = re.compile(rf"^\W*({_NAME})", re.IGNORECASE)
#: A byline that names somebody, rather than a date.
BY_NAMES = re.compile(r"^\W*(?:by|par|por|von|מאת|بقلم)\b", re.IGNORECASE)
