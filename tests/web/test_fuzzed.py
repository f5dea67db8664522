"""Whatever is sent to a public page, it answers with one of ours and never with a mistake of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digest.web.forms import MOST_BYTES, Form
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import Site, site_of

MORE = """archive = true
topics = [{ slug = "council", title = "The council" }]
"""
FIELDS = [
    *("form", "address", "name", "topic", "homepage", "newsletter", "shown", "often.daily", "topic.daily"),
    *("language", "leave", "why", "words", "sure", "x"),
]
KINDS = (
    "join",
    "link",
    "yes",
    "again",
    "leave",
    "back",
    "why",
    "choices",
    "pause",
    "resume",
    "data",
    "download",
    "erase",
)

_values = st.one_of(
    st.text(max_size=60),
    st.sampled_from([*KINDS, "yes", "daily", "weekend", "alice@example.com", "7", "everything", "\x00", "é" * 300]),
)
_bodies = st.one_of(
    st.binary(max_size=300),
    st.lists(st.tuples(st.sampled_from(FIELDS), _values), max_size=8).map(
        lambda pairs: urlencode(pairs, errors="replace").encode()
    ),
    st.just(b"&" * 19_000),
    st.just(b"a=" + b"%00" * 5000),
    st.just(b"x" * (MOST_BYTES + 1)),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    more = "[web]\nper_network = 1000000\nper_address = 1000000\nper_hour = 1000000\n\n[ses]"
    text = SETTINGS.replace("[ses]", more).replace("[newsletters.daily]", f"[newsletters.daily]\n{MORE}", 1)
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    room = Newsroom(folder, settings=text)
    room.clock = Clock()
    room.subscribe("Alice", "Bob")
    room.deliver(room.frozen())
    with site_of(room) as site:
        yield site
    room.app.close()


def _links(site: Site) -> list[str]:
    tokens, now = site.room.app.tokens, site.room.app.clock()
    return [
        "/join/daily",
        "/link/daily",
        f"/confirm/{tokens.confirm(1, 'daily', at=now)}",
        f"/leave/{tokens.leave(1, 'daily')}",
        f"/back/{tokens.leave(1, 'daily')}",
        f"/why/{tokens.leave(1, 'daily')}",
        f"/preferences/{tokens.preferences(1, 'daily')}",
        f"/data/{tokens.data(2, 'daily', at=now)}",
        f"/preferences/{tokens.preferences(1, 'gone')}",
        f"/leave/{tokens.leave(999, 'daily')}",
        f"/leave/{tokens.leave(0, 'daily')}",
    ]


_quietly = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@_quietly
@given(
    which=st.integers(0, 10), body=_bodies, kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain"])
)
@example(which=0, body=b"address=alice%00@example.com&name=%00&topic=%00", kind="text/plain")
@example(which=6, body=b"form=choices&newsletter=daily&name=%ED%A0%80&language=%00&often.daily=%00", kind="text/plain")
@example(which=5, body=b"form=why&words=%ED%A0%80%00", kind="text/plain")
def test_no_body_brings_a_page_down(site: Site, which: int, body: bytes, kind: str) -> None:
    answer = site.http.post(_links(site)[which], content=body, headers={"Content-Type": kind})

    assert answer.status_code in (200, 404, 413, 422)
    assert "content-security-policy" in answer.headers


@_quietly
@given(
    room=st.sampled_from(
        ["", "join", "link", "confirm", "leave", "back", "why", "preferences", "data", "view", "archive"]
    ),
    rest=st.one_of(
        st.text(max_size=40), st.sampled_from(["daily/feed.xml", "daily/1", "daily/form.html", "1.daily.x"])
    ),
    query=st.text(max_size=20),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
)
@example(room="archive", rest="daily/" + "9" * 400, query="page=" + "9" * 6000, method="GET")
@example(room="join", rest="daily/\x00", query="", method="POST")
def test_no_address_brings_a_page_down(site: Site, room: str, rest: str, query: str, method: str) -> None:
    path = f"/{room}/{quote(rest.encode(errors='replace'), safe='/')}?{quote(query.encode(errors='replace'), safe='=')}"

    answer = site.http.request(method, path)

    assert answer.status_code in (200, 404, 405, 413, 422)


@_quietly
@given(headers=st.dictionaries(st.sampled_from(["X-Forwarded-For", "If-None-Match", "Accept"]), st.binary(max_size=80)))
def test_no_header_brings_a_page_down(site: Site, headers: dict[str, bytes]) -> None:
    clean = [
        (name.encode(), bytes(b for b in value if b >= 32 and b != 127).strip()) for name, value in headers.items()
    ]

    for path in ("/archive/daily/feed.xml", "/"):
        assert site.http.get(path, headers=clean).status_code in (200, 304)
    answer = site.http.post("/link/daily", data={"address": "zoe@example.com"}, headers=clean)
    assert answer.status_code == 200


@given(st.binary(max_size=500))
def test_a_form_is_read_whatever_stands_in_it(body: bytes) -> None:
    form = Form(body)

    for name in ("form", "address", "homepage"):
        assert "\x00" not in form.get(name)
        form.get(name).encode()
