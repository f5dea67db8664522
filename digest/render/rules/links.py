"""Rules on links: where they lead, and what opening the mail would load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from digest.model import Finding
from digest.render.rules.mail import Mail, host_of
from digest.render.shown import web_link

# RFC 2606 and 6761: names kept for examples and tests, which no reader can open.
_PLACEHOLDER = re.compile(r"(^|\.)(example\.(com|net|org)|example|test|invalid)$")
_NOT_PUBLIC = re.compile(r"(^|\.)(localhost|local|internal|lan|home\.arpa)$")


def every_story_leads_somewhere(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if not story.url:
            yield mail.hint("story-unlinked", "The story has no link to the article.", where=story.headline)


def links_are_web_links(mail: Mail) -> Iterator[Finding]:
    for where, url in (*mail.addresses(), *mail.images()):
        if not web_link(url):
            said = f"This is no http or https address, so it was left out: {url[:200]}"
            yield mail.error("link-not-web", said, where=where)
    for url in mail.page.links:
        if not (web_link(url) or url.startswith(("#", "mailto:", "%%{"))):
            yield mail.error("link-not-web", f"The theme has a link that is no web link: {url[:200]}")


def links_can_be_opened_by_readers(mail: Mail) -> Iterator[Finding]:
    # A warning and no error: a newsroom that tries things out on its own machine must be able to approve.
    for where, url in (*mail.addresses(), *mail.images()):
        if _is_private(host_of(url)):
            yield mail.warning("link-private", f"Only this machine or network can open {url[:200]}", where=where)


def links_are_not_placeholders(mail: Mail) -> Iterator[Finding]:
    hosts = sorted({host_of(url) for _, url in mail.addresses() if _PLACEHOLDER.search(host_of(url))})
    if hosts:
        yield mail.hint("link-placeholder", f"Links lead to hosts that exist only in examples: {', '.join(hosts)}.")


def links_are_encrypted(mail: Mail) -> Iterator[Finding]:
    for where, url in mail.addresses():
        if url.strip().casefold().startswith("http://"):
            yield mail.hint("link-insecure", f"The link uses http, not https: {url[:200]}", where=where)


def nothing_loads_from_strangers(mail: Mail) -> Iterator[Finding]:
    for host in _strangers(mail, mail.page.loads):
        said = f"Opening the mail loads something from {host}, which learns who reads; remove it from the theme."
        yield mail.error("loads-from-stranger", said)


def nothing_leads_to_strangers(mail: Mail) -> Iterator[Finding]:
    for host in _strangers(mail, mail.page.links):
        yield mail.warning("leads-to-stranger", f"The theme links to {host}, which the edition does not name.")


def _strangers(mail: Mail, urls: tuple[str, ...]) -> list[str]:
    return sorted({host_of(url) for url in urls} - mail.own_hosts() - {""})


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return bool(host) and (bool(_NOT_PUBLIC.search(host)) or "." not in host)
