"""Serving over HTTP: a socket that is really ours before anybody is told of it, and a clean end."""

from __future__ import annotations

import os
import socket

from fastapi import FastAPI

from digest.errors import UsageMistake

#: Seconds that requests in hand get to finish when the server is told to end.
_LAST_SECONDS = 10


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageMistake when there is none to be had."""
    if not 0 <= port <= 65535:
        raise UsageMistake(f"There is no port {port}.", hint="Ports go from 0 to 65535; 0 takes a free one.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # What the socket module says has the address once more; a name that is not known has no number.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise UsageMistake(
            f"Nobody can listen at {host}:{port}: {why}.",
            hint="Nothing was started. Another program may have the port: name another one with --port.",
        ) from error


def address_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds what listens, such as "http://127.0.0.1:8400/"."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(api: FastAPI, listening: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT; requests in hand are finished."""
    import uvicorn

    # Addresses carry readers' tokens: no access log.
    config = uvicorn.Config(
        api,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whom to believe about where a request comes from is our own setting, web.proxies.
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])
