"""How long gathering takes against how slow hosts are: python benchmarks/gather.py [HOSTS] → one JSON line.

Every host is a server of its own on this machine with a feed of four articles. One of them takes 3 seconds to give its
feed, the others 0.3. "In a row" is what the feeds would take one after the other.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from digest.articles.sources.fetch import Fetcher
from digest.articles.sources.gather import gather_all
from digest.model import Source, SourceKind

ARTICLES = 4
USUAL, SLOW = 0.3, 3.0


class Host:
    """A site on this machine that takes its time to give its feed."""

    def __init__(self, takes: float) -> None:
        items = "".join(f"<item><title>Story {at}</title><link>/{at}</link></item>" for at in range(ARTICLES))
        feed = f'<rss version="2.0"><channel><title>C</title>{items}</channel></rss>'.encode()
        page = b"<!doctype html><p>" + b"The ferry crosses the river at night. " * 60

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self.send_error(404)
                    return
                if self.path == "/feed":
                    time.sleep(takes)
                body, kind = (feed, "text/xml") if self.path == "/feed" else (page, "text/html")
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def main(hosts: int) -> None:
    delays = [SLOW] + [USUAL] * (hosts - 1)
    with ExitStack() as open_:
        sites = [open_.enter_context(Host(delay)) for delay in delays]
        sources = [
            Source(name=f"Host {at}", kind=SourceKind.FEED, location=f"http://{site.host}/feed")
            for at, site in enumerate(sites)
        ]
        web = Fetcher(allow_hosts=[site.host for site in sites])
        processor, started = time.process_time(), time.perf_counter()
        found = gather_all(sources, {}, web)
        took = time.perf_counter() - started
        processor = time.process_time() - processor
    print(
        json.dumps(
            {
                "benchmark": "gather",
                "hosts": hosts,
                "articles": sum(len(gathered.documents) for gathered in found),
                "problems": sum(len(gathered.problems) for gathered in found),
                "seconds": round(took, 2),
                "slowest_host": SLOW,
                "in_a_row": round(sum(delays), 1),
                "processor_seconds": round(processor, 2),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
