"""Which column of a file means what: headings as other systems and people in many languages write them.

A heading is compared by its letters and digits only, so "E-mail", "e_mail" and "EMAIL:" are one. A heading that is
not known is left alone and named in the report: we keep no more about people than we use. Words that also mean
something else, such as "state" (California), are not among them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from subscribers.addresses import parse_address, plain
from subscribers.errors import BadAddress, FileMistake


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
    LEFT_AT = "left at"
    LEFT_HOW = "left how"
    BOUNCED_AT = "bounced at"
    #: The export's own columns.
    NEWSLETTER = "newsletter"
    SUPPRESSED = "suppressed"
    SUPPRESSED_AT = "suppressed at"
    SUPPRESSED_DETAIL = "suppressed detail"


#: Best first: of two columns for one field the one whose heading stands earlier here is read.
_HEADINGS: dict[Field, str] = {
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
        confirm time, confirmed at, subscribed at, subscription date, subscribe date, date subscribed, signup date,
        sign up date, signed up at, date added, created at, created, created on, added on, date d'inscription,
        anmeldedatum""",
    Field.CONSENT_SOURCE: """
        consent source, consent, consent method, consent text, signup source, sign up source, source, opt in source,
        optin source, subscription source, referrer, how""",
    Field.LEFT_AT: """
        left at, unsub time, unsubscribed at, unsubscribe date, unsubscribe time, date unsubscribed, opt out time,
        opt out date, optout time, unsubscribed on""",
    Field.LEFT_HOW: "left how, unsub reason, unsubscribe reason",
    Field.BOUNCED_AT: "clean time, bounced at, bounce date, cleaned at, bounced on, date bounced",
    Field.NEWSLETTER: "newsletter slug",
    Field.SUPPRESSED: "suppressed, suppression, suppression reason",
    Field.SUPPRESSED_AT: "suppressed at",
    Field.SUPPRESSED_DETAIL: "suppressed detail",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Where each field stands, counted from 0."""

    place: dict[Field, int]
    #: Headings as written; empty when the file has none.
    headings: tuple[str, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        read = set(self.place.values())
        return tuple(heading for at, heading in enumerate(self.headings) if at not in read and heading.strip())


def recognise(first: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Columns:
    """The columns of a file by its first row, with some rows after it. Raises FileMistake when none is an address."""
    if any(_is_address(cell) for cell in first):
        return _without_headings(first)
    place = _by_heading(first)
    if Field.ADDRESS not in place and (guess := _by_content(first, samples)) is not None:
        place[Field.ADDRESS] = guess
    if Field.ADDRESS not in place:
        raise _no_address(first)
    return Columns(place=place, headings=tuple(cell.strip() for cell in first))


def letters(heading: str) -> str:
    """A heading by its letters and digits, lower case."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in text if char.isalnum())


def _by_heading(first: Sequence[str]) -> dict[Field, int]:
    best: dict[Field, tuple[int, int]] = {}
    for at, heading in enumerate(first):
        known = _KNOWN.get(letters(heading))
        if known and (known.field not in best or known.rank < best[known.field][0]):
            best[known.field] = (known.rank, at)
    return {field: at for field, (_, at) in best.items()}


def _by_content(first: Sequence[str], samples: Sequence[Sequence[str]]) -> int | None:
    """The one column that holds addresses under a heading we do not know."""
    full = [
        at
        for at in range(len(first))
        if samples and sum(at < len(row) and _is_address(row[at]) for row in samples) > len(samples) / 2
    ]
    return full[0] if len(full) == 1 else None


def _without_headings(first: Sequence[str]) -> Columns:
    at = next(at for at, cell in enumerate(first) if _is_address(cell))
    place = {Field.ADDRESS: at}
    if len(first) == 2:  # "address, name" is the only shape that needs no heading to be understood
        place[Field.NAME] = 1 - at
    return Columns(place=place)


def _is_address(cell: str) -> bool:
    try:
        return plain(cell.strip()) is not None or ("@" in cell and bool(parse_address(cell)))
    except BadAddress:
        return False


def _no_address(first: Sequence[str]) -> FileMistake:
    seen = tuple(cell.strip()[:40] for cell in first if cell.strip())
    return FileMistake(
        f"No column holds email addresses. Columns seen: {', '.join(seen) or 'none'}. Nothing was changed.",
        hint="Name the column “email” in the file's first row.",
        columns=seen,
    )


@dataclass(frozen=True, slots=True)
class _Heading:
    field: Field
    rank: int


_KNOWN = {
    letters(heading): _Heading(field, rank)
    for field, headings in _HEADINGS.items()
    for rank, heading in enumerate(headings.split(","))
}
