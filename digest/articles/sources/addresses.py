"""Which machines a newsroom's sources may make us talk to.

A feed is written by strangers: an entry or a redirect can name `http://169.254.169.254/` and have our server read its
own secrets to them. So every host is resolved once, all addresses it resolves to must be public, and the connection
goes to the very address that was checked (`network`): a second look-up could answer differently.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from digest.errors import AddressRefused, FetchError

#: Host and port → addresses in the order to be tried. Raises OSError when the name does not resolve.
Resolver = Callable[[str, int], Sequence[str]]

#: Where web servers listen. A port that speaks mail or a database is nobody's feed.
WEB_PORTS = frozenset({80, 443, 8000, 8080, 8443})

_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "home.arpa")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
#: All that is routed on the public Internet so far; the rest of IPv6 is local, special or not given out.
_PUBLIC_IPV6 = IPv6Network("2000::/3")

#: What Python's own tables pass over, or did in one of the versions we run on; in words why it is nobody's web site.
_SPECIAL = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("100.64.0.0/10", "an address inside a provider's or a cloud's network"),
        ("168.63.129.16/32", "where a cloud machine talks to its host"),
        ("192.0.0.0/24", "an address for protocols, where some clouds keep their secrets"),
        ("192.88.99.0/24", "a relay for an old protocol"),
        ("fd00:ec2::/32", "where cloud machines keep their secrets"),
        ("fd20:ce::/32", "where cloud machines keep their secrets"),
        ("2001::/23", "an address for protocols"),
        ("3fff::/20", "an address for examples"),
        ("5f00::/16", "an address for routers"),
    )
)

_ELSEWHERE = (
    "It is allowed only for what is declared on it: a source with its location there, or an address given by hand. "
    "A link from elsewhere does not lead to it."
)
_ALLOW = 'If it is yours, add "{place}" to `fetch.allow_hosts` in settings.toml.'


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses of a host as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def why_private(address: str) -> str:
    """Why we do not connect to an address, in words; empty for a public one."""
    ip = _innermost(ip_address(address))
    for network, kind in _SPECIAL:
        if ip.version == network.version and ip in network:
            return kind
    for kind, is_kind in (
        ("this machine", ip.is_loopback or ip.is_unspecified),
        ("a link-local address, where cloud machines keep their secrets", ip.is_link_local),
        ("a multicast address", ip.is_multicast),
        ("a private address", ip.is_private or not ip.is_global),
        ("a reserved address", ip.is_reserved),
        ("a private address", isinstance(ip, IPv6Address) and ip not in _PUBLIC_IPV6),
    ):
        if is_kind:
            return kind
    return ""


def _innermost(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for (mapped, compatible, 6to4, Teredo, NAT64), else itself."""
    if isinstance(ip, IPv4Address):
        return ip
    embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
    if embedded:
        return embedded
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class Guard:
    """Says which addresses a URL may be fetched from. `allow_hosts` are exact `host` or `host:port` strings."""

    def __init__(self, *, allow_hosts: Iterable[str] = (), resolver: Resolver = system_resolver) -> None:
        self._allowed = frozenset(host.strip().lower() for host in allow_hosts)
        self._resolver = resolver

    def admit(self, url: httpx.URL, *, declared: str | None = None) -> tuple[str, ...]:
        """The checked addresses of the URL's host, in the order to be tried. Raises FetchError otherwise.

        `declared` is the host that a person wrote down, when the URL itself may come from a stranger: of the allowed
        hosts only that one is let through then.
        """
        _refuse_odd(url)
        host, port = host_of(url), port_of(url)
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        allowed = place in self._allowed or (host in self._allowed and port in WEB_PORTS)
        if allowed and declared in (None, host):
            return self._resolve(url, host, port)
        hint = _ELSEWHERE if allowed else _ALLOW.format(place=place)
        _refuse_place(url, host, port, hint)
        addresses = self._resolve(url, host, port)
        for address in addresses:
            if reason := why_private(address):
                raise refused(url, f"{host} is {reason} ({address})", hint=hint)
        return addresses

    def _resolve(self, url: httpx.URL, host: str, port: int) -> tuple[str, ...]:
        try:
            # A scope ("fe80::1%eth0") is cut off: such an address is refused anyway.
            found = tuple(address.partition("%")[0] for address in self._resolver(host, port))
        except (OSError, UnicodeError) as trouble:
            raise unresolved(url, host) from trouble
        if not found:
            raise unresolved(url, host)
        return found


def host_of(url: httpx.URL) -> str:
    return url.host.lower().rstrip(".")


def port_of(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def refused(url: httpx.URL | str, reason: str, *, hint: str = "") -> AddressRefused:
    return AddressRefused(f"Did not fetch {url}: {reason}.", hint=hint)


def unresolved(url: httpx.URL, host: str) -> FetchError:
    return FetchError(
        f"Could not fetch {url}: the name {host} cannot be resolved.",
        hint="Check the spelling, and that this machine has a network connection.",
        unanswered=True,
    )


def _refuse_odd(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https"):
        hint = f"Write https://{url}." if not url.scheme and url.path else "Only http and https addresses are read."
        raise refused(url, "it does not begin with http:// or https://", hint=hint)
    if not url.host:
        raise refused(url, "it names no host")
    if url.userinfo:
        shown = url.copy_with(username=None, password=None)
        raise refused(shown, "it carries a user name or password", hint="Leave them out of the address.")


def _refuse_place(url: httpx.URL, host: str, port: int, hint: str) -> None:
    labels = host.split(".")
    if any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES):
        raise refused(url, f"{host} is a name of the local network", hint=hint)
    if ":" not in host and labels[-1][:1].isdigit() and not _is_plain_ipv4(host):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to some resolvers and something else to others.
        raise refused(url, f"{host} is a number, not a name", hint="Write the host's name.")
    if port not in WEB_PORTS:
        raise refused(url, f"port {port} is not one that web servers use", hint=hint)


def _is_plain_ipv4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False
