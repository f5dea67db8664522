"""Cells made to cost hours cost nothing: one row is rejected, and the rest of the list is imported."""

from __future__ import annotations

import time

import pytest

from subscribers import words
from subscribers.addresses import key_of, parse_address
from subscribers.details import clean_language, clean_name
from subscribers.errors import BadAddress
from subscribers.rows import _swallowed


@pytest.mark.parametrize(
    "cell",
    [
        "a@@" + "," * 30_000,
        "a@b" + " " * 30_000 + "x",
        "a@" * 30_000,
        "a@" + "b." * 30_000,
        "a" * 60_000,
        "<" * 60_000,
        "a<" * 30_000 + ">",
        "a" + "." * 30_000 + "@b.org",
        "Ä" * 30_000 + "@b.org",
    ],
)
def test_a_cell_made_to_cost_hours_is_rejected_at_once(cell: str) -> None:
    started = time.perf_counter()
    with pytest.raises(BadAddress):
        parse_address(cell)
    key_of(cell)
    assert time.perf_counter() - started < 2


def test_two_addresses_in_a_cell_are_still_told_apart_from_a_long_one() -> None:
    with pytest.raises(BadAddress, match="more than one address"):
        parse_address("alice@example.org, bob@example.org")
    with pytest.raises(BadAddress, match="more than one address"):
        parse_address("; ".join(f"reader{at}@example.org" for at in range(500)))
    with pytest.raises(BadAddress, match="longer than the 254"):
        parse_address("a" * 300 + "@example.org")


@pytest.mark.parametrize(
    "line",
    [
        "a" * 60_000,
        "a@" * 30_000,
        ",a" * 30_000,
        ";" * 60_000,
        "\t" * 60_000,
        ", " * 30_000,
        "a@" + "b." * 30_000 + "@",
    ],
)
def test_a_cell_that_swallowed_lines_is_looked_through_at_once(line: str) -> None:
    started = time.perf_counter()
    _swallowed([f"Alice@\n{line}"])
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "line",
    [
        "bob@example.org",
        'Bob,"bob@example.org",en',
        "Bob\tbob@example.org\ten",
        "Bob ; bob@mail.example.org ; en",
        "1|bob@example.org|",
    ],
)
def test_a_swallowed_line_with_an_address_is_noticed(line: str) -> None:
    assert "swallowed 1 further rows" in _swallowed([f"Alice Stone\n{line}"])


def test_prose_that_names_an_address_is_not_a_swallowed_line() -> None:
    assert _swallowed(["Met her at the fair.\nWrite to bob@example.org about it."]) == ""


@pytest.mark.parametrize(
    "cell", ["Mon, 01 Jan 99999999999999999999 00:00:00", "1 Jan 2020 00:00:00 +" + "9" * 30, "9" * 5000, "(" * 60_000]
)
def test_a_date_that_no_calendar_holds_is_no_date(cell: str) -> None:
    started = time.perf_counter()
    assert words.moment(cell) is None
    assert time.perf_counter() - started < 2


def test_names_and_languages_of_100_kb_are_cut_or_refused_at_once() -> None:
    started = time.perf_counter()
    assert len(clean_name("  é" * 30_000)) <= 200
    assert clean_language("en" + "-a" * 50_000 + "!") == ""
    assert clean_language("en-" + "a" * 100_000 + "!") == ""
    assert time.perf_counter() - started < 2
