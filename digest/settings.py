"""Settings: one declared table, read from one file and then the environment, with all mistakes reported at once.

`DIGEST_SETTINGS` names the file (default `./settings.toml`). A setting `a.b` may be overridden by the environment
variable `DIGEST_A_B`. Relative paths in the file are relative to the file. Secrets come from the environment or from
a file that it names, never from `settings.toml`. `docs/settings.md` is made from the tables below.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.errors import SettingsError, UsageMistake
from digest.model import Appeal, Button, Heading, Link, Newsletter, Source, SourceKind, Supporter

Check = Callable[[Any], str]

REQUIRED = object()


# --- Checks: a value comes in, what is wrong with it comes out ("" when nothing is) ------------------------


def fine(_: object) -> str:
    return ""


def one_of(*allowed: str) -> Check:
    def check(value: str) -> str:
        return "" if value in allowed else f"must be one of {', '.join(allowed)}"

    return check


def at_least(least: float) -> Check:
    def check(value: float) -> str:
        if not math.isfinite(value):
            return "must be a number that can be reached"
        return "" if value >= least else f"must be at least {least:g}"

    return check


def some(value: str) -> str:
    return "" if value.strip() else "must not be empty"


def list_id(value: str) -> str:
    fits = not value or re.fullmatch(r"[\w.+-]+", value, re.ASCII)
    return "" if fits else "must be words joined by dots, such as daily.news.example.org"


def web_address(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    return "" if parts.scheme in ("http", "https") and parts.netloc else "must be an http:// or https:// address"


def email_address(value: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    if not value:
        return ""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return f"is not an email address: {error}"
    return ""


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return "is not a time zone name such as America/New_York"
    return ""


def cadence(value: str) -> str:
    from digest.issue.schedule import read_cadence

    if not value:
        return ""
    try:
        read_cadence(value)
    except ValueError as error:
        return str(error)
    return ""


def supporters(value: list[Any]) -> str:
    known = list(Supporter)
    unknown = [str(word) for word in value if word not in known]
    return f"knows no supporter {', '.join(unknown)}; choose from {', '.join(Supporter)}" if unknown else ""


def word_range(value: list[Any]) -> str:
    whole = len(value) == 2 and all(type(number) is int for number in value)
    return "" if whole and 1 <= value[0] <= value[1] else "must be two whole numbers, least and most, as [20, 60]"


def texts(value: list[Any] | dict[str, Any]) -> str:
    said = value.values() if isinstance(value, dict) else value
    return "" if all(isinstance(word, str) for word in said) else "may hold text only"


def placeholders(value: str) -> str:
    try:
        value.format(lead="", name="", date="", number=0)
    except (AttributeError, LookupError, TypeError, ValueError):
        return "may use {lead}, {name}, {date} and {number} only"
    return ""


# --- The tables --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    #: Dotted name in the file.
    name: str
    type: type
    default: Any
    #: One sentence for the docs.
    help: str
    check: Check = fine


def _s(name: str, kind: type, default: Any, sentence: str, check: Check = fine) -> Setting:
    return Setting(name=name, type=kind, default=default, help=sentence, check=check)


SETTINGS: tuple[Setting, ...] = (
    _s("sender", str, "outbox", "Who carries the mail: `outbox` writes .eml files, `ses` is Amazon SES, `smtp` a "
       "mail server.", one_of("outbox", "ses", "smtp")),
    _s("public_url", str, "https://digest.example.org", "Where readers reach `digest serve`: leave, preferences and "
       "view-in-browser links start with it. Must be https for real sending (RFC 8058).", web_address),
    _s("database.url", str, "sqlite:///data/digest.db", "SQLAlchemy URL of the ledger: SQLite or PostgreSQL."),
    _s("paths.data", str, "data", "Folder for what the mailer makes itself: the generated key, previews."),
    _s("paths.outbox", str, "data/outbox", "Folder that the outbox sender writes .eml files to."),
    _s("paths.themes", str, "", "A folder with themes of your own, one folder each; empty for none."),
    _s("preview.images", dict, {}, "Address → folder: the preview shows images that start with the address from the "
       "folder, before they are published.", texts),
    _s("ses.region", str, "us-east-1", "AWS region of your SES account."),
    _s("ses.configuration_set", str, "", "SES configuration set, which publishes events; empty for none."),
    _s("ses.path", str, "bulk", "`bulk` sends up to 50 readers in one SendBulkEmail call, `single` one reader in one "
       "SendEmail call.", one_of("bulk", "single")),
    _s("ses.max_rate", float, 0.0, "Recipients per second at most; 0 for what the account allows.", at_least(0)),
    _s("ses.bulk_calls_per_second", float, 0.0, "SendBulkEmail calls per second at most; 0 for no limit but "
       "the rate. Set 1 where SES holds your account to its documented limit for API calls.", at_least(0)),
    _s("ses.price_per_thousand", float, 0.10, "Dollars for 1,000 recipients, for the forecast.", at_least(0)),
    _s("smtp.host", str, "localhost", "Mail server."),
    _s("smtp.port", int, 587, "Its port.", at_least(1)),
    _s("smtp.security", str, "starttls", "`starttls`, `tls` or `none`.", one_of("starttls", "tls", "none")),
    _s("smtp.username", str, "", "Empty for no login; the password comes from DIGEST_SMTP_PASSWORD or "
       "DIGEST_SMTP_PASSWORD_FILE."),
    _s("smtp.max_rate", float, 10.0, "Recipients per second at most.", at_least(0.01)),
    _s("fetch.timeout", float, 15.0, "Seconds that one document may take in all.", at_least(0.1)),
    _s("fetch.max_bytes", int, 5_000_000, "Bytes that one document may have, unpacked.", at_least(1000)),
    _s("fetch.allow_hosts", list, [], "Hosts (`name` or `name:port`) that may be fetched although their address is "
       "private, such as an intranet CMS.", texts),
    _s("delivery.workers", int, 4, "Threads of one process that send at the same time.", at_least(1)),
    _s("delivery.lease", float, 60.0, "Seconds after which a silent worker's batch is taken over.", at_least(5)),
    _s("delivery.late", float, 6.0, "Hours after its time up to which a scheduled issue is still sent by itself.",
       at_least(0)),
    _s("brakes.audience_jump", float, 1.5, "An audience that grew by this factor since approval stops the issue.",
       at_least(1)),
    _s("web.host", str, "127.0.0.1", "Address that `digest serve` listens on."),
    _s("web.port", int, 8400, "Port that `digest serve` listens on.", at_least(0)),
)  # fmt: skip

NEWSLETTER: tuple[Setting, ...] = (
    _s("name", str, REQUIRED, "Shown in the masthead."),
    _s("tagline", str, "", "A line below the name."),
    _s("sender_name", str, "", "Name in From; empty for the newsletter's name."),
    _s("sender_address", str, REQUIRED, "Address in From; its domain is verified in SES.", email_address),
    _s("reply_to", str, "", "Address that answers go to; empty for the sender's.", email_address),
    _s("list_id", str, "", "RFC 2919 List-Id; empty for `SLUG.` and the sender's domain.", list_id),
    _s("postal_address", str, REQUIRED, "Printed in every email, as the law asks."),
    _s("timezone", str, "UTC", "IANA zone of the cadence, `--at` and the printed date.", time_zone),
    _s("language", str, "en", "Language of the frame: en, fr, de, es, he or ar.",
       one_of("en", "fr", "de", "es", "he", "ar")),
    _s("theme", str, "classic", "The look: a folder below templates/email/themes or paths.themes.", some),
    _s("website", str, "", "The newsroom's site, linked from the masthead.", web_address),
    _s("why", str, "", "Why the reader gets this; empty for the theme's own sentence."),
    _s("reader", str, "reader", "What a reader without a name is called."),
    _s("cadence", str, "", "When issues are due, such as `weekdays 06:00` or `mon,thu 17:30 Europe/Paris`; empty for "
       "by hand.", cadence),
    _s("draft_ahead", float, 12.0, "Hours before its time at which `digest run` drafts an issue.", at_least(0)),
    _s("subject", str, "{lead}", "Subject of a new issue; {lead}, {name}, {date} and {number} are filled.",
       placeholders),
    _s("stories", int, 10, "Stories in an issue, the lead included.", at_least(1)),
    _s("per_source", int, 5, "Stories from one source at most.", at_least(1)),
    _s("window_hours", float, 24.0, "Hours that an article counts as new.", at_least(1)),
    _s("summary_words", list, [20, 60], "Words of an extracted summary, least and most.", word_range),
    _s("ask_for", list, ["none", "one-time", "lapsed", "unknown"], "Supporters who get the appeal; the others get "
       "`thanks`.", supporters),
    _s("sections", list, [], "`{ slug, title }`, in the order they are printed."),
    _s("sources", list, [], "`{ name, kind, location, section, weight, limit }`."),
    _s("social", list, [], "`{ label, url }`."),
    _s("appeal", dict, {}, "The ask: headline, text, one_time_label, one_time_url, monthly_label, monthly_url."),
    _s("thanks", dict, {}, "What supporters outside `ask_for` read instead: headline, text."),
    _s("campaign", dict, {"utm_medium": "email"}, "Parameters on the appeal's links; utm_campaign is the issue.",
       texts),
)  # fmt: skip

SECTION: tuple[Setting, ...] = (
    _s("slug", str, REQUIRED, "Short name that sources and stories use."),
    _s("title", str, REQUIRED, "Heading above its stories."),
)

SOURCE: tuple[Setting, ...] = (
    _s("name", str, REQUIRED, "Shown to editors; unique in the newsletter."),
    _s("kind", str, REQUIRED, "`feed`, `page`, `wordpress` or `folder`.", one_of(*SourceKind)),
    _s("location", str, REQUIRED, "Address, or a path relative to the settings file."),
    _s("section", str, "", "Slug of the section its articles go to; empty for the first."),
    _s("weight", float, 1.0, "Higher is chosen sooner.", at_least(0)),
    _s("limit", int, 20, "Articles read at one gathering at most.", at_least(1)),
)

LINK: tuple[Setting, ...] = (
    _s("label", str, REQUIRED, "Words of the link."),
    _s("url", str, REQUIRED, "Where it goes.", web_address),
)

APPEAL: tuple[Setting, ...] = (
    _s("headline", str, REQUIRED, "The ask in a few words."),
    _s("text", str, REQUIRED, "Why it matters."),
    _s("one_time_label", str, "", "Words on the one-time button; empty for the theme's own."),
    _s("one_time_url", str, "", "Where a one-time gift is made; empty for no button.", web_address),
    _s("monthly_label", str, "", "Words on the monthly button; empty for the theme's own."),
    _s("monthly_url", str, "", "Where a monthly gift is made; empty for no button.", web_address),
)

#: Secrets: read from the environment variable, or from the file that NAME_FILE names.
SECRETS: dict[str, str] = {
    "DIGEST_SECRET_KEY": "Signs readers' links; several keys separated by commas: the first signs, all are believed.",
    "DIGEST_SMTP_PASSWORD": "Password of smtp.username.",
}


class Newsletters(dict[str, Newsletter]):
    """The declared newsletters by slug. Asking for another one is a mistake that says which there are.

    An issue outlives its newsletter: a slug that was renamed in the file still stands in the database.
    """

    def __missing__(self, slug: str) -> Newsletter:
        known = ", ".join(self) or "none yet"
        raise UsageMistake(f"There is no newsletter {slug!r} in the settings.", hint=f"Declared are: {known}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the file and the environment say, checked."""

    #: The settings file; relative paths in it are relative to its folder.
    file: Path
    values: Mapping[str, Any]
    newsletters: Newsletters
    secrets: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def path(self, name: str) -> Path:
        """The folder or file that a `paths.*` setting names, absolute."""
        return (self.file.parent / str(self.values[name])).resolve()

    def newsletter(self, slug: str) -> Newsletter:
        """Raises UsageMistake for one that is not declared."""
        return self.newsletters[slug]


# --- Reading -----------------------------------------------------------------------------------------------


def load(environment: Mapping[str, str] | None = None, *, file: Path | None = None) -> Settings:
    """Read the settings. Raises SettingsError with every mistake at once."""
    env = os.environ if environment is None else environment
    path = (file or Path(env.get("DIGEST_SETTINGS") or "settings.toml")).absolute()
    raw = _read_file(path)
    problems: list[str] = []
    newsletters = raw.pop("newsletters", {})
    values = _read(_flat(raw, SETTINGS), SETTINGS, "", problems)
    _from_environment(values, env, problems)
    if not isinstance(newsletters, dict):
        problems.append("newsletters: must be tables, [newsletters.SLUG]")
        newsletters = {}
    read = {slug: _newsletter(slug, table, path.parent, problems) for slug, table in newsletters.items()}
    secrets = {name: value for name in SECRETS if (value := _secret(name, env, problems))}
    if problems:
        raise SettingsError([f"{path.name}: {problem}" for problem in problems], hint="Nothing was started.")
    if not env.get("DIGEST_DATABASE_URL"):
        values["database.url"] = _beside(path, values["database.url"])
    declared = Newsletters((slug, newsletter) for slug, newsletter in read.items() if newsletter is not None)
    return Settings(file=path, values=values, newsletters=declared, secrets=secrets)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors begin with a mark
    except FileNotFoundError:
        raise SettingsError(
            [f"There is no settings file {path}."],
            hint="Run this where settings.toml is, or name the file in DIGEST_SETTINGS.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path.name} is not valid TOML: {error}."], hint="Nothing was started.") from None
    except OSError as error:
        raise SettingsError([f"{path} could not be read: {error.strerror}."]) from None


def _flat(raw: Mapping[str, Any], table: Sequence[Setting], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names, down to the names that the table declares."""
    names = {setting.name for setting in table}
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        name = prefix + key
        if isinstance(value, dict) and name not in names:
            flat |= _flat(value, table, f"{name}.")
        else:
            flat[name] = value
    return flat


def _read(raw: Mapping[str, Any], table: Sequence[Setting], where: str, problems: list[str]) -> dict[str, Any]:
    """The table's values from `raw`, with defaults; what is wrong is added to `problems`."""
    names = [setting.name for setting in table]
    problems.extend(f"{where}{key} {_no_setting(key, names)}" for key in raw if key not in names)
    values: dict[str, Any] = {}
    for setting in table:
        value = raw.get(setting.name, setting.default)
        if value is REQUIRED:
            problems.append(f"{where}{setting.name} is missing: {setting.help}")
            continue
        values[setting.name] = _checked(setting, value, where, problems)
    return values


def _no_setting(key: str, names: Sequence[str]) -> str:
    if (secret := variable(key)) in SECRETS:
        return f"is a secret and has no place here; set {secret} or {secret}_FILE"
    close = difflib.get_close_matches(key, names, n=1)
    return "is not a setting" + (f"; did you mean {close[0]}?" if close else "")


def _checked(setting: Setting, value: Any, where: str, problems: list[str]) -> Any:
    if setting.type is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, setting.type) or (isinstance(value, bool) and setting.type is not bool):
        problems.append(f"{where}{setting.name} must be {_NAMES[setting.type]}, not {value!r}")
        return setting.default
    if setting.default is REQUIRED and not value:
        problems.append(f"{where}{setting.name} is empty: {setting.help}")
    elif wrong := setting.check(value):
        problems.append(f"{where}{setting.name} = {value!r} {wrong}")
    return value


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a table"}


def variable(name: str) -> str:
    """The environment variable of a setting: `database.url` → `DIGEST_DATABASE_URL`."""
    return "DIGEST_" + name.replace(".", "_").upper()


def _from_environment(values: dict[str, Any], env: Mapping[str, str], problems: list[str]) -> None:
    for setting in SETTINGS:
        text = env.get(variable(setting.name))
        if not text or setting.type is dict:
            continue
        try:
            value = [word.strip() for word in text.split(",")] if setting.type is list else setting.type(text)
        except ValueError:
            problems.append(f"{variable(setting.name)} must be {_NAMES[setting.type]}, not {text!r}")
            continue
        wrong = setting.check(value)
        if wrong:
            problems.append(f"{variable(setting.name)} = {text!r} {wrong}")
        values[setting.name] = value


def _secret(name: str, env: Mapping[str, str], problems: list[str]) -> str:
    file = env.get(f"{name}_FILE")
    if not file:
        return env.get(name, "")
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{name}_FILE names {file}, which cannot be read: {why}")
        return ""
    if not secret:
        problems.append(f"{name}_FILE names {file}, which is empty")
    return secret


def _beside(file: Path, url: str) -> str:
    """A relative SQLite path, made relative to the settings file."""
    start = "sqlite:///"
    path = url.removeprefix(start)
    if not url.startswith(start) or path.startswith(("/", ":")) or not path:
        return url
    return f"{start}{(file.parent / path).resolve()}"


# --- Newsletters -------------------------------------------------------------------------------------------


def _newsletter(slug: str, table: Any, folder: Path, problems: list[str]) -> Newsletter | None:
    where = f"newsletters.{slug}."
    if not isinstance(table, dict):
        problems.append(f"newsletters.{slug} must be a table, [newsletters.{slug}]")
        return None
    if not slug.replace("-", "").replace("_", "").isalnum() or not slug.isascii():
        problems.append(f"newsletters.{slug}: a slug has letters, digits, - and _ only")
    before = len(problems)
    v = _read(table, NEWSLETTER, where, problems)
    sections = _tables(v, "sections", SECTION, where, problems)
    sources = _tables(v, "sources", SOURCE, where, problems)
    social = _tables(v, "social", LINK, where, problems)
    ask = _read(v["appeal"], APPEAL, f"{where}appeal.", problems) if v.get("appeal") else None
    thanks = _read(v["thanks"], APPEAL, f"{where}thanks.", problems) if v.get("thanks") else None
    if len(problems) == before:
        _agree(sections, sources, where, problems)
    if len(problems) > before:
        return None
    return Newsletter(
        slug=slug,
        **{name: v[name] for name in _PLAIN},
        sender_name=v["sender_name"] or v["name"],
        reply_to=v["reply_to"] or v["sender_address"],
        list_id=v["list_id"] or f"{slug}.{v['sender_address'].rpartition('@')[2]}",
        summary_words=(v["summary_words"][0], v["summary_words"][1]),
        sections=tuple(Heading(**section) for section in sections) or (Heading(slug="news", title=v["name"]),),
        sources=tuple(_source(source, folder) for source in sources),
        social=tuple(Link(**link) for link in social),
        ask=_appeal(ask),
        ask_for=tuple(Supporter(word) for word in v["ask_for"]),
        thanks=_appeal(thanks),
    )


#: Settings of a newsletter that are its fields as they stand.
_PLAIN = (
    "name", "tagline", "sender_address", "postal_address", "timezone", "language", "theme", "website", "why",
    "reader", "cadence", "draft_ahead", "subject", "stories", "per_source", "window_hours", "campaign",
)  # fmt: skip


def _tables(
    values: Mapping[str, Any], name: str, table: Sequence[Setting], where: str, problems: list[str]
) -> list[dict[str, Any]]:
    """A list of tables, each checked; a mistake says in which of them it is."""
    found = values.get(name, [])
    if not all(isinstance(one, dict) for one in found):
        problems.append(f"{where}{name} must be a list of tables")
        return []
    return [_read(one, table, f"{where}{name} #{number}: ", problems) for number, one in enumerate(found, start=1)]


def _agree(sections: list[dict[str, Any]], sources: list[dict[str, Any]], where: str, problems: list[str]) -> None:
    """What must fit together: slugs and names are unique, sources go to sections that are there."""
    slugs = [section["slug"] for section in sections]
    names = [source["name"] for source in sources]
    for kind, words in (("section", slugs), ("source", names)):
        problems.extend(
            f"{where}{kind}s: there are two called {word!r}" for word in sorted(set(words)) if words.count(word) > 1
        )
    problems.extend(
        f"{where}sources: {source['name']!r} goes to section {source['section']!r}, which is not declared"
        for source in sources
        if source["section"] and source["section"] not in slugs
    )


def _source(values: dict[str, Any], folder: Path) -> Source:
    location = values["location"]
    if not location.startswith(("http://", "https://")):
        location = str((folder / location).resolve())
    return Source(**(values | {"kind": SourceKind(values["kind"]), "location": location}))


def _appeal(v: dict[str, Any] | None) -> Appeal | None:
    if v is None:
        return None

    def button(which: str) -> Button | None:
        return Button(label=v[f"{which}_label"], url=v[f"{which}_url"]) if v[f"{which}_url"] else None

    return Appeal(headline=v["headline"], text=v["text"], one_time=button("one_time"), monthly=button("monthly"))


# --- Docs --------------------------------------------------------------------------------------------------


def reference() -> str:
    """`docs/settings.md`, made from the tables."""
    lines = ["# Settings", "", (__doc__ or "").strip().split("\n\n", 1)[1], ""]
    for title, table in (
        ("Settings", SETTINGS),
        ("`[newsletters.SLUG]`", NEWSLETTER),
        ("`[[newsletters.SLUG.sections]]`", SECTION),
        ("`[[newsletters.SLUG.sources]]`", SOURCE),
        ("`[[newsletters.SLUG.social]]`", LINK),
        ("`[newsletters.SLUG.appeal]` and `.thanks`", APPEAL),
    ):
        lines += [f"## {title}", "", "| name | default | |", "| --- | --- | --- |"]
        lines += [f"| `{s.name}` | {_shown(s.default)} | {s.help} |" for s in table]
        lines.append("")
    lines += ["## Secrets", "", "| variable | |", "| --- | --- |"]
    lines += [f"| `{name}` or `{name}_FILE` | {sentence} |" for name, sentence in SECRETS.items()]
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is REQUIRED:
        return "*required*"
    return f"`{default!r}`".replace("'", '"') if default != "" else ""


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
