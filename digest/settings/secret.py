"""Secrets: from the environment, or from a file that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

#: Secrets: read from the environment variable, or from the file that NAME_FILE names.
SECRETS: dict[str, str] = {
    "DIGEST_SECRET_KEY": "Signs readers' links; several keys separated by commas: the first signs, all are believed.",
    "DIGEST_SMTP_PASSWORD": "Password of smtp.username.",
}


def read_secret(name: str, env: Mapping[str, str], problems: list[str]) -> str:
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
