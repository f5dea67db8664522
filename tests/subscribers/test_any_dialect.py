"""Whatever program wrote a table of people, the same people come out of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscribers import labels
from subscribers.addresses import key_of, parse_address
from subscribers.archives import parts
from subscribers.csv_file import recognised
from subscribers.errors import BadAddress

_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;|\t'), max_size=12
)
_people = st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6)


def written(rows: Sequence[Sequence[str]], encoding: str, **dialect: object) -> bytes:
    text = io.StringIO()
    csv.writer(text, **dialect).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode(encoding)


@given(
    people=_people,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
@settings(deadline=None)
def test_rows_come_out_as_they_went_in(
    people: list[tuple[str, str]], delimiter: str, quoting: int, end: str, encoding: str
) -> None:
    rows = [["email", "name", "note"]] + [
        [f"reader{at}@example.org", name, note] for at, (name, note) in enumerate(people)
    ]
    content = written(rows, encoding, delimiter=delimiter, quoting=quoting, lineterminator=end)
    with parts(io.BytesIO(content)) as (part,):
        assert [cells for _, cells in recognised(part).rows()] == rows


def test_quotation_marks_may_be_escaped_as_databases_do() -> None:
    rows = [["email", "name"], ["alice@example.org", 'Alice "Al" Example, Dr.'], ["bob@example.org", "Bob"]]
    content = written(rows, "utf-8", doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL)
    with parts(io.BytesIO(content)) as (part,):
        assert [cells for _, cells in recognised(part).rows()] == rows


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9.+_'-]{1,20}@[A-Za-z0-9.üé-]{1,20}\.(org|COM|рф)", fullmatch=True)
)
@example("Alice@MÜNCHEN.example")
def test_an_address_brought_into_shape_is_in_shape(cell: str) -> None:
    assert key_of(key_of(cell)) == key_of(cell)
    try:
        once = parse_address(cell)
    except BadAddress:
        return
    assert parse_address(once.text) == once
    assert parse_address(once.key).key == once.key


@given(st.lists(st.text(max_size=12), max_size=5))
def test_tags_come_out_of_a_cell_as_they_went_in(words: list[str]) -> None:
    kept = labels.split(labels.joined(words))
    assert labels.split(labels.joined(kept)) == kept


def test_tags_are_parted_as_other_systems_part_them() -> None:
    assert labels.split("Press, VIP,press") == ("press", "vip")
    assert labels.split("Press; Smith, John | VIP") == ("press", "smith, john", "vip")
    assert labels.split('"Gala, 2026","VIP"') == ("gala, 2026", "vip")
    assert labels.split('["a", "b"]') == ("a", "b")
    assert labels.split("  ") == ()
