"""Notices: small mails to one person (confirm an address), rendered like editions but with their values in place.

A notice is a folder `templates/email/notices/<name>` with subject.txt, body.mjml, body.txt and sample.toml; its words
stand in the language files under the notice's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from digest.errors import RenderError
from digest.render.shown import harmless, web_link


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A notice ready to be sent: it has no slots."""

    subject: str
    html: str
    text: str


def notice_values(values: Mapping[str, str], label: str) -> dict[str, str]:
    """`values` made harmless. A name ending in `_url` must hold a web link: a notice without it is worthless."""
    safe = {name: harmless(value) for name, value in values.items()}
    for name, value in safe.items():
        if name.endswith("_url") and not web_link(value):
            raise RenderError(
                f"{name} is no http or https address: {value!r}.",
                template=label,
                hint="Check the site's address in the settings.",
            )
    return safe
