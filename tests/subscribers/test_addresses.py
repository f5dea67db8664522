"""What counts as an address, and when two are the same person."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from subscribers.addresses import clean, hash_of, key_of, parse_address, plain
from subscribers.errors import BadAddress


@pytest.mark.parametrize(
    ("written", "text", "key"),
    [
        ("Alice@Example.ORG", "Alice@example.org", "alice@example.org"),
        ("  bob@example.org\u200b ", "bob@example.org", "bob@example.org"),
        ("Bob Builder <bob@example.org>", "bob@example.org", "bob@example.org"),
        ("mailto:carol@example.org", "carol@example.org", "carol@example.org"),
        ("dave@münchen.example", "dave@xn--mnchen-3ya.example", "dave@xn--mnchen-3ya.example"),
        ("o'hara+news@sub.example.org", "o'hara+news@sub.example.org", "o'hara+news@sub.example.org"),
        ("erin@news.test", "erin@news.test", "erin@news.test"),
    ],
)
def test_an_address_is_kept_as_mail_servers_take_it(written: str, text: str, key: str) -> None:
    assert parse_address(written) == (text, key)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "nothing there"),
        ("alice", "@"),
        ("alice@example", "period"),
        ("alice@@example.org", "@"),
        ("alice..b@example.org", "two periods"),
        ("alice@example.org; bob@example.org", "more than one address"),
        ("zoë@example.org", "before the @"),
        ("alice@printer.local", "special-use"),
        ("a" * 65 + "@example.org", "too long"),
        ("alice@" + "b." * 130 + "org", "254"),
        ("alice smith@example.org", "SPACE"),
        ("alice@-example.org", "hyphen"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_address(written)
    assert reason in refused.value.reason


def test_dots_and_tags_are_not_folded_because_only_the_provider_knows_what_they_mean() -> None:
    keys = {parse_address(a).key for a in ("a.lice@gmail.com", "alice@gmail.com", "alice+news@gmail.com")}
    assert len(keys) == 3


def test_the_key_of_something_broken_is_still_a_key() -> None:
    assert key_of(" Alice@Nowhere ") == "alice@nowhere"
    assert len(hash_of("alice@example.org")) == 32


_local = st.text(alphabet="abcXYZ019.!#$%&'*+-/=?^_`{|}~ @é\"", min_size=1, max_size=70)
_domain = st.lists(st.text(alphabet="abcXYZ019-_é", min_size=1, max_size=66), min_size=1, max_size=4).map(".".join)


@given(local=_local, domain=_domain, tld=st.sampled_from(["org", "Example", "test", "local", "ARPA", "x", "c0m"]))
def test_the_quick_yes_never_says_yes_where_the_library_says_no(local: str, domain: str, tld: str) -> None:
    written = f"{local}@{domain}.{tld}"
    quick = plain(written)
    if quick is None:
        return
    try:
        careful = validate_email(written, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:  # pragma: no cover - this is the failure
        pytest.fail(f"{written!r} was taken, but: {error}")
    assert quick.text == careful.ascii_email


@given(st.text(max_size=40))
def test_cleaning_twice_is_cleaning_once_for_plain_addresses(name: str) -> None:
    tidy = name.replace("<", "").replace(">", "")
    assert clean(f"{tidy} <alice@example.org>") == "alice@example.org"
