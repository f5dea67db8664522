"""Which network a request comes from, for limits: the reader's, not our proxy's, and not one that a stranger claims."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

#: A provider gives each household a network of this size at least; counting by single addresses would count nobody.
_V6_PREFIX = 64


def network_of(peer: str, forwarded: Sequence[str], *, proxies: int) -> str:
    """The network of the reader, as text.

    `peer` is who is connected to us, `forwarded` the X-Forwarded-For lines. Each of our `proxies` added one address at
    the right; whatever stands before those was written by strangers.
    """
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    hops.append(peer)
    # Fewer than we were told of: it came past a proxy, or from this very machine.
    return _network(hops[-1 - min(proxies, len(hops) - 1)])


def _network(address: str) -> str:
    bare = address.strip("[]") if address.count(":") != 1 else address.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found, _V6_PREFIX), strict=False))
    return str(found)
