"""A table of settings: what one setting is, and how a table of the file is read by it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from digest.settings.checks import Check, fine
from digest.settings.secret import SECRETS

#: The default of a setting that has none.
REQUIRED = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    #: Dotted name in the file.
    name: str
    type: type
    default: Any
    #: One sentence for the docs.
    help: str
    check: Check = fine


def dotted(raw: Mapping[str, Any], table: Sequence[Setting], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names, down to the names that the table declares."""
    names = {setting.name for setting in table}
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        name = prefix + key
        if isinstance(value, dict) and name not in names:
            flat |= dotted(value, table, f"{name}.")
        else:
            flat[name] = value
    return flat


def read(raw: Mapping[str, Any], table: Sequence[Setting], where: str, problems: list[str]) -> dict[str, Any]:
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
    if setting.type is str and type(value) is date:
        value = value.isoformat()  # TOML has days of its own, and people write them
    if not isinstance(value, setting.type) or (isinstance(value, bool) and setting.type is not bool):
        problems.append(f"{where}{setting.name} must be {NAMES[setting.type]}, not {value!r}")
        return setting.default
    if setting.default is REQUIRED and not value:
        problems.append(f"{where}{setting.name} is empty: {setting.help}")
    elif wrong := setting.check(value):
        problems.append(f"{where}{setting.name} = {value!r} {wrong}")
    return value


NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a table"}


def variable(name: str) -> str:
    """The environment variable of a setting: `database.url` → `DIGEST_DATABASE_URL`."""
    return "DIGEST_" + name.replace(".", "_").upper()
