"""How newsrooms ask their readers for support, and how reported speech about giving sounds instead."""

from __future__ import annotations

import re

from digest.articles.extraction.phrases.wording import each

#: Every wording below holds one of these, so a text without any is passed over quickly.
HINT = re.compile(
    r"support|donat|contribut|gift|pledge|tax|501|help us|you|member|reader|funded|powered|backed|non-?profit|paywall"
    r"|chip in|every |little|consider|please|giv|becom|patron|sustain|journalis|newsroom|reporting|keep "
    r"|vous|lecteur|lector|leser|\bdons?\b|souten|soutien|dédu|grâce|aide|besoin|abonn|générosité|dona|aport|apoy"
    r"|soci[oa]|ayúd|deducib|valor|apreci|crees|gusta|periodismo|spende|beitrag|unterstütz|mitglied|absetz|hilfe|helfen|angewiesen|leb(?:en|t)|gefällt|schätz|wenn"
    r"|תרו|תמיכ|תמכ|תומ|תרמ|עזר|אנו|אנחנו|עיתונות|מס|אתם|אם את|تبرع|دعم|مساهم|ساهم|الصحافة",
    re.IGNORECASE,
)

#: Wordings of an ask. One may stand in any news story; two, or one that speaks to "you" at an edge, is an appeal.
APPEAL = each(
    {
        "en": (
            (
                r"\b(?:appreciate|grateful for|thank you for|thanks for|count on|rely on|need|welcome"
                r"|ask for) your (?:\w+ )?(?:support|help|contribution|donation|generosity|gift)"
            ),
            (
                r"\b(?:one[- ]time|monthly|recurring|annual|tax[- ]deductible) (?:or (?:a )?(?:one[- ]time"
                r"|monthly|recurring) )?(?:contribution|donation|gift|pledge|support)"
            ),
            (
                r"\bsupport (?:\w+ ){0,2}?(?:us|our|the|independent|quality|local|free|nonprofit|fearless"
                r"|honest|this|fact-based|investigative)\b(?: \w+){0,3}? ?(?:work|journalism|reporting"
                r"|newsroom|mission|magazine|site|coverage|today|now)\b"
            ),
            r"\bsupport us\b",
            (
                r"\b(?:consider|please|by|today and|now and) (?:make|making|giving|give|donate|donating"
                r"|contribute|contributing|supporting|becoming|support)\b"
            ),
            (
                r"\b(?:make|send|give) (?:us )?(?:a|your) (?:\w+[- ]){0,3}?(?:donation|contribution"
                r"|gift) (?:today|now|here|to (?:us|our|support|help|keep))"
            ),
            r"\bdonate (?:today|now|here|to us|online|below)\b",
            r"\bclick (?:here|on the link|the (?:link|button)).{0,40}\b(?:donat|contribut|support|giv)",
            r"\bbecome an? (?:\w+ )?(?:member|supporter|patron|sustainer|donor|friend of|subscriber)\b",
            (
                r"\byour (?:\w+ )?(?:support|donation|contribution|gift|generosity|membership"
                r"|help)\b.{0,40}\b(?:help|make|allow|enable|keep|fund|ensure|go|let|power|mean|sustain|is"
                r"|are|will)"
            ),
            (
                r"\b(?:depends?|rel(?:y|ies)|relying) (?:\w+ )?(?:up)?on (?:the |our "
                r"|your )?(?:\w+ )?(?:support|donations|generosity|contributions|readers|gifts"
                r"|people like you|you\b)"
            ),
            r"\b(?:reader|listener|member|donor|community|people)[- ](?:supported|funded|powered|backed)\b",
            r"\btax[- ]deductible\b",
            r"\b501 ?\(?c\)?",
            (
                r"\bhelp us (?:\w+ )?(?:continue|keep|report|tell|cover|hold|reach|stay|remain|publish"
                r"|produce|do|deliver|fund|grow|raise|provide)"
            ),
            (
                r"\bif you (?:\w+ )?(?:value|appreciate|enjoy|like|believe in|found|love|care about"
                r"|can afford|rely on|trust) (?:what we|our|this (?:article|story|work|reporting)"
                r"|the (?:value|work) (?:of|we)|independent|quality)"
            ),
            r"\bkeep (?:our|this|independent|quality) .{0,30}\b(?:free|alive|going|independent|open)\b",
            (
                r"\b(?:without (?:your|readers|the) (?:help|support)|no paywall|chip in|every (?:dollar"
                r"|contribution|donation|gift|little|euro|pound|shekel))\b"
            ),
            r"\b(?:we|our (?:newsroom|site|organi[sz]ation|team)) (?:are|is) (?:an? )?(?:\w+,? ){0,2}non-?profit",
            (
                r"\b(?:our|independent|quality) (?:journalism|reporting|newsroom)\b.{0,60}\b(?:costs?"
                r"|needs?|takes|possible|survive|readers)\b"
            ),
            r"\bas little as [$€£₪]",
        ),
        "fr": (
            r"\b(?:faire|faites) un don\b",
            r"\bdons? (?:ponctuel|mensuel|unique|défiscalis)",
            r"\bsoutene[zr][- ](?:nous|notre|le|la|un|une|l[’'])",
            r"\bnous soutenir\b",
            r"\b(?:votre|vos) (?:\w+ )?(?:soutien|don|dons|contribution|générosité|aide|abonnement)\b",
            r"\bdéductibles? (?:de vos )?(?:impôts|fiscal)",
            r"\bgrâce à (?:vous|vos|votre|nos lecteurs)",
            (
                r"\b(?:dépend|vit|vivons|dépendons) (?:\w+ )?(?:du|de|des) (?:soutien|dons|vo(?:s|tre)"
                r"|ses lecteurs|nos lecteurs|la générosité)"
            ),
            r"\baidez-nous\b",
            r"\bnous avons besoin de vous\b",
            r"\bjournalisme indépendant\b",
            r"\bcontribution (?:ponctuelle|mensuelle|unique)\b",
            r"\bsi vous (?:appréciez|aimez|pensez|croyez|le pouvez)\b",
        ),
        "es": (
            r"\b(?:haz|hacer|haga|hagas|realiza) (?:un|una) (?:donación|donativo|aporte|aportación|contribución)",
            r"\b(?:donación|aportación|contribución|aporte) (?:única|mensual|puntual)",
            r"\bapoy(?:a|e|ar|anos|enos|arnos)\b.{0,25}\b(?:nuestro|nuestra|periodismo|independiente)\b",
            r"\b(?:tu|su) (?:apoyo|donación|contribución|ayuda|aporte)\b",
            r"\bhazte soci[oa]\b",
            r"\bayúdanos\b",
            r"\bdeducible de impuestos\b",
            r"\bdepende(?:mos)? (?:\w+ )?de (?:nuestros lectores|lectores como|tu|su|la generosidad|ti)\b",
            r"\bsi (?:valoras?|aprecias?|crees?|te gusta)\b",
            r"\bperiodismo independiente\b",
        ),
        "de": (
            (
                r"\b(?:einmalige|monatliche|regelmäßige)[nrs]? (?:oder (?:einer )?(?:einmalige"
                r"|monatliche)[nrs]? )?(?:spende|beitrag|unterstützung)"
            ),
            r"\b(?:ihre|deine|eure)[rn]? (?:spende|unterstützung|hilfe|beitrag)",
            r"\bunterstütz(?:en|e|t) (?:sie )?(?:uns|unsere[ns]?|unabhängigen)\b",
            r"\bspenden sie\b",
            r"\bspende jetzt\b",
            r"\bwerden sie (?:mitglied|förder|unterstützer)",
            r"\bsteuerlich absetzbar\b",
            r"\bhelfen sie uns\b",
            r"\b(?:angewiesen|lebt|leben) (?:auf|von) (?:\w+ )?(?:ihre|spenden|unterstützung|unseren leser)",
            r"\bunabhängige[rn]? journalismus\b",
            r"\bwenn (?:sie|ihnen|dir) (?:unsere|diese|gefällt|schätzen)\b",
        ),
        "he": (
            r"תרומה (?:חד[- ]?פעמית|חודשית)",
            r"(?:תמיכתכם|תרומתכם|תמיכתך|תרומתך|התמיכה שלכם|התרומה שלכם|עזרתכם)",
            r"(?:תמכו|תיתמכו|לתמוך|הצטרפו) (?:בנו|בעיתונות|בעבודה|אלינו|בעיתונאות|לתומכי)",
            r"(?:עזרו|עיזרו|תעזרו) לנו",
            r"(?:תרמו|לתרום|תתרמו) (?:עכשיו|כאן|היום|לנו|עוד היום)",
            r"(?:אנו|אנחנו) (?:זקוקים|מודים|תלויים|מעריכים|גוף ללא)",
            r"עיתונות (?:עצמאית|חופשית)",
            r"מוכרת? לצורכי מס",
            r"אם (?:אתם|את|אתה) (?:מעריכים|אוהבים|מאמינים)",
        ),
        "ar": (
            r"تبرع(?:وا|ك|كم)?\b.{0,20}(?:الآن|لنا|شهري|اليوم)",
            r"(?:دعمكم|دعمك|تبرعكم|تبرعاتكم|مساهمتكم|مساهمتك)",
            r"ادعم(?:ونا|نا|وا)",
            r"الصحافة المستقلة",
            r"ساهم(?:وا)? (?:معنا|في دعم)",
        ),
    }
)

#: The newsroom speaks of itself, to its reader, or bids.
ADDRESS = re.compile(
    (
        r"\b(?:you|your|we|our|us|vous|votre|vos|nous|notre|nos|tú|tu|ustedes|usted|su|nosotros"
        r"|nuestro|nuestra|sie|ihre?[nrm]?|wir|uns|unsere?[nrms]?|dein|euch)\b"
        r"|\bplease\b|(?:^|[.!?] )\W*(?:donate|give|support|join|become|contribute|chip in|faites"
        r"|soutenez|rejoignez|haz|apoya|dona|spenden|unterstützen)\b"
        r"|אתם|אתכם|לכם|שלכם|שלנו|לנו|אנו|אנחנו|תכם\b|أنتم|لكم|نحن|لنا|كم\b"
    ),
    re.IGNORECASE,
)

#: Somebody is reported to say it: a news sentence.
REPORTED = re.compile(
    (
        r"\b(?:said|says|told|tells|according to|added|announced|reported|a déclaré|a indiqué"
        r"|selon|explique|dijo|según|afirmó|sagte|laut|erklärte|betonte)\b"
        r"|לדברי|אמרה?\b|הוסיפה?\b|وقالت?|وأضاف|بحسب"
    ),
    re.IGNORECASE,
)

#: Short lines that close an appeal.
THANKS = re.compile(
    (
        r"\b(?:thank you|thanks|every (?:\w+ )?(?:counts|helps|matters)|makes a difference|merci"
        r"|gracias|vielen dank|danke)\b|תודה|شكرا"
    ),
    re.IGNORECASE,
)
