"""CSS into elements: premailer for the stylesheet that a theme wants inlined, and for no other.

MJML's own resets, media queries and dark colours stay in `<style>` where they belong: written into every cell they
would triple the mail. premailer would fetch stylesheets from the network, drop the doctype (and put mail programs into
quirks mode), strip `!important` and let cssutils log a warning for each `mso-` property; none of that happens here.
"""

from __future__ import annotations

import re

from digest.render.mjml import INLINE_MARK

DOCTYPE = "<!doctype html>"

# Comments are passed over: premailer does not look into what they tell Outlook.
_STYLE = re.compile(rf"<!--.*?-->|<style(?P<attributes>[^>]*)>(?!{re.escape(INLINE_MARK)})", re.DOTALL)
#: Silences cssutils, which logs from DEBUG (10) to FATAL (50).
_SILENT = 60
# MJML writes these where mail programs need them; premailer's copies on every element are only weight.
_NO_COPIES = ["align", "bgcolor", "height", "valign", "width"]


def inline_css(html: str) -> str:
    """`html` with the marked stylesheets written into the elements they match."""
    from premailer import Premailer

    out = Premailer(
        _STYLE.sub(_keep, html),
        allow_network=False,
        allow_loading_external_files=False,
        strip_important=False,
        disable_validation=True,  # cssutils knows no mso- property and no value younger than itself
        disable_basic_attributes=_NO_COPIES,
        align_floating_images=False,
        remove_unset_properties=False,
        cssutils_logging_level=_SILENT,
    ).transform()
    return f"{DOCTYPE}\n{_without_doctype(str(out)).strip()}\n"


def _keep(match: re.Match[str]) -> str:
    attributes = match["attributes"]
    # premailer passes over a style sheet for some media by itself, and would leave the mark in it.
    if attributes is None or "media=" in attributes:
        return match[0]
    return f'<style{attributes} data-premailer="ignore">'


def _without_doctype(html: str) -> str:
    return re.sub(r"\A\s*<!doctype[^>]*>", "", html, flags=re.IGNORECASE)
