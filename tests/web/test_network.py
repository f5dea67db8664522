"""Which network a request comes from: the reader's own, and never one that a stranger claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.network import network_of


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "network"),
    [
        ("198.51.100.7", [], 0, "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.9"], 0, "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9"], 1, "203.0.113.9"),
        ("127.0.0.1", ["10.9.9.9, 203.0.113.9"], 1, "203.0.113.9"),
        ("127.0.0.1", ["10.9.9.9", "203.0.113.9"], 1, "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 192.0.2.4"], 2, "203.0.113.9"),
        ("127.0.0.1", [], 1, "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], 3, "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9:51324"], 1, "203.0.113.9"),
        ("127.0.0.1", ["2001:db8:1:2:3:4:5:6"], 1, "2001:db8:1:2::/64"),
        ("127.0.0.1", ["[2001:db8:1:2::9]"], 1, "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", [], 0, "198.51.100.7"),
        ("fe80::1%eth0", [], 0, "fe80::/64"),
        ("127.0.0.1", ["unknown"], 1, "unknown"),
        ("127.0.0.1", ["<script>"], 1, "unknown"),
        ("", [], 1, "unknown"),
    ],
)
def test_it_is_the_address_that_the_outermost_proxy_of_ours_saw(
    peer: str, forwarded: list[str], proxies: int, network: str
) -> None:
    assert network_of(peer, forwarded, proxies=proxies) == network


@given(st.lists(st.text(max_size=60), max_size=4), st.integers(0, 3))
def test_whatever_strangers_write_it_is_a_short_word(forwarded: list[str], proxies: int) -> None:
    assert 0 < len(network_of("198.51.100.7", forwarded, proxies=proxies)) < 50


@given(st.text(max_size=100))
def test_what_stands_before_our_proxys_word_changes_nothing(claimed: str) -> None:
    assert network_of("127.0.0.1", [f"{claimed}, 203.0.113.9"], proxies=1) == "203.0.113.9"
