"""Fetching one document from a machine we do not trust."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from digest.articles.sources.fetch import Fetcher, Limits
from digest.errors import AddressRefused, FetchError
from tests.articles.sources.site import Reply, Request, Site


def test_a_page_comes_with_its_kind_charset_and_validators(site: Site, web: Fetcher) -> None:
    url = site.has("/ferry", "Fähre".encode("latin-1"), "Text/HTML; Charset=ISO-8859-1", ETag='"1"', Last_Modified="x")
    page = web.get(url)
    assert page.content.decode(page.charset) == "Fähre"
    assert (page.content_type, page.etag, page.last_modified) == ("text/html", '"1"', "x")
    assert page.url == url


def test_nothing_new_is_none(site: Site, web: Fetcher) -> None:
    def feed(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"' and request.headers.get("if-modified-since") == "yesterday":
            return Reply(status=304)
        return Reply(b"<rss/>", headers={"Content-Type": "text/xml"})

    url = site.answers("/feed", feed)
    assert web.get_if_changed(url) is not None
    assert web.get_if_changed(url, etag='"v1"', last_modified="yesterday") is None


def test_a_server_that_says_not_changed_without_being_asked_is_in_error(site: Site, web: Fetcher) -> None:
    with pytest.raises(FetchError, match="says that it has not changed"):
        web.get(site.answers("/odd", lambda _: Reply(status=304)))


def test_redirects_are_followed_and_relative_ones_resolved(site: Site, web: Fetcher) -> None:
    site.redirects("/a/old", "../b/new?x=1#part")
    site.has("/b/new", "found")
    page = web.get(site.url("/a/old"))
    assert page.content == b"found"
    assert page.url == site.url("/b/new?x=1")
    assert page.moved_to == ""


def test_a_move_for_good_is_reported_only_when_every_step_is_for_good(site: Site, web: Fetcher) -> None:
    site.has("/new", "found")
    site.redirects("/middle", "/new", 308)
    assert web.get(site.redirects("/old", "/middle", 301)).moved_to == site.url("/new")
    assert web.get(site.redirects("/maybe", "/middle", 302)).moved_to == ""


def test_redirects_that_never_end_are_ended(site: Site, web: Fetcher) -> None:
    with pytest.raises(FetchError, match="more than 5 redirects"):
        web.get(site.redirects("/round", "/round"))
    assert site.asked("/round") == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2130706433/",
        "file:///etc/passwd",
        "http://alice:secret@127.0.0.1/",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(site: Site, web: Fetcher, target: str) -> None:
    with pytest.raises(AddressRefused, match="Did not fetch"):
        web.get(site.redirects("/trap", target))


def test_a_redirect_to_another_port_of_an_allowed_host_is_refused(site: Site, web: Fetcher) -> None:
    with Site() as secret:
        secret.has("/keys", "the keys")
        with pytest.raises(AddressRefused):
            web.get(site.redirects("/trap", secret.url("/keys")))
        assert secret.requests == []


def test_this_machine_is_refused_unless_allowed(site: Site) -> None:
    with pytest.raises(AddressRefused):
        Fetcher().get(site.has("/", "secret"))
    assert site.requests == []


def test_a_name_is_looked_up_once_and_the_checked_address_is_what_we_connect_to(site: Site) -> None:
    looked_up: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        """Answers well once, and then leads to a place where nothing may be fetched."""
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["169.254.169.254"]

    web = Fetcher(allow_hosts=[f"courier.example:{site.port}"], resolver=rebinding)
    site.has("/", "hello")
    assert web.get(f"http://courier.example:{site.port}/").content == b"hello"
    assert looked_up == ["courier.example"]
    assert site.requests[0].headers["host"] == f"courier.example:{site.port}"


def test_every_step_of_a_redirect_is_looked_up_and_checked_anew(site: Site) -> None:
    answers = {"courier.example": ["127.0.0.1"], "evil.example": ["10.0.0.5"]}
    web = Fetcher(allow_hosts=[f"courier.example:{site.port}"], resolver=lambda host, _port: answers[host])
    site.redirects("/", "https://evil.example/")
    with pytest.raises(AddressRefused, match=r"evil\.example is a private address"):
        web.get(f"http://courier.example:{site.port}/")


def test_the_next_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    # The site listens on 127.0.0.1 only.
    web = Fetcher(allow_hosts=[f"two.example:{site.port}"], resolver=lambda _h, _p: ["127.0.0.2", "127.0.0.1"])
    site.has("/", "second")
    assert web.get(f"http://two.example:{site.port}/").content == b"second"


def test_a_body_over_the_limit_is_refused_by_its_stated_length(site: Site, web: Fetcher) -> None:
    with pytest.raises(FetchError, match=r"larger than 0\.191 MB"):
        web.get(site.has("/big", b"x" * 300_000, Content_Length="300000"))


def test_a_body_over_the_limit_is_cut_off_when_no_length_is_stated(site: Site, web: Fetcher) -> None:
    with pytest.raises(FetchError, match="larger than"):
        web.get(site.has("/endless", b"x" * 300_000))


def test_compressed_pages_are_unpacked_also_in_several_members(site: Site, web: Fetcher) -> None:
    packed = gzip.compress(b"The night ferry ") + gzip.compress(b"sails again")
    assert web.get(site.has("/gz", packed, Content_Encoding="gzip")).content == b"The night ferry sails again"


def test_a_gzip_bomb_is_stopped_at_the_limit(site: Site, web: Fetcher) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(FetchError, match="larger than"):
        web.get(site.has("/bomb", bomb, Content_Encoding="gzip"))


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"not gzip at all", "gzip", "compressed answer is damaged"),
        (gzip.compress(b"The night ferry sails again")[:-9], "gzip", "ends too early"),
        (b"anything", "br", "compressed as br"),
    ],
)
def test_damaged_or_unasked_compression_is_an_error(
    site: Site, web: Fetcher, body: bytes, encoding: str, reason: str
) -> None:
    with pytest.raises(FetchError, match=reason):
        web.get(site.has("/odd", body, Content_Encoding=encoding))


def drip(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(100):
        handler.wfile.write(b"<p>")
        handler.wfile.flush()
        time.sleep(0.1)


def test_a_body_that_drips_is_given_up_at_the_total_limit(site: Site, web: Fetcher) -> None:
    url = site.answers("/drip", lambda _: Reply(headers={"Content-Type": "text/html"}, write=drip))
    started = time.monotonic()
    with pytest.raises(FetchError, match="it took too long"):
        web.get(url)
    assert time.monotonic() - started < 5  # it would drip for ten seconds


def test_headers_that_drip_are_given_up_at_the_total_limit() -> None:
    """Each byte comes within the limit for one read; only the deadline for the whole ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 200:
                        connection.sendall(bytes([byte]))
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        web = Fetcher(allow_hosts=[host], limits=Limits(read=0.5, total=0.8))
        with pytest.raises(FetchError, match="it took too long"):
            web.get(f"http://{host}/")
        thread.join(5)


def test_a_silent_server_is_given_up(site: Site, web: Fetcher) -> None:
    url = site.answers("/mute", lambda _: Reply(headers={"Content-Type": "text/html"}, write=lambda _: time.sleep(1)))
    with pytest.raises(FetchError, match="it took too long"):
        web.get(url)


def test_a_connection_that_breaks_in_the_middle_is_an_error_and_not_half_a_page(site: Site, web: Fetcher) -> None:
    with pytest.raises(FetchError, match="the connection broke"):
        web.get(site.has("/half", b"only half", Content_Length="1000"))


def test_nobody_listening_is_told_plainly() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(FetchError, match=f"Could not fetch http://{host}/: no connection"):
            Fetcher(allow_hosts=[host]).get(f"http://{host}/")


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "video/mp4", "application/zip"])
def test_what_is_no_text_is_refused(site: Site, web: Fetcher, kind: str) -> None:
    with pytest.raises(FetchError, match=f"it is {kind}, not a page, feed or text"):
        web.get(site.has("/thing", b"%PDF", kind))


def test_a_page_whose_server_does_not_say_what_it_is_is_read_when_it_looks_like_one(site: Site, web: Fetcher) -> None:
    site.answers("/bare", lambda _: Reply(b"\n<!doctype html><p>Hi</p>"))
    assert b"Hi" in web.get(site.url("/bare")).content
    site.answers("/blob", lambda _: Reply(b"\x7fELF\x02\x01"))
    with pytest.raises(FetchError, match="looks like neither page nor feed"):
        web.get(site.url("/blob"))


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (404, {}, "404 Not Found. Check the address"),
        (410, {}, "taken down for good"),
        (403, {}, "refuses programs"),
        (429, {"Retry-After": "120"}, "It asks to wait 2 minutes."),
        (503, {"Retry-After": "30"}, "It asks to wait 30 seconds."),
        (503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, "It asks to wait"),
        (503, {"Retry-After": "soon"}, "The server is in trouble"),
        (299, {}, "the server answered 299."),
    ],
)
def test_a_refusal_names_the_address_the_status_and_what_to_do(
    site: Site, web: Fetcher, status: int, headers: dict[str, str], said: str
) -> None:
    url = site.answers("/no", lambda _: Reply(b"", status, headers))
    with pytest.raises(FetchError) as refusal:
        web.get(url)
    assert url in str(refusal.value)
    assert said in str(refusal.value)
    assert refusal.value.status == status


@pytest.mark.parametrize(
    "url",
    ["riverbend.example/feed", "http://0177.0.0.1/", "http://", "http://[::1", "http://x:99999/", "no address"],
)
def test_an_address_that_is_none_is_refused_without_a_traceback(url: str) -> None:
    with pytest.raises(FetchError):
        Fetcher(resolver=lambda _h, _p: []).get(url)


def test_a_forgotten_https_is_suggested() -> None:
    with pytest.raises(FetchError) as refusal:
        Fetcher().get("riverbend.example/feed")
    assert refusal.value.hint == "Write https://riverbend.example/feed."


def test_we_say_who_we_are_and_send_no_cookie_back(site: Site) -> None:
    web = Fetcher(allow_hosts=[site.host], user_agent="Riverbend digest (+https://riverbend.example)")
    url = site.has("/", "hi", Set_Cookie="track=1")
    web.get(url)
    web.get(url)
    assert site.requests[1].headers["user-agent"] == "Riverbend digest (+https://riverbend.example)"
    assert "cookie" not in site.requests[1].headers
