"""Many sources at the same time: as long as the slowest, no longer than the term, and over when somebody says so."""

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from digest.articles.sources.fetch import Fetcher, Limits
from digest.articles.sources.gather import gather, gather_all
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.side_by_side import each
from digest.articles.sources.survey import check_all
from digest.model import Source, SourceKind
from tests.articles.sources.site import Reply, Request, Site

NEW = SourceMemory()
HOSTS = 50
FEED = (
    '<rss version="2.0"><channel><title>C</title><item><title>Ferry</title><link>/ferry</link></item></channel></rss>'
)


def feed(location: str, name: str = "Courier") -> Source:
    return Source(name=name, kind=SourceKind.FEED, location=location)


def answers(path: str, body: Callable[[Request], bytes], site: Site) -> str:
    return site.answers(path, lambda request: Reply(body(request), headers={"Content-Type": "text/xml"}))


# --- At the same time ---------------------------------------------------------------------------------------


def test_fifty_hosts_are_asked_at_the_same_time() -> None:
    """Each answers only once all fifty have been asked: one after the other, none ever would."""
    all_here = threading.Barrier(HOSTS, timeout=20)

    def body(_: Request) -> bytes:
        all_here.wait()
        return FEED.encode()

    with ExitStack() as open_:
        sites = [open_.enter_context(Site()) for _ in range(HOSTS)]
        for site in sites:
            site.has("/ferry", "<!doctype html><p>Here.</p>")
        sources = [feed(answers("/feed", body, site), f"Courier {at}") for at, site in enumerate(sites)]
        web = Fetcher(allow_hosts=[site.host for site in sites], limits=Limits(read=20, total=30))
        found = gather_all(sources, {}, web)
    assert [gathered.source for gathered in found] == [source.name for source in sources]
    assert [len(gathered.documents) for gathered in found] == [1] * HOSTS


def test_sources_are_looked_at_at_the_same_time_too() -> None:
    both_here = threading.Barrier(2, timeout=10)

    def body(_: Request) -> bytes:
        both_here.wait()
        return FEED.encode()

    with Site() as one, Site() as two:
        sources = [feed(answers("/feed", body, one), "one"), feed(answers("/feed", body, two), "two")]
        surveys = check_all(sources, Fetcher(allow_hosts=[one.host, two.host]))
    assert [(survey.source, survey.entries) for survey in surveys] == [("one", 1), ("two", 1)]


def test_two_articles_of_a_source_are_read_at_the_same_time_and_stay_in_order(site: Site, web: Fetcher) -> None:
    both_here = threading.Barrier(2, timeout=10)

    def first(_: Request) -> Reply:
        both_here.wait()
        time.sleep(0.05)
        return Reply(b"<!doctype html><p>First", headers={"Content-Type": "text/html"})

    def second(_: Request) -> Reply:
        both_here.wait()
        return Reply(b"<!doctype html><p>Second", headers={"Content-Type": "text/html"})

    site.answers("/first", first)
    site.answers("/second", second)
    items = "".join(f"<item><title>x</title><link>/{name}</link></item>" for name in ("first", "second"))
    site.has("/feed", f'<rss version="2.0"><channel>{items}</channel></rss>', "text/xml")
    found = gather(feed(site.url("/feed")), NEW, web)
    assert [document.location.rpartition("/")[2] for document in found.documents] == ["first", "second"]


# --- Not for longer than the term ---------------------------------------------------------------------------


@contextmanager
def mute(site: Site, path: str) -> Iterator[str]:
    """A page that does not answer while the test lasts."""
    over = threading.Event()

    def body(_: Request) -> bytes:
        over.wait(30)
        return b""

    try:
        yield answers(path, body, site)
    finally:
        over.set()


def test_when_the_time_is_up_the_others_are_kept_and_the_slow_one_is_said(site: Site) -> None:
    web = Fetcher(allow_hosts=[site.host], limits=Limits(read=30, total=30))
    site.has("/ferry", "<!doctype html><p>Here.</p>")
    site.has("/feed", FEED, "text/xml")
    started = time.monotonic()
    with mute(site, "/mute") as slow:
        quick, late = gather_all([feed(site.url("/feed"), "quick"), feed(slow, "slow")], {}, web, seconds=1)
    assert time.monotonic() - started < 10  # it would be mute for thirty
    assert (len(quick.documents), quick.failed) == (1, False)
    assert (late.failed, late.wait, late.memory) == (True, 0, NEW)
    assert "the time for gathering" in late.problems[0].message


def test_articles_that_were_not_reached_in_time_come_at_the_next_gathering(site: Site) -> None:
    web = Fetcher(allow_hosts=[site.host], limits=Limits(read=30, total=30))
    items = "".join(f"<item><title>x</title><link>/{name}</link></item>" for name in ("ferry", "mute", "choir"))
    site.has("/feed", f'<rss version="2.0"><channel>{items}</channel></rss>', "text/xml", ETag='"1"')
    for name in ("ferry", "choir"):
        site.has(f"/{name}", "<!doctype html><p>Here.</p>")
    with mute(site, "/mute"):
        (first,) = gather_all([feed(site.url("/feed"))], {}, web, seconds=1)
    site.has("/mute", "<!doctype html><p>Not any more.</p>")
    (second,) = gather_all([feed(site.url("/feed"))], {"Courier": first.memory}, web)
    read = [document.location.rpartition("/")[2] for found in (first, second) for document in found.documents]
    assert sorted(read) == ["choir", "ferry", "mute"]
    assert first.memory.failed == {}  # nobody's fault, and not counted as a try
    assert "the time for gathering was up" in first.problems[0].message


def test_a_look_up_that_hangs_and_cannot_be_broken_off_ends_no_later(site: Site) -> None:
    """The operating system resolves names in its own time; no deadline reaches into that."""
    over = threading.Event()

    def hanging(host: str, _port: int) -> list[str]:
        if host == "hanging.example":
            over.wait(30)
        return ["127.0.0.1"]

    site.has("/ferry", "<!doctype html><p>Here.</p>")
    site.has("/feed", FEED, "text/xml")
    web = Fetcher(allow_hosts=[f"courier.example:{site.port}", "hanging.example"], resolver=hanging)
    sources = [feed(f"http://courier.example:{site.port}/feed", "quick"), feed("http://hanging.example/", "slow")]
    started = time.monotonic()
    try:
        quick, slow = gather_all(sources, {}, web, seconds=0.5)
    finally:
        over.set()
    assert time.monotonic() - started < 10
    assert (len(quick.documents), slow.failed) == (1, True)
    assert slow.problems[0].message == "slow was not done when the time for gathering (0.5 seconds) was up."


# --- Over when somebody says so -----------------------------------------------------------------------------


class Told(BaseException):
    pass


def test_who_is_told_to_stop_does_not_wait_for_a_mute_host(site: Site) -> None:
    def stop(_source: str, _done: int, _total: int) -> None:
        if site.asked("/mute"):
            raise Told

    web = Fetcher(allow_hosts=[site.host], limits=Limits(read=30, total=30))
    started = time.monotonic()
    with mute(site, "/mute") as slow, pytest.raises(Told):
        gather_all([feed(slow)], {}, web, progress=stop)
    assert time.monotonic() - started < 5


def test_a_program_that_is_told_to_end_ends_although_a_host_does_not_answer(site: Site) -> None:
    program = (
        "import sys, signal\n"
        "from digest.articles.sources.fetch import Fetcher, Limits\n"
        "from digest.articles.sources.gather import gather_all\n"
        "from digest.model import Source, SourceKind\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        "source = Source(name='C', kind=SourceKind.FEED, location=sys.argv[2], robots=False)\n"
        "gather_all([source], {}, Fetcher(allow_hosts=[sys.argv[1]], limits=Limits(read=60, total=60)))\n"
    )
    with mute(site, "/mute") as slow:
        running = subprocess.Popen([sys.executable, "-c", program, site.host, slow], cwd=Path(__file__).parents[3])
        try:
            until = time.monotonic() + 30
            while not site.asked("/mute") and time.monotonic() < until:
                time.sleep(0.02)
            running.terminate()
            assert running.wait(5) == 0
        finally:
            running.kill()
            running.wait()


def test_work_that_raises_ends_the_rest_and_is_raised() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 1:
            raise Told
        time.sleep(0.01)
        return number

    with pytest.raises(Told):
        each([lambda number=number: work(number) for number in range(1000)], at_once=2)  # type: ignore[misc]
    assert len(begun) < 1000


def test_nothing_to_do_is_done_at_once() -> None:
    assert each([], at_once=3) == []
    assert gather_all([], {}, Fetcher()) == []


# --- TLS ----------------------------------------------------------------------------------------------------


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "courier")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "courier.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_certificate_that_nobody_vouches_for_is_not_read_past(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        host = f"127.0.0.1:{server.server_address[1]}"
        found = gather(feed(f"https://{host}/feed"), NEW, Fetcher(allow_hosts=[host]))
    finally:
        server.shutdown()
        server.server_close()
    assert found.failed
    assert "its certificate is not valid" in found.problems[0].message
    assert "we do not read past it" in found.problems[0].hint


def test_https_where_only_http_is_spoken_is_told(site: Site, web: Fetcher) -> None:
    found = gather(feed(f"https://{site.host}/feed"), NEW, web)
    assert found.failed
    assert "it does not speak TLS as it should" in found.problems[0].message
