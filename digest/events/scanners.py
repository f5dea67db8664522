"""Who looks at mail before its readers do: programs by the name they give, and scanners by where they come from.

Networks that scanners are said to look from, and nothing that readers are behind. They were put together in November
2026 from copies: issues and lists in other projects (of Microsoft's documentation among them) and archived SPF records,
some of 2020; no maker was asked, and networks change hands. So any may be out of date: check before you rely on one. A
wrong one costs a figure: clicks from there count as machines', and segments by `clicked` miss those readers.

Left out on purpose: the proxies that show images when the reader opens the mail (Google's, Yahoo's, Outlook's),
gateways through which offices browse (Zscaler, Cisco Umbrella), and clouds, where anybody's office may be. The
settings add more (`events.scanners`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

#: Programs that say so, and the scanners that put their name there. A Cubot is a telephone.
_AGENTS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|scan|headless|phantom|selenium|python|curl|wget|libwww|\bperl\b|java/|go-http|okhttp"
    r"|axios|node-fetch|httpclient|barracuda|proofpoint|mimecast|symantec|messagelabs|brightcloud|forcepoint|fireeye"
    r"|trellix|trendmicro|ironport|sophos|safelinks|bitdefender|kaspersky|fortiguard|preview",
    re.IGNORECASE,
)
#: Apple's Mail Privacy Protection fetches all images of all mail, and calls itself this and no more.
_PREFETCH = "Mozilla/5.0"

#: Whatever comes from here is a scanner's.
NETWORKS = (
    # Proofpoint: as its customers list them in their connectors to Microsoft 365; AS52129.
    "67.231.144.0/20",
    "148.163.128.0/19",
    "91.209.104.0/24",
    "91.207.212.0/23",
    "62.209.50.0/23",
    "185.132.180.0/22",
    "185.183.28.0/22",
    # Barracuda: Email Gateway Defense, as others' lists have it. Its newer products come from elsewhere.
    "64.235.144.0/20",
    "209.222.80.0/21",
    # Symantec, once MessageLabs: an archived SPF record of spf.messagelabs.com.
    "46.226.48.0/21",
    "67.219.240.0/20",
    "85.158.136.0/21",
    "95.131.104.0/21",
    "103.9.96.0/22",
    "117.120.16.0/21",
    "193.109.254.0/23",
    "194.106.220.0/23",
    "195.245.230.0/23",
    "216.82.240.0/20",
    # Mimecast: an archived SPF record of _netblocks.mimecast.com, without what it rented and gave back by 2023.
    "41.74.192.0/20",
    "91.220.42.0/24",
    "170.10.128.0/22",
    "170.10.132.0/23",
    "185.58.85.0/24",
    "185.58.86.0/24",
    "194.104.109.0/24",
    "194.104.111.0/24",
    "195.130.217.0/24",
    # Trend Micro's own network.
    "150.70.0.0/16",
)

#: Microsoft 365: Exchange Online Protection, as issues about Microsoft's documentation quote its list, and
#: 40.94.0.0/16, from which Safe Links is said to look. Readers who follow a checked link come to it by themselves: a
#: click from here is none of theirs. An open may be: Outlook on the web shows images through Microsoft.
CLICKS = (
    "40.92.0.0/15",
    "40.94.0.0/16",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
    "2a01:111:f400::/48",
    "2a01:111:f403::/48",
)


def is_program(agent: str) -> bool:
    """Whether a user agent names a program that reads for no reader just now."""
    return bool(agent and (_AGENTS.search(agent) or agent.strip() == _PREFETCH))


def is_scanner(address: str, *, clicked: bool, own: tuple[str, ...] = ()) -> bool:
    """Whether an open or click came from a scanner's network; `own` are more networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _parsed(NETWORKS + own + (CLICKS if clicked else ())))


@lru_cache(maxsize=8)
def _parsed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network, strict=False) for network in networks)
