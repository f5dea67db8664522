"""Headings as other systems and people in many languages write them, and what a column under one can tell.

A heading is compared by its letters and digits only, so "E-mail", "e_mail" and "EMAIL:" are one. Words that also mean
something else, such as "state" (California), are not among them.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Field(StrEnum):
    """What a column can tell us."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    LANGUAGE = "language"
    SUPPORTER = "supporter"
    #: A column that is true for somebody who pays every month (Substack's active_subscription).
    PAYING = "paying"
    #: What they pay for, since when, and whether they have it for nothing.
    PLAN = "plan"
    FIRST_PAID = "first paid"
    COMPED = "comped"
    #: By which gift of somebody else's they have it.
    GIFT = "gift"
    TIERS = "tiers"
    TAGS = "tags"
    TOPICS = "topics"
    #: One word for where they stand: active, unsubscribed, cleaned …
    STATUS = "status"
    #: A column that is true (or filled) for somebody who must not be mailed, or true for somebody who may.
    LEFT_FLAG = "left flag"
    BOUNCED_FLAG = "bounced flag"
    BLOCKED_FLAG = "blocked flag"
    COMPLAINED_FLAG = "complained flag"
    MAILABLE_FLAG = "mailable flag"
    CONFIRMED_FLAG = "confirmed flag"
    JOINED_AT = "joined at"
    CONSENT_SOURCE = "consent source"
    CONSENT_IP = "consent ip"
    LEFT_AT = "left at"
    LEFT_HOW = "left how"
    #: Why, as they chose it from a list, and in words of their own.
    LEFT_WHY = "left why"
    LEFT_WORDS = "left words"
    BOUNCED_AT = "bounced at"
    #: The export's own columns.
    NEWSLETTER = "newsletter"
    SUPPRESSED = "suppressed"
    SUPPRESSED_AT = "suppressed at"
    SUPPRESSED_DETAIL = "suppressed detail"
    PAUSED_UNTIL = "paused until"
    MIN_DAYS = "min days"
    LAST_ISSUE_AT = "last issue at"


#: Best first: of two columns for one field the one whose heading stands earlier here is read.
HEADINGS: dict[Field, str] = {
    Field.ADDRESS: """
        email, email address, e-mail-adresse, emailadresse, email id, emails, mail, mail address, subscriber,
        subscriber email, user email, contact email, primary email, email 1, e-mail 1 value, adresse email,
        adresse e-mail, adresse mail, adresse électronique, courriel, adresse courriel, mél, correo,
        correo electrónico, dirección de correo, dirección de correo electrónico, correu electrònic,
        endereço de e-mail, endereço de email, correio eletrônico, correio eletrónico, posta elettronica,
        indirizzo email, indirizzo e-mail, e-mailadres, mailadres, e-post, epost, e-postadress, e-postadresse,
        sähköposti, adres e-mail, adres email, e-mailová adresa, e-posta, e-posta adresi, ηλεκτρονικό ταχυδρομείο,
        электронная почта, эл почта, адрес электронной почты, почта, имейл, електронна пошта, пошта, имейл адрес,
        דוא"ל, דואל, אימייל, מייל, כתובת דוא"ל, כתובת אימייל, כתובת מייל, דואר אלקטרוני, כתובת דואר אלקטרוני,
        البريد الإلكتروني, بريد إلكتروني, الإيميل, ایمیل, ईमेल, メール, メールアドレス, 邮箱, 电子邮件, 電子郵件, 이메일,
        address, adresse, dirección, כתובת""",
    Field.NAME: """
        name, full name, fullname, display name, subscriber name, nom complet, nombre completo, nombre y apellidos,
        vollständiger name, nome completo, volledige naam, naam, imię i nazwisko, imię nazwisko, полное имя, фио,
        ім'я, שם, שם מלא, الاسم, الاسم الكامل, 氏名, お名前, 姓名, 이름, nome, nombre""",
    Field.FIRST_NAME: """
        first name, firstname, fname, given name, forename, prénom, vorname, primer nombre, nombre de pila,
        primeiro nome, voornaam, förnamn, fornavn, etunimi, imię, имя, שם פרטי, الاسم الأول""",
    Field.LAST_NAME: """
        last name, lastname, lname, surname, family name, nom, nom de famille, nachname, familienname, apellido,
        apellidos, sobrenome, apelido, cognome, achternaam, efternamn, etternavn, efternavn, sukunimi, nazwisko,
        фамилия, прізвище, שם משפחה, اسم العائلة, اللقب""",
    Field.LANGUAGE: "language, lang, locale, preferred language, langue, sprache, idioma, lingua, язык, שפה, اللغة",
    Field.SUPPORTER: """
        supporter, supporter status, supporter type, donor, donor status, donor type, donation status, donor level,
        giving, giving status, membership, membership status, member status, spender, unterstützer, donateur,
        soutien, donante, donador, doador, תורם, תומך""",
    Field.PAYING: "active subscription",
    Field.PLAN: "plan, subscription type, stripe plan",
    Field.FIRST_PAID: "first payment at, first payment date, paid upgrade date",
    Field.COMPED: "complimentary plan, complimentary, comped",
    Field.GIFT: "gift id",
    Field.TIERS: "tiers, tier, membership tier",
    Field.TAGS: "tags, tag, labels, label, schlagworte, étiquettes, etiquetas, etichette, теги, תגיות",
    Field.TOPICS: "topics, topic, interests, interest, themen, thèmes, centres d'intérêt, temas, temi, темы, נושאים",
    Field.STATUS: """
        status, subscription status, subscriber status, email status, subscription state, list status,
        contact status, marketing status, email marketing status, subscriber type, statut, סטטוס, статус""",
    Field.LEFT_FLAG: """
        unsubscribed, is unsubscribed, has unsubscribed, opted out, opt out, optout, email opt out, email disabled,
        has opted out of email, do not email, do not mail, unsubscribed from emails, global unsubscribe, désabonné,
        désinscrit, abgemeldet""",
    Field.BOUNCED_FLAG: "bounced, cleaned, hard bounced, is bounced, hardbounced, undeliverable, invalid email",
    Field.BLOCKED_FLAG: """
        blocklisted, blacklisted, blocked, banned, email blacklisted, emailblacklisted, is blocked, deleted at""",
    Field.COMPLAINED_FLAG: "complained, spam, marked as spam, complaint, spam complaint, is spam",
    Field.MAILABLE_FLAG: """
        subscribed, is subscribed, subscribed to emails, active, is active, enabled, accepts marketing,
        accepts email marketing, email consent, marketing consent, opted in, opt in, newsletter subscribed, abonné""",
    Field.CONFIRMED_FLAG: "confirmed, is confirmed, email confirmed, verified, email verified, double opt in",
    Field.JOINED_AT: """
        joined at, joined, consent date, consent at, consent time, consented at, optin time, opt in time, opt in date,
        confirm time, confirmed at, subscribed at, start date, subscription date, subscribe date, date subscribed,
        signup date, sign up date, signed up at, date added, created at, created, created on, added on,
        date d'inscription, anmeldedatum""",
    Field.CONSENT_SOURCE: """
        consent source, consent, consent method, consent text, signup source, sign up source, source, opt in source,
        optin source, subscription source, referrer, how""",
    Field.CONSENT_IP: """
        consent ip, optin ip, opt in ip, confirm ip, signup ip, sign up ip, subscribe ip, subscription ip,
        ip address, ip""",
    Field.LEFT_AT: """
        left at, unsub time, unsubscribed at, unsubscribe date, unsubscribe time, date unsubscribed, opt out time,
        opt out date, optout time, unsubscribed on""",
    Field.LEFT_HOW: "left how",
    Field.LEFT_WHY: "left why, unsub reason, unsubscribe reason",
    Field.LEFT_WORDS: "unsub reason other",
    Field.BOUNCED_AT: "clean time, bounced at, bounce date, cleaned at, bounced on, date bounced",
    Field.NEWSLETTER: "newsletter slug",
    Field.SUPPRESSED: "suppressed, suppression, suppression reason",
    Field.SUPPRESSED_AT: "suppressed at",
    Field.SUPPRESSED_DETAIL: "suppressed detail",
    Field.PAUSED_UNTIL: "paused until, pause until, snoozed until",
    Field.MIN_DAYS: "min days",
    Field.LAST_ISSUE_AT: "last issue at",
}


def letters(heading: str) -> str:
    """A heading by its letters and digits, lower case."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in text if char.isalnum())
