"""How newsrooms word what is not their article: credits, appeals, promotion, captions, bylines, bios.

Patterns by kind and language, matched without regard to case against one tidy paragraph. They name wordings, never
sites. All languages are always tried: pages lie about theirs, and a pattern is specific enough to be silent elsewhere.
"""

from __future__ import annotations

import re

Patterns = dict[str, tuple[str, ...]]


def _compiled(patterns: Patterns) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for group in patterns.values() for pattern in group), re.IGNORECASE)


def _each(patterns: Patterns) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for group in patterns.values() for pattern in group)


_PIECE_EN = (
    r"(?:article|story|piece|column|commentary|essay|op-?ed|post|interview|analysis|excerpt|feature|dispatch|review|text|reporting|report)"
)
_PUBLISHED_EN = (
    r"(?:re-?published|published|reprinted|reproduced|produced|distributed|syndicated|adapted|translated|excerpted|posted|provided"
    r"|licensed|printed|commissioned|co-published)"
)

#: Who first published it. Said of the piece itself, so that "the study was first published in …" is no credit.
ORIGIN = _compiled({
    "en": (
        r"^\W*(?:originally|first|previously) (?:published|appeared|posted|printed|ran)\b",
        rf"^.{{0,40}}\b(?:this|the (?:above|following|preceding|original)|an? (?:\w+ )?version of (?:this|the)) {_PIECE_EN} "
        rf"(?:(?:is|was|has been) (?:also |first |originally |previously |initially |being )*{_PUBLISHED_EN}\b"
        r"|(?:also |first |originally |previously |initially )*(?:appeared|appears|ran)\b"
        rf"|(?:also |first |originally |previously |initially )+{_PUBLISHED_EN}\b|(?:comes|is) (?:from|courtesy of|part of a partnership)\b)",
        r"^.{0,60}\b(?:re-?published|reprinted|reproduced|reposted|used) (?:here )?(?:with (?:the )?(?:\w+ )?permission|by permission"
        r"|courtesy of|under (?:an? )?(?:creative|cc\b))",
        r"^\W*(?:re-?published|reprinted|reproduced|reposted|syndicated|cross-?posted|excerpted|adapted|translated)"
        r" (?:here )?(?:from|by|with|under|courtesy)\b",
        rf"^\W*(?:{_PIECE_EN} )?courtesy of\b",
        rf"^\W*read the (?:original|full) {_PIECE_EN}\b.{{0,60}}$",
        r"\bunder (?:an? )?(?:creative commons|cc[ -]by)\b",
    ),
    "fr": (
        r"^\W*(?:cet|cette|ce|l[’'])\s*(?:article|tribune|texte|chronique|billet|entretien|reportage|papier|analyse|enquête|éditorial)\b"
        r".{0,40}\b(?:publiée?|parue?|reprise?|traduite?|reproduite?|diffusée?)\b",
        r"^\W*(?:article |texte |tribune )?(?:initialement|originellement|d[’']abord|à l[’']origine)\s+(?:publiée?|parue?)\b",
        r"^\W*(?:publiée?|parue?)\s+(?:initialement|originellement|d[’']abord|à l[’']origine)\b",
        r"avec l[’']aimable autorisation",
        r"^\W*(?:reproduit|republié|repris|traduit)e?\s+(?:avec|de|du|par|sous)\b",
    ),
    "es": (
        r"^\W*est[ea] (?:artículo|texto|columna|nota|reportaje|historia|entrevista|pieza|análisis)\b.{0,40}\b(?:public|apareci|reproduc|traduc)",
        r"\b(?:publicad[oa] originalmente|originalmente publicad[oa])\b",
        r"^\W*(?:publicad[oa]|reproducid[oa]|republicad[oa]|traducid[oa]) (?:originalmente|por primera vez|con|bajo|por)\b",
    ),
    "de": (
        r"^\W*diese[rs]? (?:artikel|beitrag|text|kommentar|gastbeitrag|kolumne|interview|reportage|analyse)\b"
        r".{0,80}\b(?:erschien|erschienen|veröffentlicht|übernommen|übersetzt)\b",
        r"^\W*(?:zuerst|ursprünglich|erstmals) (?:erschienen|veröffentlicht)\b",
        r"mit freundlicher genehmigung",
    ),
    "he": (
        r"^\W*(?:ה?מאמר|ה?כתבה|ה?טור|ה?טקסט|ה?רשימה|ה?דעה|ה?תחקיר|ה?ריאיון)\b(?: (?:זה|זו|הזה|הזאת|הזו))?.{0,25}"
        r"(?:פורסם|פורסמה|התפרסם|התפרסמה|הופיע|הופיעה|ראה אור|תורגם|תורגמה)",
        r"^\W*(?:פורסם|פורסמה|התפרסם|התפרסמה) (?:לראשונה|במקור|בשיתוף)",
        r"^\W*באדיבות\b",
        r"^\W*תורגם מ",
    ),
    "ar": (
        r"^\W*(?:نُ?شرت?|ظهرت?) (?:هذا|هذه) (?:المقال|المقالة|النص|التقرير|القصة)",
        r"^\W*(?:هذا|هذه) (?:المقال|المقالة|النص).{0,20}(?:نُ?شر|منشور)",
    ),
})

_AGENCIES = (
    r"(?:AP|AFP|Reuters|dpa|EFE|ANSA|TASS|UPI|Xinhua|JNS|JTA|PA(?: Media)?|PTI|IANS|ANI|CNN Wire|Bloomberg|(?:The )?Associated Press"
    r"|Agence France-Presse|Europa Press|KNA|epd|Kathpress|Belga|ATS|Keystone|Jewish (?:News Syndicate|Telegraphic Agency))"
)

#: Who worked on it or owns it: left out, but not the answer to "who first published it".
REPORTERS = _compiled({
    "all": (
        r"^\W*©",
        r"^\W*\(c\) ?\d{4}\b",
        rf"^\W*{_AGENCIES}(?:(?:\s*[/,;&+-]\s*| and | et | und | y ){_AGENCIES})*\W*$",
    ),
    "en": (
        r"^\W*(?:additional |with |edited |compiled )?(?:reporting|writing|editing|research|reported|edited|compiled) (?:\w+ ){0,3}by\b",
        r"\bcontributed (?:additional )?(?:reporting|to this (?:report|story|article|piece))\b",
        r"\bcontributed reporting\b",
        r"^\W*source\s*:\s",
        r"^\W*copyright\b",
        r"\ball rights reserved\b",
        r"\b(?:may|must) not be (?:published|reproduced|reprinted|redistributed|rewritten)",
        r"^\W*to (?:republish|license|syndicate) this\b",
    ),
    "fr": (r"tous droits réservés", r"^\W*(?:avec|source\s*:)\s+(?:l[’'])?(?:AFP|Reuters|AP)\b.{0,20}$", r"^\W*source\s*:\s"),
    "es": (r"todos los derechos reservados", r"^\W*fuente\s*:\s", r"^\W*con información de\b"),
    "de": (r"alle rechte vorbehalten", r"^\W*quelle\s*:\s", r"^\W*mit material (?:von|der)\b"),
    "he": (r"כל הזכויות שמורות",),
    "ar": (r"جميع الحقوق محفوظة",),
})

#: Wordings of an ask. One may stand in any news story; two, or one that speaks to "you" at an edge, is an appeal.
APPEAL = _each({
    "en": (
        r"\b(?:appreciate|grateful for|thank you for|thanks for|count on|rely on|need|welcome|ask for) your (?:\w+ )?(?:support|help|contribution|donation|generosity|gift)",
        r"\b(?:one[- ]time|monthly|recurring|annual|tax[- ]deductible) (?:or (?:a )?(?:one[- ]time|monthly|recurring) )?(?:contribution|donation|gift|pledge|support)",
        r"\bsupport (?:\w+ ){0,2}?(?:us|our|the|independent|quality|local|free|nonprofit|fearless|honest|this|fact-based|investigative)\b(?: \w+){0,3}? ?(?:work|journalism|reporting|newsroom|mission|magazine|site|coverage|today|now)\b",
        r"\bsupport us\b",
        r"\b(?:consider|please|by|today and|now and) (?:make|making|giving|give|donate|donating|contribute|contributing|supporting|becoming|support)\b",
        r"\b(?:make|send|give) (?:us )?(?:a|your) (?:\w+[- ]){0,3}?(?:donation|contribution|gift) (?:today|now|here|to (?:us|our|support|help|keep))",
        r"\bdonate (?:today|now|here|to us|online|below)\b",
        r"\bclick (?:here|on the link|the (?:link|button)).{0,40}\b(?:donat|contribut|support|giv)",
        r"\bbecome an? (?:\w+ )?(?:member|supporter|patron|sustainer|donor|friend of|subscriber)\b",
        r"\byour (?:\w+ )?(?:support|donation|contribution|gift|generosity|membership|help)\b.{0,40}\b(?:help|make|allow|enable|keep|fund|ensure|go|let|power|mean|sustain|is|are|will)",
        r"\b(?:depends?|rel(?:y|ies)|relying) (?:\w+ )?(?:up)?on (?:the |our |your )?(?:\w+ )?(?:support|donations|generosity|contributions|readers|gifts|people like you|you\b)",
        r"\b(?:reader|listener|member|donor|community|people)[- ](?:supported|funded|powered|backed)\b",
        r"\btax[- ]deductible\b",
        r"\b501 ?\(?c\)?",
        r"\bhelp us (?:\w+ )?(?:continue|keep|report|tell|cover|hold|reach|stay|remain|publish|produce|do|deliver|fund|grow|raise|provide)",
        r"\bif you (?:\w+ )?(?:value|appreciate|enjoy|like|believe in|found|love|care about|can afford|want|rely on|trust) (?:what|our|this|the (?:value|work)|independent|quality|reading)",
        r"\bkeep (?:our|this|independent|quality) .{0,30}\b(?:free|alive|going|independent|open)\b",
        r"\b(?:without (?:your|readers|the) (?:help|support)|no paywall|chip in|every (?:dollar|contribution|donation|gift|little|euro|pound|shekel))\b",
        r"\b(?:we|our (?:newsroom|site|organi[sz]ation|team)) (?:are|is) (?:an? )?(?:\w+,? ){0,2}non-?profit",
        r"\b(?:our|independent|quality) (?:journalism|reporting|newsroom)\b.{0,60}\b(?:costs?|needs?|takes|possible|survive|readers)\b",
        r"\bas little as [$€£₪]",
    ),
    "fr": (
        r"\b(?:faire|faites) un don\b", r"\bdons? (?:ponctuel|mensuel|unique|défiscalis)", r"\bsoutene[zr][- ](?:nous|notre|le|la|un|une|l[’'])",
        r"\bnous soutenir\b", r"\b(?:votre|vos) (?:\w+ )?(?:soutien|don|dons|contribution|générosité|aide|abonnement)\b",
        r"\bdéductibles? (?:de vos )?(?:impôts|fiscal)", r"\bgrâce à (?:vous|vos|votre|nos lecteurs)", r"\b(?:dépend|vit|vivons|dépendons) (?:\w+ )?(?:du|de|des) (?:soutien|dons|vo(?:s|tre)|ses lecteurs|nos lecteurs|la générosité)",
        r"\baidez-nous\b", r"\bnous avons besoin de vous\b", r"\bjournalisme indépendant\b", r"\bcontribution (?:ponctuelle|mensuelle|unique)\b",
        r"\bsi vous (?:appréciez|aimez|pensez|croyez|le pouvez)\b",
    ),
    "es": (
        r"\b(?:haz|hacer|haga|hagas|realiza) (?:un|una) (?:donación|donativo|aporte|aportación|contribución)", r"\b(?:donación|aportación|contribución|aporte) (?:única|mensual|puntual)",
        r"\bapoy(?:a|e|ar|anos|enos|arnos)\b.{0,25}\b(?:nuestro|nuestra|periodismo|independiente)\b", r"\b(?:tu|su) (?:apoyo|donación|contribución|ayuda|aporte)\b",
        r"\bhazte soci[oa]\b", r"\bayúdanos\b", r"\bdeducible de impuestos\b", r"\bdepende(?:mos)? (?:\w+ )?de (?:nuestros lectores|lectores como|tu|su|la generosidad|ti)\b",
        r"\bsi (?:valoras?|aprecias?|crees?|te gusta)\b", r"\bperiodismo independiente\b",
    ),
    "de": (
        r"\b(?:einmalige|monatliche|regelmäßige)[nrs]? (?:oder (?:einer )?(?:einmalige|monatliche)[nrs]? )?(?:spende|beitrag|unterstützung)", r"\b(?:ihre|deine|eure)[rn]? (?:spende|unterstützung|hilfe|beitrag)",
        r"\bunterstütz(?:en|e|t) (?:sie )?(?:uns|unsere[ns]?|unabhängigen)\b", r"\bspenden sie\b", r"\bspende jetzt\b", r"\bwerden sie (?:mitglied|förder|unterstützer)", r"\bsteuerlich absetzbar\b",
        r"\bhelfen sie uns\b", r"\b(?:angewiesen|lebt|leben) (?:auf|von) (?:\w+ )?(?:ihre|spenden|unterstützung|unseren leser)", r"\bunabhängige[rn]? journalismus\b", r"\bwenn (?:sie|ihnen|dir) (?:unsere|diese|gefällt|schätzen)\b",
    ),
    "he": (
        r"תרומה (?:חד[- ]?פעמית|חודשית)", r"(?:תמיכתכם|תרומתכם|תמיכתך|תרומתך|התמיכה שלכם|התרומה שלכם|עזרתכם)", r"(?:תמכו|תיתמכו|לתמוך|הצטרפו) (?:בנו|בעיתונות|בעבודה|אלינו|בעיתונאות|לתומכי)",
        r"(?:עזרו|עיזרו|תעזרו) לנו", r"(?:תרמו|לתרום|תתרמו) (?:עכשיו|כאן|היום|לנו|עוד היום)", r"(?:אנו|אנחנו) (?:זקוקים|מודים|תלויים|מעריכים|גוף ללא)", r"עיתונות (?:עצמאית|חופשית)", r"מוכרת? לצורכי מס", r"אם (?:אתם|את|אתה) (?:מעריכים|אוהבים|מאמינים)",
    ),
    "ar": (
        r"تبرع(?:وا|ك|كم)?\b.{0,20}(?:الآن|لنا|شهري|اليوم)", r"(?:دعمكم|دعمك|تبرعكم|تبرعاتكم|مساهمتكم|مساهمتك)", r"ادعم(?:ونا|نا|وا)", r"الصحافة المستقلة", r"ساهم(?:وا)? (?:معنا|في دعم)",
    ),
})

#: The newsroom speaks, or speaks to its reader.
ADDRESS = re.compile(
    r"\b(?:you|your|we|our|us|vous|votre|vos|nous|notre|nos|tú|tu|ustedes|usted|su|nosotros|nuestro|nuestra|sie|ihre?[nrm]?|wir|uns|unsere?[nrms]?|dein|euch)\b"
    r"|אתם|אתכם|לכם|שלכם|שלנו|לנו|אנו|אנחנו|תכם\b|أنتم|لكم|نحن|لنا|كم\b",
    re.IGNORECASE,
)

#: Somebody is reported to say it: a news sentence.
REPORTED = re.compile(
    r"\b(?:said|says|told|tells|according to|added|announced|reported|a déclaré|a indiqué|selon|explique|dijo|según|afirmó|sagte|laut|erklärte|betonte)\b"
    r"|לדברי|אמרה?\b|הוסיפה?\b|وقالت?|وأضاف|بحسب",
    re.IGNORECASE,
)

_NEWSLETTER = r"(?:newsletters?|inbox|e-?mail (?:updates|alerts|list|newsletter)|daily briefing|mailing list|our (?:free |daily |weekly )?(?:updates|alerts|app))"
#: Sign-ups, follow us, read more, comments, cookies, affiliate notes. Anchored where the words also occur in prose.
PROMOTION = _compiled({
    "en": (
        rf"\b(?:sign(?:ing|ed)? up|subscribe|register|opt in)\b.{{0,60}}\b{_NEWSLETTER}\b",
        rf"\b{_NEWSLETTER}\b.{{0,40}}\b(?:sign up|subscribe)\b",
        r"^\W*(?:get|receive|want|like) .{0,80}\b(?:in|to|into|straight to|delivered to|by) your (?:inbox|e-?mail|phone)",
        r"\bkeep an eye on your inbox\b", r"\bthank(?:s| you) for (?:signing up|subscribing|registering)", r"\berror processing your\b", r"\bdelivered (?:through|to) your (?:letterbox|door|inbox)",
        r"^\W*(?:please )?(?:click|tap) (?:here|on the link|below|the (?:link|button))\b", r"\bclick(?:ing)? here\b.{0,30}$",
        r"^\W*(?:follow|like|find|join|connect with|visit) (?:us|me|him|her|them|@\w+|\w+ \w+) (?:\w+ ){0,3}?(?:on|at|via) (?:twitter|facebook|instagram|linkedin|x|tiktok|youtube|threads|bluesky|telegram|whatsapp|mastodon)\b",
        r"^\W*(?:follow|e-?mail|contact|reach|tweet) .{0,60}(?:@\w+|\bat \S+@\S+)", r"^\W*follow .{0,60}\b(?:coverage|on twitter|on facebook|on instagram)\b",
        r"^\W*(?:also )?(?:read more|read also|also read|read next|read|see also|see more|related|related (?:stories|posts?|articles?|content|roundup|coverage)|more (?:from|on|in|about|great|stories|news)|more|up next|recommended(?: for you)?|you (?:may|might) (?:also )?(?:like|be interested)|don[’']t miss|trending|most (?:read|popular|viewed)|watch(?: now)?|listen(?: now)?|further reading|explore more|what to read next|in case you missed it|editor[’']s picks?|popular now|latest news|buyer[’']s guide|next story|previous story|check out)\s*[:|»>–—-]",
        r"^\W*(?:read more|read also|also read|see also|related (?:stories|posts?|articles?|content|coverage)|more (?:great )?\S{0,12} ?stories|up next|recommended(?: for you| stories)?|you (?:may|might) (?:also )?(?:like|be interested in)|don[’']t miss|trending(?: now)?|most (?:read|popular|viewed)(?: (?:in|on) .{1,30})?|further reading|editor[’']s picks?|in case you missed it|latest stories|more (?:news|on this (?:story|topic))|share(?: this(?: article| story| post)?| on .{1,20})?|tweet|print|e-?mail|advertisement|sponsored(?: content)?|subscribe(?: now)?|sign up|log ?in|loading|buy now|play video|watch live|continue reading.{0,20}|skip (?:advertisement|to .{1,20})|story continues.{0,20}|article continues.{0,20}|scroll (?:down )?(?:to|for) .{1,20}|back to top|tags?|topics?|comments?|view comments)\W*$",
        r"^\W*read more (?:on|about|from|at|here)\b.{0,80}$", r"^\W*(?:for more|to read more|to learn more|for the latest|learn more|find out more)\b.{0,100}(?:click|visit|follow|subscribe|here|go to|see|check out|www\.|http|@)",
        r"^\W*(?:share|tell us|let us know|join the (?:conversation|discussion)|have your say|leave a (?:comment|reply)|post a comment)\b.{0,90}(?:comments?|below|facebook|twitter|think|thoughts|reply)",
        r"\bmoderat(?:e|ed|ing) (?:all )?comments\b", r"\bcomments? (?:are|is|have been) (?:closed|moderated|disabled|subject to|turned off)\b", r"^\W*(?:leave a (?:comment|reply)|post a comment|comment policy|be the first to comment)", r"\b(?:our|the|this) (?:comment(?:ing|s)? (?:policy|guidelines|section)|community (?:guidelines|standards))\b",
        r"\b(?:may|might|will|could) (?:\w+ )?(?:earn|receive|get|collect) (?:an? )?(?:\w+ )?(?:affiliate )?commission", r"\baffiliate (?:links?|commission|partner|disclosure|program)", r"\bproducts? (?:featured|mentioned).{0,60}\bindependently (?:selected|chosen|reviewed)",
        r"\b(?:we|this (?:site|website)) uses? cookies\b", r"\bterms (?:of (?:use|service)|and conditions)\b.{0,40}\b(?:privacy|apply|agree)", r"\b(?:agree|accept).{0,40}\b(?:privacy policy|terms of)", r"\bprivacy policy\b.{0,20}$", r"\bthis site is protected by recaptcha\b",
        r"\b(?:subscription|subscribe) (?:of|to) our\b", r"^\W*(?:download|get) (?:the|our) .{0,30}\bapp\b", r"^\W*join our\b", r"^\W*(?:already a subscriber|this (?:article|content) is (?:for|available to) (?:paid |premium )?(?:subscribers|members))",
        r"^\W*(?:have|got) (?:a|an) (?:\w+ )?(?:tip|story|question|correction)\b.{0,140}(?:@|e-?mail|contact|click|write|let us)", r"^\W*(?:listen to|watch|subscribe to) (?:the |our |this )?.{0,60}\b(?:podcast|video|episode|channel|on spotify|on apple podcasts|on youtube)\b.{0,60}$",
    ),
    "fr": (
        r"^\W*(?:à )?lire (?:aussi|également|la suite|plus|encore)\b", r"^\W*(?:voir|écouter|regarder) (?:aussi|également)\b", r"^\W*(?:sur le même sujet|à découvrir|en savoir plus|pour aller plus loin|articles? (?:liés?|similaires?)|les plus lus|à ne pas manquer)\b.{0,80}$",
        r"\b(?:abonnez|inscrivez)-vous\b", r"\bsuivez-nous\b", r"\bpartage[zr] (?:cet article|sur)\b", r"^\W*cliquez (?:ici|sur)\b", r"\b(?:laisse[zr]|poste[zr]|ajoute[zr]) un commentaire\b", r"^\W*retrouvez (?:nous|toute l[’']actu|tous nos|toutes nos)", r"^\W*(?:télécharge[zr]|rejoignez) (?:l[’']appli|notre|nous)", r"\butilis(?:e|ons) des cookies\b",
    ),
    "es": (
        r"^\W*(?:lea|lee|leer|ver|vea|mira|escucha) (?:también|más)\b", r"^\W*(?:te puede interesar|le puede interesar|más información|artículos relacionados|lo más leído|noticias relacionadas)\b.{0,80}$", r"\bsuscríb[ae](?:te|se)\b", r"\bs[íi]gu[ea]nos\b", r"^\W*(?:haz|haga) clic\b", r"\bdej[ae] (?:un|tu|su) comentario\b", r"^\W*comparte\b.{0,60}$",
    ),
    "de": (
        r"^\W*(?:lesen sie|lies) (?:auch|mehr|hier|dazu|weiter)\b", r"^\W*(?:mehr (?:zum thema|dazu|lesen)|weiterlesen|auch interessant|das könnte (?:sie|dich) (?:auch )?interessieren|siehe auch|zum thema|ähnliche (?:artikel|beiträge)|meistgelesen)\b.{0,80}$", r"\b(?:newsletter|e-mail)\b.{0,60}\b(?:abonnieren|anmelden|bestellen)", r"\babonnieren sie\b", r"\bfolge[nt]? (?:sie )?uns\b", r"^\W*(?:kommentar verfassen|schreibe? einen kommentar|schreiben sie einen kommentar|antwort hinterlassen|teilen mit|gefällt mir)\b", r"\b(?:\d+ )?(?:antworten|kommentare?) (?:zu|auf)\b.{0,80}$", r"\bverwende[nt] cookies\b", r"^\W*klicken sie\b", r"\bneue beiträge per e-mail\b", r"\berstelle (?:eine )?kostenlose website\b",
    ),
    "he": (r"^\W*(?:קראו|ראו|צפו|האזינו) (?:גם|עוד|ב)", r"^\W*(?:לקריאה נוספת|כתבות נוספות|עוד בנושא|אולי יעניין|הנקראות ביותר|לכתבה המלאה)", r"(?:הירשמו|הרשמו|הצטרפו) (?:ל(?:ניוזלטר|עדכונים|רשימת|ערוץ|קבוצת)|לקבלת)", r"עקבו אחרינו", r"^\W*(?:שתפו|שיתוף|הגיבו|תגובות|לתגובות|כתוב תגובה|הוספת תגובה)"),
    "ar": (r"^\W*(?:اقرأ|إقرأ|شاهد|اقرأوا|طالع) (?:أيضا|أيضًا|المزيد|ايضا)", r"^\W*(?:مواضيع ذات صلة|أخبار ذات صلة|الأكثر قراءة)", r"اشترك(?:وا)? في", r"تابعونا|تابعنا"),
})

#: Where the piece only closes: opinions are the author's own, corrections, press contacts.
CLOSING = _compiled({
    "en": (r"\b(?:views|opinions|facts and opinions)\b.{0,80}\b(?:are|do not|belong)\b.{0,80}\b(?:author|writer|own|reflect|necessarily|represent)", r"^\W*(?:media|press|investor|for media) (?:contacts?|inquiries|enquiries)\b", r"^\W*#{2,}\W*$", r"^\W*-?\s*(?:30|end|ends|ENDS)\s*-?\W*$", r"^\W*forward[- ]looking statements?\b"),
    "fr": (r"\bles (?:opinions|propos|points de vue)\b.{0,60}\b(?:engagent|n[’']engagent|reflètent|auteur)",),
    "es": (r"\blas opiniones\b.{0,80}\b(?:autor|reflejan|responsabilidad)",),
    "de": (r"\b(?:meinungen?|ansichten)\b.{0,80}\b(?:autor|verfasser)",),
    "he": (r"^\W*(?:הדעות|הכתוב)\b.{0,60}(?:הכותב|הכותבת|המחבר)",),
})

CAPTION = _compiled({
    "all": (
        r"^\W*(?:photos?|photograph|pictured?|image|illustration|credit|image credit|photo credit|video|graphic|gallery|screenshot|foto|fotos|bild|bildnachweis|crédit|crédits|crédit photo|photo d[’']illustration|imagen|imágenes|צילום|תמונה|איור|الصورة|تصوير)(?: (?:by|de|von|credits?|courtesy(?: of)?|d[’']archives?))?\s*[:©|/]",
        r"^\W*(?:photo(?:graph)?s?|image|illustration|picture|video|graphic)s? (?:by|courtesy|credit|via|from)\b.{0,80}$", r"^\W*image \d+ of \d+\W*$", r"^\W*\d+ ?/ ?\d+\W*$",
        r"[(\[](?:[^()\[\]]{0,40}\b)?(?:photos?|image|images|picture|credit|illustration|screenshot|foto|crédit|צילום|קרדיט)s?(?: credit| courtesy| by)?\s*(?::|by|courtesy|via|/|d[’'])[^()\[\]]{0,80}[)\]]\W*$",
        r"[(\[][^()\[\]]{0,50}\b(?:Getty|AFP|Shutterstock|Reuters|Flash ?90|iStock|Unsplash|AP Photo|EPA|Alamy|Wikimedia|Handout|File photo)\b[^()\[\]]{0,50}[)\]]\W*$",
        r"\b(?:Getty Images|Shutterstock|Flash ?90|iStock(?:photo)?|Unsplash|Wikimedia Commons|AP Photo/[\w. ]+|/(?:AFP|Reuters|Getty Images|EPA))\W*$", r"^\W*(?:AP|AFP|Reuters|EPA) Photo\b.{0,60}$", r"^\W*REUTERS/[\w. ]+$",
        r"^\W*file (?:photo|picture|image)\b", r"\b(?:archivfoto|symbolbild|symbolfoto)\W*$",
    ),
})

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc|ene|abr|ago|dic|jän|mär|okt|dez)[a-zéûä]*\.?"
_CLOCK = r"\d{1,2}[:.h]\d{2}(?: ?[ap]\.?m\.?)?(?: ?[A-Z]{2,4}\b)?"
#: Names, dates and reading times above or below the piece.
BYLINE = _compiled({
    "en": (
        r"^\W*by:? (?-i:[A-Z])[\w.’'-]*(?:,? (?:and |&|with |for |of |the |de |van |von |al-|bin )?(?-i:[A-Z@])[\w.’'/@-]*){0,9}(?:,? [\w ]{0,40})?[^.!?]?$",
        r"^\W*(?:last )?(?:updated?|published|posted|modified|first published|created|filed|issued)\b(?: (?:on|at|by))?\W{0,3}.{0,70}(?:\d{4}|\d{1,2}[:.]\d{2}|ago|today)\b.{0,25}$",
        r"^\W*(?:reading time|estimated reading|time to read)\b.{0,20}$", r"^\W*\d+[- ]min(?:ute)?s?(?:[- ]read)?\W*$", r"^\W*\d+ (?:minutes?|hours?|days?) ago\W*$",
    ),
    "fr": (r"^\W*par (?-i:[A-ZÉ])[\w’'.-]+(?:,? (?:et |de |du )?(?-i:[A-ZÉ])[\w’'.-]*){0,6}\W*$", r"^.{0,60}\b(?:publié|mis à jour|modifié|posté)e?s? (?:le|à|il y a)\b.{0,60}$", r"^\W*temps de lecture\b"),
    "es": (r"^\W*por (?-i:[A-ZÁÉÍÓÚ])[\w’'.-]+(?:,? (?:y |de |del )?(?-i:[A-ZÁÉÍÓÚ])[\w’'.-]*){0,6}\W*$", r"^\W*(?:publicado|actualizado)\b.{0,60}\d{4}.{0,20}$", r"^\W*tempo de leitura\b|^\W*tiempo de lectura\b"),
    "de": (r"^\W*von (?-i:[A-ZÄÖÜ])[\w’'.-]+(?:,? (?:und |von |de )?(?-i:[A-ZÄÖÜ])[\w’'.-]*){0,6}\W*$", r"^\W*(?:veröffentlicht|aktualisiert|stand)\b.{0,50}\d{4}.{0,20}$", r"^\W*lesezeit\b"),
    "he": (r"^\W*מאת:? [^.!?]{2,40}$", r"^\W*(?:פורסם|עודכן)(?: ב)?[:\s-]{0,3}.{0,12}\d{1,2}[./:].{0,25}$", r"^\W*זמן קריאה"),
    "ar": (r"^\W*(?:بقلم|كتب|كتبت):? [^.!?]{2,40}$",),
    "all": (
        rf"^\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}\.? {_MONTH},? \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})(?:\W+(?:at |um |à )?{_CLOCK}.{{0,12}})?\W*$",
        rf"^\W*{_CLOCK}\b.{{0,40}}\b\d{{4}}\W*$",
    ),
})

# Ways to say who the author is. "Plain" roles are what authors of articles are; "high" ones need more evidence.
_PLAIN_ROLES = (
    r"journalist|reporter|correspondent|columnist|writer|author|editor|contributor|blogger|freelancer?|novelist|poet|essayist|playwright|translator|lecturer|lawyer|attorney|barrister|professor|fellow|scholar|researcher|historian"
    r"|analyst|critic|commentator|broadcaster|podcaster|photographer|photojournalist|cartoonist|student|teacher|academic|economist|political scientist|sociologist|consultant|activist|rabbi|intern|staff|newsroom|publisher|anchor|filmmaker"
    r"|journaliste|avocate?|traductrice|traducteur|écrivaine?|autrice|auteure?|chroniqueuse|chroniqueur|éditorialiste|professeure?|chercheuse|chercheur|historienne?|maître(?:sse)? de conférences|enseignante?|correspondante?|rédactrice|rédacteur|essayiste|politologue|économiste|philosophe|romanci(?:er|ère)|sociologue"
    r"|periodista|abogad[oa]|traductora?|escritora?|autora?|columnista|profesora?|investigadora?|historiadora?|corresponsal|redactora?|analista|docente|economista|politólog[oa]|ensayista"
    r"|journalistin|redakteur(?:in)?|autor(?:in)?|schriftsteller(?:in)?|übersetzer(?:in)?|rechtsanw[aä]lt(?:in)?|anw[aä]lt(?:in)?|juristin?|professor(?:in)?|dozent(?:in)?|historiker(?:in)?|korrespondent(?:in)?|kolumnist(?:in)?|publizist(?:in)?|wissenschaftler(?:in)?|politologe|politologin|lektor(?:in)?|lehrbeauftragte[rn]?"
)
_HIGH_ROLES = r"president|director|chief|chair(?:man|woman|person)?|founder|co-founder|ceo|head|minister|senator|member|manager|partner|officer|ambassador|expert|graduate|veteran|specialist|directrice|directeur|fondat(?:eur|rice)|président[e]?|director[a]|fundador[a]?|leiter(?:in)?|geschäftsführer(?:in)?|gründer(?:in)?"
_NAME = r"(?-i:(?:(?:Dr|Prof|Rabbi|Sir|Dame|Rev|Fr|Mr|Mrs|Ms|Me|Lt|Col|Gen|Hon|Ambassador|Professor)\.? )?[A-ZÀ-ÖØ-ÞŠŽŁ][\w’'.-]*(?: (?:[A-ZÀ-ÖØ-ÞŠŽŁ][\w’'.-]*|de|la|van|von|der|den|bin|ben|al|el|du|da|di|Bar|y|ten)){1,4})"
_NAMES = rf"{_NAME}(?:,? (?:and|et|y|und|&) {_NAME})?"
_IS = r"(?:is|are|est|sont|es|son|ist|sind|works? as|worked as|serves? as|teaches|has been|was)"
_DOES = (
    r"(?:covers|writes|reports|teaches|studies|lives|works|serves|edits|hosts|blogs|lectures|researches|contributed|contributes|specializes|specialises|practices|heads|leads|directs|runs|"
    r"écrit|couvre|enseigne|travaille|vit|dirige|escribe|cubre|enseña|trabaja|vive|dirige|schreibt|berichtet|lehrt|arbeitet|lebt|leitet)"
)
_THE_WRITER = (
    r"(?:the (?:writer|author|columnist|reviewer|journalist)s?|l[’']aut(?:eur|rice|eure)|el autor|la autora|der autor|die autorin|הכותבת?|המחברת?|الكاتبة?|about the (?:author|writer|reporter|journalist)s?|à propos de l[’']aut\w+|sobre (?:el|la) autora?|über (?:den|die) autor\w*|על המחברת?|על הכותבת?|عن الكاتبة?)"
)

BIO_PLAIN = re.compile(
    rf"^\W*{_NAMES}(?: ?\([^()]{{1,30}}\))?(?:, [^,.]{{3,90}},)? {_IS} (?:[^.!?]{{0,120}}?\b)?(?:{_PLAIN_ROLES})s?\b", re.IGNORECASE
)
BIO_HIGH = re.compile(
    rf"^\W*{_NAMES}(?: ?\([^()]{{1,30}}\))?(?:, [^,.]{{3,90}},)? (?:{_IS} (?:[^.!?]{{0,80}}?\b)?(?:{_HIGH_ROLES})s?\b|{_DOES}\b)", re.IGNORECASE
)
#: Hebrew and Arabic write no capitals: a few words, a pronoun for "is", and a profession close behind.
BIO_UNCASED = re.compile(
    r"^\W*(?:[\u0590-\u05ff\"'׳״-]+ ){1,5}(?:הוא|היא|הינו|הינה)\b.{0,60}"
    r"(?:עיתונאית?|סופרת?|מתרגמת?|מרצה|עורכת?|עורכת? דין|עו[\"״]ד|חוקרת?|פרופסור|משפטנית?|כתבת?|פרשנית?|היסטוריו[נן]ית?|היסטוריון|משוררת?|מנהלת?|יועצת?|דוקטורנטית?|רבה?|בעלת? טור)\b"
    r"|^\W*(?:[\u0600-\u06ff]+ ){1,5}(?:هو|هي)?\s*(?:كاتبة?|صحفية?|صحافية?|محامية?|مترجمة?|باحثة?|أستاذة?|محررة?|أكاديمية?)\b.{0,120}$"
)
BIO_WRITER = re.compile(rf"^\W*{_THE_WRITER}\b(?:.{{0,4}}$| .{{0,300}}$|[:,].{{0,300}}$)", re.IGNORECASE)
#: A second paragraph of a bio opens with the author again.
BIO_GOES_ON = re.compile(
    r"^\W*(?:he|she|they|his|her|their|follow (?:him|her|them)|il|elle|son|sa|ses|él|ella|sus?|er|sie|seine?|ihre?|הוא|היא|ספרו|ספרה|وهو|وهي|هو|هي)\b", re.IGNORECASE
)
NAME = re.compile(rf"^\W*({_NAME})", re.IGNORECASE)
#: Short lines that close an appeal.
THANKS = re.compile(
    r"\b(?:thank you|thanks|every (?:\w+ )?(?:counts|helps|matters)|makes a difference|merci|gracias|vielen dank|danke)\b|תודה|شكرا",
    re.IGNORECASE,
)
