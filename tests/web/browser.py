"""Chromium for tests, spoken to in its own protocol (CDP) over a pipe: no driver, no port, nothing to install.

A tab sees what a reader sees: real layout, real clicks, real frames (each sandboxed frame is a session of its own), and
it remembers every address that the page asked for.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_PATIENCE = 20.0
#: Key → its number and what it types.
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " "), "ArrowDown": (40, "")}
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

#: The protocol wants its pipes at 3 and 4; first out of the way, as one of them may be there already.
_PLACE = """
import fcntl, os, sys
for there, pipe in [(at, fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10)) for at, fd in zip((3, 4), sys.argv[1:3])]:
    os.dup2(pipe, there)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    def __init__(self, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        command = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PLACE, str(ours[0]), str(theirs[1]), *command],
            pass_fds=(ours[0], theirs[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._to, self._from = ours[1], theirs[0]
        self._buffer = b""
        self._answers: dict[int, dict[str, Any]] = {}
        self._count = 0
        self._tabs: dict[str, Tab] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.say("Browser.close")
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def open(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> Tab:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session, target)
        self._tabs[session] = tab
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable", session)
        # Tests share addresses: what one saw must not be shown to the next.
        self.call("Network.setCacheDisabled", session, cacheDisabled=True)
        tab.resize(width, height)
        self.call("Emulation.setFocusEmulationEnabled", session, enabled=True)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", session, features=[scheme])
        self._attach_frames(session)
        tab.go(url)
        return tab

    def say(self, method: str, session: str = "", **params: Any) -> int:
        self._count += 1
        message = {"id": self._count, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._count

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        number = self.say(method, session, **params)
        self.wait(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def wait(self, until: Any, what: str) -> None:
        """Read what Chromium says until it is so."""
        end = time.monotonic() + _PATIENCE
        while not until():
            if not select.select([self._from], [], [], max(end - time.monotonic(), 0))[0]:
                raise TimeoutError(what)
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise EOFError(f"Chromium ended during {what}.")
            *messages, self._buffer = (self._buffer + piece).split(b"\0")
            for message in messages:
                self._hear(json.loads(message))

    def _hear(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
            return
        params, session = message["params"], message.get("sessionId", "")
        if message["method"] == "Target.attachedToTarget" and params["targetInfo"]["type"] == "iframe":
            self._tabs[params["sessionId"]] = tab = self._tabs[session]
            tab.sessions.append(params["sessionId"])
            # It waits for us, so that not even its first request is missed.
            self._attach_frames(params["sessionId"])
            for method in ("Network.enable", "Runtime.enable", "Runtime.runIfWaitingForDebugger"):
                self.say(method, params["sessionId"])
        elif session in self._tabs:
            self._tabs[session].events.append((message["method"], params))

    def _attach_frames(self, session: str) -> None:
        self.say("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)


class Tab:
    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser = browser
        self._session = session
        self._target = target
        #: Of frames that live in processes of their own.
        self.sessions: list[str] = []
        self.events: deque[tuple[str, dict[str, Any]]] = deque()

    @property
    def requests(self) -> list[str]:
        """Every address asked for, by the page and its frames."""
        asked = [params["request"]["url"] for method, params in self.events if method == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith(("data:", "about:"))]

    @property
    def complaints(self) -> list[str]:
        """What the browser wrote on its console, such as that a policy forbade something."""
        return [str(params["entry"]["text"]) for method, params in self.events if method == "Log.entryAdded"]

    def go(self, url: str) -> None:
        self._loading(lambda: self._browser.call("Page.navigate", self._session, url=url))

    def resize(self, width: int, height: int = 900) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._browser.call("Emulation.setDeviceMetricsOverride", self._session, **size)

    def evaluate(self, expression: str, session: str = "") -> Any:
        found = self._browser.call(
            "Runtime.evaluate",
            session or self._session,
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"].get("description", expression))
        return found["result"].get("value")

    def in_frames(self, expression: str) -> list[Any]:
        """What `expression` gives in each frame."""
        return [self.evaluate(expression, session) for session in self.sessions]

    def text(self) -> str:
        return str(self.evaluate("document.body.innerText"))

    def click(self, selector: str, *, loads: bool = False) -> None:
        """A real click in the middle of the first such element; with `loads`, waits for the page it leads to."""
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        press = {"x": x, "y": y, "button": "left", "clickCount": 1}

        def pressed() -> None:
            self._browser.call("Input.dispatchMouseEvent", self._session, type="mousePressed", **press)
            self._browser.call("Input.dispatchMouseEvent", self._session, type="mouseReleased", **press)

        self._loading(pressed) if loads else pressed()

    def point(self, selector: str) -> None:
        """Move the mouse to the beginning of the first such element."""
        x, y = self._place(selector)
        self._browser.call("Input.dispatchMouseEvent", self._session, type="mouseMoved", x=x, y=y)

    def tap(self, selector: str) -> None:
        """A finger on the beginning of the first such element."""
        x, y = self._place(selector)
        self._browser.call("Emulation.setTouchEmulationEnabled", self._session, enabled=True)
        for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
            self._browser.call("Input.dispatchTouchEvent", self._session, type=kind, touchPoints=points)

    def _place(self, selector: str) -> tuple[float, float]:
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "const seen = e.getBoundingClientRect();"
            "if (seen.top < 0 || seen.bottom > innerHeight) e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const r = e.getBoundingClientRect();"
            "return [r.x + Math.min(60, r.width / 2), r.y + Math.min(16, r.height / 2)] })()"
        )
        return x, y

    def wait_for(self, expression: str) -> None:
        """Wait until `expression` is true on the page."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                if self.evaluate(expression):
                    return
            except RuntimeError:
                pass  # the page is being replaced
            time.sleep(0.05)
        raise TimeoutError(expression)

    def press(self, key: str) -> None:
        said = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key][0], "text": _KEYS[key][1]}
        for kind in ("keyDown", "keyUp"):
            self._browser.call("Input.dispatchKeyEvent", self._session, type=kind, **said)

    def type(self, text: str) -> None:
        """Write into whatever has the focus."""
        self._browser.call("Input.insertText", self._session, text=text)

    def picture(self) -> str:
        """A PNG of what is seen, in base64."""
        return str(self._browser.call("Page.captureScreenshot", self._session)["data"])

    def spoken(self) -> list[dict[str, Any]]:
        """What a screen reader is told of the page."""
        nodes = self._browser.call("Accessibility.getFullAXTree", self._session)["nodes"]
        return [node for node in nodes if not node["ignored"]]

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _loading(self, act: Any) -> None:
        before = self._loads()
        act()
        self._browser.wait(lambda: self._loads() > before, "a page to load")

    def _loads(self) -> int:
        return sum(method == "Page.loadEventFired" for method, _ in self.events)
