"""Which machines a source may make us talk to."""

from __future__ import annotations

import httpx
import pytest

from digest.articles.sources.addresses import Guard, why_private
from digest.errors import AddressRefused, FetchError

PUBLIC = "93.184.216.34"


def guard(*answers: str, allow: tuple[str, ...] = ()) -> Guard:
    return Guard(allow_hosts=allow, resolver=lambda _host, _port: answers)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo to 127.0.0.1
        "5f00::1",
    ],
)
def test_an_address_that_is_not_public_is_refused_with_its_reason(address: str) -> None:
    assert why_private(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_fine_also_behind_a_translator(address: str) -> None:
    assert why_private(address) == ""


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(AddressRefused, match=r"sneaky\.example is this machine \(127\.0\.0\.1\)"):
        guard(PUBLIC, "127.0.0.1").admit(httpx.URL("http://sneaky.example/"))


def test_all_checked_addresses_are_tried_in_the_resolvers_order() -> None:
    assert guard(PUBLIC, "8.8.8.8").admit(httpx.URL("https://courier.example/")) == (PUBLIC, "8.8.8.8")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://LOCALHOST./",
        "http://admin.localhost/",
        "http://printer.local/",
        "http://db.internal/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://courier.example:22/",
        "http://courier.example:6379/",
        "ftp://courier.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://courier.example/",
    ],
)
def test_odd_addresses_are_refused_before_anything_is_looked_up(url: str) -> None:
    looked_up: list[str] = []
    strict = Guard(resolver=lambda host, _port: looked_up.append(host) or [PUBLIC])  # type: ignore[func-returns-value]
    with pytest.raises(AddressRefused):
        strict.admit(httpx.URL(url))
    assert looked_up == []


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(AddressRefused) as refusal:
        guard(PUBLIC).admit(httpx.URL("https://alice:hunter2@courier.example/"))
    assert "hunter2" not in str(refusal.value)


def test_the_refusal_says_how_to_let_an_intranet_through() -> None:
    with pytest.raises(AddressRefused) as refusal:
        guard("10.1.2.3").admit(httpx.URL("http://cms.courier.example:8080/"))
    assert '"cms.courier.example:8080" to `fetch.allow_hosts`' in refusal.value.hint


def test_an_allowed_host_is_allowed_on_that_port_only() -> None:
    intranet = guard("10.1.2.3", allow=("cms.courier.example:9090",))
    assert intranet.admit(httpx.URL("http://cms.courier.example:9090/feed")) == ("10.1.2.3",)
    with pytest.raises(AddressRefused):
        intranet.admit(httpx.URL("http://cms.courier.example:8080/feed"))


def test_an_allowed_name_without_a_port_is_allowed_on_web_ports() -> None:
    intranet = guard("10.1.2.3", allow=("cms",))
    assert intranet.admit(httpx.URL("http://cms/feed"))
    with pytest.raises(AddressRefused):
        intranet.admit(httpx.URL("http://cms:5432/"))


def test_a_name_that_does_not_resolve_says_so() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(FetchError, match=r"the name riverbnd\.example cannot be resolved"):
        Guard(resolver=nowhere).admit(httpx.URL("https://riverbnd.example/feed"))
