"""Pages that ask for a password where an article or a feed should be, and say "200 OK" all the same."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PATH = re.compile(
    r"(^|[/_.-])(log-?in|sign-?in|wp-login|auth|sso|connexion|anmelden|acceder|iniciar-sesion)([/_.-]|$)", re.IGNORECASE
)
# Bounded, because a hostile page can make an open-ended pattern search for hours.
_PASSWORD = re.compile(rb"<input\b[^<>]{0,1000}?\btype\s{0,9}=\s{0,9}[\"']?password\b", re.IGNORECASE)


def asks_for_password(content: bytes) -> bool:
    return bool(_PASSWORD.search(content[:200_000]))


def leads_to_login(asked: str, url: str, content: bytes) -> bool:
    """Was something else asked for, and a place to log in answered?"""
    there = urlsplit(url)
    is_elsewhere = (there.netloc, there.path) != urlsplit(asked)[1:3]
    return is_elsewhere and bool(_PATH.search(there.path)) and asks_for_password(content)
