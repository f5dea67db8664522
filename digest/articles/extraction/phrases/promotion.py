"""What asks a reader to do something else (sign up, follow, read more), and what only closes a piece."""

from __future__ import annotations

from digest.articles.extraction.phrases.wording import compiled

_NEWSLETTER = (
    r"(?:newsletters?|inbox|e-?mail (?:updates|alerts|list|newsletter)|daily briefing"
    r"|mailing list|our (?:free |daily |weekly )?(?:updates|alerts|app))"
)
#: Sign-ups, follow us, read more, comments, cookies, affiliate notes. Anchored where the words also occur in prose.
PROMOTION = compiled(
    {
        "en": (
            (
                r"^.{0,80}\bcomments? (?:are|will be|may be|must be) (?:\w+ )?(?:moderated|closed|deleted|approved)\b"
                r"(?!.*\bsaid\b)"
            ),
            r"^.{0,60}\bwe reserve the right to (?:edit|delete|remove|moderate)\b.{0,60}\b(?:comment|post|letter)",
            r"^\W*(?:please )?(?:keep (?:your )?comments|read our (?:comment|community)|your e-?mail address will)\b",
            rf"\b(?:sign(?:ing|ed)? up|subscribe|register|opt in)\b.{{0,60}}\b{_NEWSLETTER}\b",
            rf"\b{_NEWSLETTER}\b.{{0,40}}\b(?:sign up|subscribe)\b",
            (
                r"^\W*(?:get|receive|want|like) .{0,80}\b(?:in|to|into|straight to|delivered to"
                r"|by) your (?:inbox|e-?mail|phone)"
            ),
            r"\bkeep an eye on your inbox\b",
            r"\bthank(?:s| you) for (?:signing up|subscribing|registering)",
            r"\berror processing your\b",
            r"\bdelivered (?:through|to) your (?:letterbox|door|inbox)",
            r"^\W*(?:please )?(?:click|tap) (?:here|on the link|below|the (?:link|button))\b",
            r"\bclick(?:ing)? here\b.{0,30}$",
            (
                r"^\W*(?:follow|like|find|join|connect with|visit) (?:us|me|him|her|them|@\w+"
                r"|\w+ \w+) (?:\w+ ){0,3}?(?:on|at|via) (?:twitter|facebook|instagram|linkedin|x|tiktok"
                r"|youtube|threads|bluesky|telegram|whatsapp|mastodon)\b"
            ),
            r"^\W*(?:follow|e-?mail|contact|reach|tweet) .{0,60}(?:@\w+|\bat \S+@\S+)",
            r"^\W*follow .{0,60}\b(?:coverage|on twitter|on facebook|on instagram)\b",
            (
                r"^\W*(?:also )?(?:read more|read also|also read|read next|read|see also|see more|related"
                r"|related (?:stories|posts?|articles?|content|roundup|coverage)|more (?:from|on|in|about"
                r"|great|stories|news)|more|up next|recommended(?: for you)?|you (?:may"
                r"|might) (?:also )?(?:like|be interested)|don[’']t miss|trending|most (?:read|popular"
                r"|viewed)|watch(?: now)?|listen(?: now)?|further reading|explore more|what to read next"
                r"|in case you missed it|editor[’']s picks?|popular now|latest news|buyer[’']s guide"
                r"|next story|previous story|check out)\s*[:|»>–—-]"
            ),
            (
                r"^\W*(?:read more|read also|also read|see also|related (?:stories|posts?|articles?"
                r"|content|coverage)|more (?:great )?\S{0,12} ?stories|up next|recommended(?: for you"
                r"| stories)?|you (?:may|might) (?:also )?(?:like|be interested in)|don[’']t miss"
                r"|trending(?: now)?|most (?:read|popular|viewed)(?: (?:in|on) .{1,30})?|further reading"
                r"|editor[’']s picks?|in case you missed it|latest stories|more (?:news|on this (?:story"
                r"|topic))|share(?: this(?: article| story| post)?| on .{1,20})?|tweet|print|e-?mail"
                r"|advertisement|sponsored(?: content)?|subscribe(?: now)?|sign up|log ?in|loading|buy now"
                r"|play video|watch live|continue reading.{0,20}|skip (?:advertisement|to .{1,20})"
                r"|story continues.{0,20}|article continues.{0,20}|scroll (?:down )?(?:to|for) .{1,20}"
                r"|back to top|tags?|topics?|comments?|view comments)\W*$"
            ),
            r"^\W*read more (?:on|about|from|at|here)\b.{0,80}$",
            (
                r"^\W*(?:for more|to read more|to learn more|for the latest|learn more"
                r"|find out more)\b.{0,100}(?:click|visit|follow|subscribe|here|go to|see|check out|www\."
                r"|http|@)"
            ),
            (
                r"^\W*(?:share|tell us|let us know|join the (?:conversation|discussion)|have your say"
                r"|leave a (?:comment|reply)|post a comment)\b.{0,90}(?:comments?|below|facebook|twitter"
                r"|think|thoughts|reply)"
            ),
            r"\bmoderat(?:e|ed|ing) (?:all )?comments\b",
            r"\bcomments? (?:are|is|have been) (?:closed|moderated|disabled|subject to|turned off)\b",
            r"^\W*(?:leave a (?:comment|reply)|post a comment|comment policy|be the first to comment)",
            (
                r"\b(?:our|the|this) (?:comment(?:ing|s)? (?:policy|guidelines|section)"
                r"|community (?:guidelines|standards))\b"
            ),
            (
                r"\b(?:may|might|will|could) (?:\w+ )?(?:earn|receive|get"
                r"|collect) (?:an? )?(?:\w+ )?(?:affiliate )?commission"
            ),
            r"\baffiliate (?:links?|commission|partner|disclosure|program)",
            r"\bproducts? (?:featured|mentioned).{0,60}\bindependently (?:selected|chosen|reviewed)",
            r"\b(?:we|this (?:site|website)) uses? cookies\b",
            r"\bterms (?:of (?:use|service)|and conditions)\b.{0,40}\b(?:privacy|apply|agree)",
            r"\b(?:agree|accept).{0,40}\b(?:privacy policy|terms of)",
            r"\bprivacy policy\b.{0,20}$",
            r"\bthis site is protected by recaptcha\b",
            r"\b(?:subscription|subscribe) (?:of|to) our\b",
            r"^\W*(?:download|get) (?:the|our) .{0,30}\bapp\b",
            r"^\W*join our\b",
            (
                r"^\W*(?:already a subscriber|this (?:article|content) is (?:for|available to) (?:paid "
                r"|premium )?(?:subscribers|members))"
            ),
            (
                r"^\W*(?:have|got) (?:a|an) (?:\w+ )?(?:tip|story|question|correction)\b.{0,140}(?:@"
                r"|e-?mail|contact|click|write|let us)"
            ),
            (
                r"^\W*(?:listen to|watch|subscribe to) (?:the |our |this )?.{0,60}\b(?:podcast|video"
                r"|episode|channel|on spotify|on apple podcasts|on youtube)\b.{0,60}$"
            ),
        ),
        "fr": (
            r"^.{0,60}\bcommentaires (?:sont|seront) (?:\w+ )?(?:modérés|fermés|supprimés|publiés après)\b",
            r"^\W*(?:à )?lire (?:aussi|également|la suite|plus|encore)\b",
            r"^\W*(?:voir|écouter|regarder) (?:aussi|également)\b",
            (
                r"^\W*(?:sur le même sujet|à découvrir|en savoir plus|pour aller plus loin"
                r"|articles? (?:liés?|similaires?)|les plus lus|à ne pas manquer)\b.{0,80}$"
            ),
            r"\b(?:abonnez|inscrivez)-vous\b",
            r"\bsuivez-nous\b",
            r"\bpartage[zr] (?:cet article|sur)\b",
            r"^\W*cliquez (?:ici|sur)\b",
            r"\b(?:laisse[zr]|poste[zr]|ajoute[zr]) un commentaire\b",
            r"^\W*retrouvez (?:nous|toute l[’']actu|tous nos|toutes nos)",
            r"^\W*(?:télécharge[zr]|rejoignez) (?:l[’']appli|notre|nous)",
            r"\butilis(?:e|ons) des cookies\b",
        ),
        "es": (
            r"^.{0,60}\bcomentarios (?:son|serán|están) (?:\w+ )?(?:moderados|cerrados|eliminados)\b",
            r"^\W*(?:lea|lee|leer|ver|vea|mira|escucha) (?:también|más)\b",
            (
                r"^\W*(?:te puede interesar|le puede interesar|más información|artículos relacionados"
                r"|lo más leído|noticias relacionadas)\b.{0,80}$"
            ),
            r"\bsuscríb[ae](?:te|se)\b",
            r"\bs[íi]gu[ea]nos\b",
            r"^\W*(?:haz|haga) clic\b",
            r"\bdej[ae] (?:un|tu|su) comentario\b",
            r"^\W*comparte\b.{0,60}$",
        ),
        "de": (
            r"^.{0,80}\bkommentare (?:werden|sind|müssen) .{0,60}\b(?:moderiert|freigeschaltet|gelöscht|geprüft)\b",
            r"^\W*(?:bitte )?(?:beachten sie|beachtet|beachte) .{0,40}\b(?:netiquette|kommentarregeln)\b",
            r"^\W*(?:lesen sie|lies) (?:auch|mehr|hier|dazu|weiter)\b",
            (
                r"^\W*(?:mehr (?:zum thema|dazu|lesen)|weiterlesen|auch interessant|das könnte (?:sie"
                r"|dich) (?:auch )?interessieren|siehe auch|zum thema|ähnliche (?:artikel|beiträge)"
                r"|meistgelesen)\b.{0,80}$"
            ),
            r"\b(?:newsletter|e-mail)\b.{0,60}\b(?:abonnieren|anmelden|bestellen)",
            r"\babonnieren sie\b",
            r"\bfolge[nt]? (?:sie )?uns\b",
            (
                r"^\W*(?:kommentar verfassen|schreibe? einen kommentar|schreiben sie einen kommentar"
                r"|antwort hinterlassen|teilen mit|gefällt mir)\b"
            ),
            r"\b(?:\d+ )?(?:antworten|kommentare?) (?:zu|auf)\b.{0,80}$",
            r"\bverwende[nt] cookies\b",
            r"^\W*klicken sie\b",
            r"\bneue beiträge per e-mail\b",
            r"\berstelle (?:eine )?kostenlose website\b",
        ),
        "he": (
            r"^\W*(?:קראו|ראו|צפו|האזינו) (?:גם|עוד|ב)",
            r"^\W*(?:לקריאה נוספת|כתבות נוספות|עוד בנושא|אולי יעניין|הנקראות ביותר|לכתבה המלאה)",
            r"(?:הירשמו|הרשמו|הצטרפו) (?:ל(?:ניוזלטר|עדכונים|רשימת|ערוץ|קבוצת)|לקבלת)",
            r"עקבו אחרינו",
            r"^\W*(?:שתפו|שיתוף|הגיבו|תגובות|לתגובות|כתוב תגובה|הוספת תגובה)",
        ),
        "ar": (
            r"^\W*(?:اقرأ|إقرأ|شاهد|اقرأوا|طالع) (?:أيضا|أيضًا|المزيد|ايضا)",
            r"^\W*(?:مواضيع ذات صلة|أخبار ذات صلة|الأكثر قراءة)",
            r"اشترك(?:وا)? في",
            r"تابعونا|تابعنا",
        ),
    }
)

#: Where the piece only closes: opinions are the author's own, corrections, press contacts.
CLOSING = compiled(
    {
        "en": (
            (
                r"\b(?:views|opinions|facts and opinions)\b.{0,80}\b(?:are|do not"
                r"|belong)\b.{0,80}\b(?:author|writer|own|reflect|necessarily|represent)"
            ),
            r"^\W*(?:media|press|investor|for media) (?:contacts?|inquiries|enquiries)\b",
            r"^\W*#{2,}\W*$",
            r"^\W*-?\s*(?:30|end|ends|ENDS)\s*-?\W*$",
            r"^\W*forward[- ]looking statements?\b",
        ),
        "fr": (r"\bles (?:opinions|propos|points de vue)\b.{0,60}\b(?:engagent|n[’']engagent|reflètent|auteur)",),
        "es": (r"\blas opiniones\b.{0,80}\b(?:autor|reflejan|responsabilidad)",),
        "de": (r"\b(?:meinungen?|ansichten)\b.{0,80}\b(?:autor|verfasser)",),
        "he": (r"^\W*(?:הדעות|הכתוב)\b.{0,60}(?:הכותב|הכותבת|המחבר)",),
    }
)
