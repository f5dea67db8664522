"""What stands where an article should: an ask for payment, a log-in, a consent form, an error, a test of humanity."""

from __future__ import annotations

from digest.articles.extraction.phrases.wording import compiled

#: Every wording of `PAYWALL` holds one of these, so a text without any is passed over quickly.
PAYWALL_HINTS = (
    "subscri", "sign", "log in", "login", "regist", "join", "become", "upgrade", "pay", "limit", "unlock", "remaining",
    "members", "premium", "il vous reste", "abonn", "réserv", "inscri", "connect", "suscr", "regíst", "sesión",
    "exclusiv",
    "mitglied", "anmeld", "einlog", "מנוי", "רשומ", "רשמו", "התחברו", "הצטרפו", "اشترك", "سجل", "سجّل", "مشترك", "أعضاء",
    "подпи", "зарегистр", "войдите",
)  # fmt: skip

#: A text breaks off here, and goes on for those who pay or register.
PAYWALL = compiled(
    {
        "en": (
            (
                r"^.{0,80}\b(?:subscribe|sign up|sign in|log ?in|register|join|become an? (?:\w+ )?(?:member"
                r"|subscriber)|upgrade|pay)\b.{0,60}\bto (?:continue|keep) (?:reading|on reading)\b"
            ),
            (
                r"^.{0,40}\b(?:subscribe|sign up|register|log ?in|sign in)\b.{0,40}\b(?:to|and) (?:read|unlock"
                r"|access|view|see|get) (?:the (?:rest|full|whole|entire)|this (?:full )?(?:article|story|post"
                r"|piece)|full (?:article|story|access)|unlimited|all (?:of )?our)"
            ),
            (
                r"^.{0,30}\bto (?:continue|keep) reading\b.{0,60}\b(?:subscri|sign|log|register|account|member"
                r"|trial)"
            ),
            (
                r"\b(?:this|the rest of this|the full) (?:article|story|post|content|piece) is (?:only "
                r"|exclusively )?(?:available |reserved |open )?(?:for|to) (?:our |paid |paying |premium "
                r"|registered )*(?:subscribers|members|users)\b"
            ),
            r"\bthis (?:post|article|story|newsletter) is for (?:paid |paying )?(?:subscribers|members)\b",
            r"\b(?:subscriber|member|premium)[- ](?:only|exclusive) (?:article|story|content)\b.{0,60}$",
            (
                r"\byou(?:[’']ve| have) (?:reached|read|used|hit) (?:your|all|the) .{0,40}\b(?:limit|free "
                r"(?:articles?|stories))\b"
            ),
            r"\bthe remaining content is (?:hidden|locked|for)\b|\bunlock this (?:article|story)\b",
        ),
        "fr": (
            r"\bil vous reste \d{1,2}([.,]\d+)? ?% (?:de cet article|du contenu|à (?:lire|découvrir))",
            (
                r"\b(?:la suite|cet article|ce contenu)\b.{0,20}\b(?:est|sont) (?:exclusivement )?réservée?s? "
                r"(?:à nos |aux )abonn"
            ),
            (
                r"\b(?:abonnez|inscrivez|connectez)-vous\b.{0,40}\b(?:pour|afin de) (?:lire|continuer|accéder"
                r"|poursuivre|découvrir)"
            ),
            r"\bpour (?:lire|continuer|poursuivre)\b.{0,60}\b(?:abonnez|connectez|inscrivez)-vous\b",
            r"^\W*(?:article|contenu) réservé (?:aux|à nos) abonnés\b",
        ),
        "es": (
            (
                r"\b(?:suscr[ií]b(?:ete|ase|irse)|reg[ií]str(?:ate|ese)|inicia(?:r)? sesión)\b.{0,40}\bpara "
                r"(?:seguir|continuar) leyendo\b"
            ),
            r"\bpara (?:seguir|continuar) leyendo\b.{0,60}\b(?:suscr|reg[ií]str|sesión|cuenta)",
            (
                r"\b(?:contenido|artículo|noticia) (?:exclusiv[oa]|reservad[oa]|solo) (?:para|a) (?:nuestros "
                r")?suscriptores\b"
            ),
        ),
        "de": (
            (
                r"\b(?:dieser (?:artikel|beitrag|text|inhalt)|der (?:ganze|vollständige) (?:artikel|text)) "
                r"(?:ist|steht)\b.{0,30}\b(?:nur für|exklusiv für)?\s?(?:unsere[nr]? )?(?:\w+-)?(?:abonnent"
                r"|mitglied)"
            ),
            (
                r"\b(?:weiterlesen|ganzen artikel|vollständigen artikel)\b.{0,60}\b(?:abo|abonnieren|anmelden"
                r"|registrieren|probemonat)\b"
            ),
            (
                r"\b(?:jetzt )?(?:abonnieren|anmelden|registrieren|einloggen)\b.{0,40}\b(?:weiterlesen|weiter "
                r"zu lesen|um .{0,30} zu lesen)"
            ),
        ),
        "he": (
            r"(?:הכתבה|המאמר|התוכן|ההמשך|המשך הכתבה).{0,20}(?:למנויים|לרשומים|למינויים)(?: בלבד)?",
            r"(?:הירשמו|הרשמו|התחברו|הצטרפו|רכשו מינוי).{0,30}(?:כדי|על מנת) (?:להמשיך|לקרוא)",
            r"להמשך (?:הקריאה|קריאה).{0,40}(?:מנוי|הירשמו|הרשמו|התחברו)",
        ),
        "ar": (
            r"(?:اشترك|سجل|سجّل).{0,30}(?:لقراءة|لمتابعة|لإكمال|لمواصلة) (?:القراءة|المقال|باقي|بقية|الخبر)",
            r"(?:هذا (?:المقال|المحتوى)) (?:متاح|مخصص|حصري) .{0,15}(?:للمشتركين|للأعضاء)",
            r"(?:لقراءة|لمتابعة) (?:المقال|القراءة|بقية).{0,40}(?:اشترك|سجل|الاشتراك)",
        ),
        "ru": (
            (
                r"\b(?:оформите|купите|оплатите) подписку\b.{0,40}\b(?:чтобы|для)\b.{0,20}(?:чита|дочита"
                r"|продолж|доступ)"
            ),
            (
                r"\b(?:чтобы|для того,? чтобы) (?:продолжить чтение|читать дальше|дочитать|прочитать "
                r"полностью)\b.{0,60}(?:подпи|войдите|зарегистр)"
            ),
            (
                r"\b(?:статья|материал|текст)\b.{0,30}\b(?:доступ\w+|открыт\w*) (?:только )?(?:подписчикам|по "
                r"подписке|для подписчиков)"
            ),
        ),
    }
)

#: Titles of pages that only say what went wrong. Whole titles, the site's name taken off.
ERROR_TITLE = compiled(
    {
        "all": (
            (
                r"^\W*(?:error |http |fehler |erreur |ошибка |שגיאה |خطأ )*(?:4(?:00|01|03|04|05|10|29|51)"
                r"|50[0-4]|52\d)\b(?:\W|$)(?!.{0,40}\b(?:people|workers|jobs|miles|km|years|dead|killed"
                r"|million|feet|metres|meters|horsepower)\b).{0,60}$"
            ),
            (
                r"^\W*(?:oops|sorry|whoops|uh[- ]oh)?\W*(?:(?:the |this )?page (?:you (?:requested|are "
                r"looking for) )?(?:was |is |could |can )?(?:not|n[’']t|cannot|can[’']t) (?:be )?(?:found"
                r"|available|exist)|page not found|not found|file not found|nothing (?:was )?found|page "
                r"(?:unavailable|missing|error)|article not found|story not found|access (?:denied|forbidden"
                r"|restricted)|permission denied|forbidden|unauthori[sz]ed|service unavailable|temporarily "
                r"unavailable|bad gateway|gateway time-?out|internal server error|server error|an error "
                r"occurred|something went wrong|error|site maintenance|under maintenance|(?:we[’']ll|we will) "
                r"be (?:right )?back.{0,10}|(?:account|site|website|domain) (?:suspended|expired|disabled)"
                r"|unavailable (?:for legal reasons|in your (?:region|country)))\W*$"
            ),
            (
                r"^\W*(?:page (?:introuvable|non trouvée|inexistante)|accès (?:refusé|interdit)|erreur(?: "
                r"\d+)?|service indisponible)\W*$"
            ),
            (
                r"^\W*(?:página no (?:encontrada|existe|disponible)|no se (?:ha encontrado|encuentra) la "
                r"página|acceso denegado)\W*$"
            ),
            (
                r"^\W*(?:seite (?:wurde )?nicht (?:gefunden|verfügbar)|zugriff verweigert|nicht gefunden"
                r"|wartungsarbeiten)\W*$"
            ),
            r"^\W*(?:ה?(?:דף|עמוד) (?:המבוקש )?(?:לא נמצא|אינו קיים)|הגישה נדחתה)\W*$",
            r"^\W*(?:الصفحة غير موجودة|لم يتم العثور على الصفحة|تم رفض الوصول)\W*$",
            r"^\W*(?:страница не найдена|доступ (?:запрещ[её]н|ограничен)|сайт недоступен)\W*$",
        ),
    }
)
#: Titles and first lines of pages that test whether a person is there.
CHALLENGE = compiled(
    {
        "all": (
            (
                r"^\W*(?:just a moment|attention required|one more step|checking (?:your browser|if the site "
                r"connection is secure)|please wait\W*(?:while|for|$)|verify(?:ing)? (?:that )?you are (?:a "
                r")?human|are you (?:a )?(?:robot|human)|pardon our interruption|human verification|security "
                r"(?:check|verification)|bot (?:verification|detection)|ddos[- ](?:guard|protection)|you have "
                r"been blocked|sorry,? you have been blocked|client challenge|un instant|un momento|einen "
                r"moment|nur einen moment|только минуту|רק רגע|لحظة من فضلك)\W*(?:\||–|-|cloudflare|\.|$)"
            ),
            r"^(?:please )?enable (?:js|javascript) and (?:cookies|disable any ad blocker)",
            r"\bperformance (?:&|and) security by cloudflare\b|\bcloudflare ray id\b|\bincapsula incident id\b",
            (
                r"^.{0,60}\b(?:unusual|suspicious) (?:traffic|activity) (?:from|coming from) your (?:computer"
                r"|network|ip)"
            ),
            (
                r"\b(?:complete|solve) the (?:captcha|security check|challenge) (?:below )?to (?:continue"
                r"|access|proceed)"
            ),
            r"^.{0,40}\bverify (?:that )?you are (?:a )?(?:human|not a robot)\b",
        ),
    }
)
#: Titles of pages where one logs in.
LOGIN_TITLE = compiled(
    {
        "all": (
            (
                r"^\W*(?:log ?in|sign ?in|sign in or register|log ?in or register|(?:member|subscriber|user"
                r"|customer|account) (?:log ?in|sign ?in)|please (?:log|sign) ?in.{0,40}|(?:log|sign) ?in to "
                r"(?:your account|continue|read).{0,40}|authentication(?: required)?|create an account"
                r"|register|registration|subscribe(?: now| to (?:read|continue).{0,40})?)\W*$"
            ),
            r"^\W*(?:connexion|se connecter|identification|connectez-vous|inscription|abonnez-vous.{0,40})\W*$",
            r"^\W*(?:iniciar sesión|inicia sesión|acceso|regístrate|suscríbete.{0,40})\W*$",
            r"^\W*(?:anmelden|anmeldung|einloggen|login|registrieren)\W*$",
            r"^\W*(?:התחברות|כניסה(?: לאתר| למנויים)?|הרשמה|تسجيل الدخول|вход|войти|авторизация)\W*$",
        ),
    }
)
#: What stands where scripts would have put the article.
SCRIPTS = compiled(
    {
        "all": (
            r"\b(?:enable|activate|turn on|allow|requires?|needs?|without) java ?script\b",
            (
                r"\bjava ?script (?:is |has been |must be |to be )?(?:disabled|required|enabled|deactivated"
                r"|turned off|not (?:enabled|available))\b"
            ),
            (
                r"\b(?:activ(?:er|ez)|autoris(?:er|ez)|habilit(?:a|ar|e)|activ(?:a|ar|e)|aktivieren sie"
                r"|bitte) (?:le |el |bitte )?java ?script\b"
            ),
            r"(?:הפעל|הפעילו|אפשרו|تفعيل|تمكين|включите) java ?script",
        ),
    }
)
#: What a form says that asks for consent before it shows anything.
CONSENT = compiled(
    {
        "all": (
            (
                r"\b(?:we|our (?:\d+ )?partners|we and our (?:\w+ )?partners)\b.{0,120}\b(?:use|store|process"
                r"|access)\b.{0,120}\b(?:cookies|personal data|information on (?:a|your) device)"
            ),
            (
                r"\b(?:before you continue|we value your privacy|your privacy (?:choices|matters|is important)"
                r"|cookie (?:consent|preferences|settings)|manage (?:your )?(?:consent|privacy|cookies"
                r"|options)|(?:accept|reject|allow|decline) all(?: cookies)?|(?:part of the )?\w+ family of "
                r"brands)\b"
            ),
            (
                r"\b(?:nous et nos (?:\d+ )?partenaires|votre vie privée|accepter et (?:fermer|continuer)"
                r"|tout (?:accepter|refuser)|gérer (?:mes choix|les cookies)|continuer sans accepter)\b"
            ),
            (
                r"\b(?:wir und unsere (?:\d+ )?partner|ihre privatsphäre|alle(?:s)? akzeptieren|mit werbung "
                r"(?:weiterlesen|nutzen)|zustimmen und weiter|einwilligung)\b"
            ),
            (
                r"\b(?:nosotros y nuestros (?:\d+ )?socios|tu privacidad|su privacidad|aceptar (?:todo|y "
                r"continuar|cookies)|rechazar todo)\b"
            ),
            r"(?:קבצי עוגיות|מדיניות הפרטיות|אישור הכל|ملفات تعريف الارتباط|قبول الكل|файлы cookie|принять все)",
        ),
    }
)
