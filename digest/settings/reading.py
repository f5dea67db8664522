"""Reading: one file, then the environment, and all mistakes at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from digest.errors import SettingsError
from digest.settings.declared import SETTINGS
from digest.settings.newsletters import newsletter_of
from digest.settings.secret import SECRETS, read_secret
from digest.settings.segments import resolved, segments_of
from digest.settings.table import NAMES, dotted, read, variable
from digest.settings.values import Newsletters, Settings


def load(environment: Mapping[str, str] | None = None, *, file: Path | None = None) -> Settings:
    """Read the settings. Raises SettingsError with every mistake at once."""
    env = os.environ if environment is None else environment
    path = (file or Path(env.get("DIGEST_SETTINGS") or "settings.toml")).absolute()
    raw = _read_file(path)
    problems: list[str] = []
    newsletters, segments = raw.pop("newsletters", {}), raw.pop("segments", {})
    values = read(dotted(raw, SETTINGS), SETTINGS, "", problems)
    _from_environment(values, env, problems)
    if values["ses.warm_up"] and not values["ses.warm_up_from"]:
        problems.append("ses.warm_up has caps but no first day: set ses.warm_up_from")
    if not isinstance(newsletters, dict):
        problems.append("newsletters: must be tables, [newsletters.SLUG]")
        newsletters = {}
    named = segments_of(segments, newsletters, problems)
    found = {slug: newsletter_of(slug, table, path.parent, problems) for slug, table in newsletters.items()}
    for slug, newsletter in found.items():
        if newsletter is not None and newsletter.segment:
            where = f"newsletters.{slug}.segment"
            meant = resolved(newsletter.segment, named, newsletters, where, problems)
            found[slug] = replace(newsletter, segment=meant)
    secrets = {name: value for name in SECRETS if (value := read_secret(name, env, problems))}
    if problems:
        raise SettingsError([f"{path.name}: {problem}" for problem in problems], hint="Nothing was started.")
    if not env.get("DIGEST_DATABASE_URL"):
        values["database.url"] = _beside(path, values["database.url"])
    declared = Newsletters((slug, newsletter) for slug, newsletter in found.items() if newsletter is not None)
    return Settings(file=path, values=values, newsletters=declared, segments=named, secrets=secrets)


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


def _from_environment(values: dict[str, Any], env: Mapping[str, str], problems: list[str]) -> None:
    for setting in SETTINGS:
        text = env.get(variable(setting.name))
        if not text or setting.type is dict:
            continue
        try:
            value = [word.strip() for word in text.split(",")] if setting.type is list else setting.type(text)
        except ValueError:
            problems.append(f"{variable(setting.name)} must be {NAMES[setting.type]}, not {text!r}")
            continue
        wrong = setting.check(value)
        if wrong:
            problems.append(f"{variable(setting.name)} = {text!r} {wrong}")
        values[setting.name] = value


def _beside(file: Path, url: str) -> str:
    """A relative SQLite path, made relative to the settings file."""
    start = "sqlite:///"
    path = url.removeprefix(start)
    if not url.startswith(start) or path.startswith(("/", ":")) or not path:
        return url
    return f"{start}{(file.parent / path).resolve()}"
