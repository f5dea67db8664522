"""Checks of single settings: a value comes in, what is wrong with it comes out ("" when nothing is)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.model import Supporter

Check = Callable[[Any], str]


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


def day(value: str) -> str:
    try:
        date.fromisoformat(value or "2026-11-29")
    except ValueError:
        return "is not a day such as 2026-11-29"
    return ""


def day_caps(value: list[Any]) -> str:
    """From the file they are numbers, from the environment their digits."""
    whole = all(type(cap) is int or (isinstance(cap, str) and cap.isdecimal()) for cap in value)
    return "" if whole and all(int(cap) > 0 for cap in value) else "must be whole numbers above 0, as [200, 500, 1000]"


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


def networks(value: list[Any]) -> str:
    from ipaddress import ip_network

    for word in value:
        try:
            ip_network(word, strict=False)
        except ValueError:
            return "may hold networks such as 192.0.2.0/24 only"
    return ""


def placeholders(value: str) -> str:
    try:
        value.format(lead="", name="", date="", number=0)
    except (AttributeError, LookupError, TypeError, ValueError):
        return "may use {lead}, {name}, {date} and {number} only"
    return ""


def topic_slug(value: str) -> str:
    return "" if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", value) else "may have small letters, digits, - and _ only"
