"""`digest serve` as a process: where it listens, how it ends, and the path that a proxy may leave on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from digest.cli.preview import preview
from digest.cli.serve import serve
from digest.errors import StoreError, UsageMistake
from digest.web.links import token_in
from digest.web.serving import address_of, listen
from tests.newsroom import SETTINGS, Newsroom
from tests.web.conftest import read, site_of


@contextmanager
def _process(room: Newsroom, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", *arguments],
        cwd=room.folder,
        env=os.environ | room.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _where(process: subprocess.Popen[str]) -> str:
    """The address that it says it listens at."""
    assert process.stdout is not None
    return next(word for word in process.stdout.readline().split() if word.startswith("http://"))


def test_it_says_where_it_listens_answers_and_ends_cleanly_when_told(newsroom: Newsroom) -> None:
    [alice] = newsroom.subscribe("Alice")
    link = f"leave/{newsroom.app.tokens.leave(alice, 'daily')}"

    with _process(newsroom, "serve", "--port", "0") as process:
        answer = httpx.post(f"{_where(process)}{link}", data={"List-Unsubscribe": "One-Click"})
        process.send_signal(signal.SIGTERM)
        said, complained = process.communicate(timeout=15)

    assert answer.status_code == 200
    assert "server" not in answer.headers
    assert (process.returncode, complained) == (0, "")
    assert "Ended." in said


def test_it_sends_the_mail_that_a_page_owes(newsroom: Newsroom) -> None:
    notices = newsroom.app.settings.path("paths.outbox") / "notices"

    with _process(newsroom, "serve", "--port", "0") as process:
        httpx.post(f"{_where(process)}join/daily", data={"form": "join", "address": "alice@example.com"})
        until = time.monotonic() + 20
        while not list(notices.glob("*.eml")) and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, complained = process.communicate(timeout=15)

    assert [file.name for file in notices.glob("*.eml")] == ["1-alice@example.com.eml"]
    assert (process.returncode, complained) == (0, "")


def test_ctrl_c_ends_a_preview_that_is_served(newsroom: Newsroom) -> None:
    issue = newsroom.draft()

    with _process(newsroom, "preview", str(issue.id), "--serve", "--port", "0") as process:
        page = httpx.get(_where(process))
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=15)

    assert "The north pier will be rebuilt" in page.text
    assert (process.returncode, complained) == (0, "")


@pytest.fixture
def here(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """The newsroom whose settings commands of this process read."""
    monkeypatch.setenv("DIGEST_SETTINGS", str(newsroom.folder / "settings.toml"))
    return newsroom


def test_a_port_that_is_taken_is_refused_with_what_to_do(here: Newsroom) -> None:
    issue = here.draft()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in (partial(serve, host="", port=port), partial(preview, issue.id, serve=True, port=port)):
            with pytest.raises(UsageMistake) as refused:
                command()
            assert refused.value.message == f"Nobody can listen at 127.0.0.1:{port}: Address already in use."
            assert "--port" in refused.value.hint
            assert refused.value.exit_code == 2


def test_an_issue_that_is_not_there_is_not_served(here: Newsroom) -> None:
    with pytest.raises(UsageMistake, match="There is no issue 999"):
        preview(999, serve=True, port=0)


def test_a_database_that_is_not_there_is_said_before_the_first_reader_comes(
    here: Newsroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGEST_DATABASE_URL", "sqlite:////proc/no/such/folder/digest.db")

    with pytest.raises(StoreError):
        serve(host="", port=0)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("host", "port"), [("no-such-host.invalid", 8400), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_is_none_of_ours_is_explained(host: str, port: int) -> None:
    with pytest.raises(UsageMistake, match=r"Nobody can listen at .*: [A-Z].*\.|There is no port 70000\."):
        listen(host, port)


def test_it_can_listen_to_ip_6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        sock = listen("::1", 0)
    except UsageMistake:
        pytest.skip("no IPv6 here")
    with sock:
        assert address_of(sock).startswith("http://[::1]:")


@pytest.mark.parametrize("takes_the_path_off", [True, False])
def test_behind_a_path_links_work_whether_the_proxy_takes_it_off_or_not(
    tmp_path: Path, takes_the_path_off: bool
) -> None:
    room = Newsroom(tmp_path, settings=SETTINGS.replace("digest.harbour.example", "harbour.example/post/"))
    [alice] = room.subscribe("Alice")
    room.deliver(room.frozen())
    [eml] = room.app.settings.path("paths.outbox").rglob("*.eml")
    token = room.app.tokens.leave(alice, "daily")
    assert f"https://harbour.example/post/leave/{token}" in eml.read_text().replace("=\n", "")

    with site_of(room) as site:
        path = f"/leave/{token}" if takes_the_path_off else f"/post/leave/{token}"
        page = site.http.get(path)
        onward = page.url.join(page.text.partition('href="../')[2].partition('"')[0].join(("../", "")))
        choices = site.http.get(onward)
        left = site.one_click(path)
    room.app.close()

    assert "Stop sending The Harbour Post" in read(page)
    assert "Choose which newsletters come to alice@example.com." in read(choices)
    assert left.status_code == 200


def test_a_token_is_found_whatever_hangs_on_it(newsroom: Newsroom) -> None:
    token = newsroom.app.tokens.leave(36**5, "daily-2_x")

    assert token_in(token) == token
    assert token_in(f"{token}...") == token
    assert token_in(f" {token[:9]}= {token[9:]}/extra") == token
    assert token_in("no token") == "notoken"
