"""The SES double, from outside: what fails, what was taken, which events it publishes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.faults.compare import Taken


class Ses:
    def __init__(self, url: str, log: Path, rate: float) -> None:
        self.url = url
        self.rate = rate
        self._log = log
        #: Where in the log this round begins.
        self._begins = 0

    def ask(self, what: str, given: Mapping[str, Any] | None = None, *, method: str = "") -> Any:
        body = None if given is None else json.dumps(given).encode()
        method = method or ("GET" if body is None else "POST")
        request = urllib.request.Request(f"{self.url}/_double/{what}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def begin(self) -> None:
        """A new round: what was accepted so far is forgotten."""
        self.ask("reset", {})
        self._begins = self._log.stat().st_size if self._log.exists() else 0

    def recover(self) -> None:
        """Nothing fails any more."""
        self.ask("faults", {}, method="DELETE")
        self.mend()

    def mend(self) -> None:
        """The account is well again; planned faults stay."""
        well = {"rate": self.rate, "quota": -1, "sending_enabled": True, "enforcement": "HEALTHY"}
        self.ask("account", well)

    def taken(self, issue_id: int) -> list[Taken]:
        """Every mail of the issue that was accepted in this round, whether or not the answer arrived."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as file:
            file.seek(self._begins)
            lines = [json.loads(line) for line in file]
        return [
            Taken(
                position=int(line["tags"]["delivery"]),
                address=line["to"][0],
                message_id=line["id"],
                subject=line["subject"],
            )
            for line in lines
            if line["tags"].get("issue") == str(issue_id)
        ]

    def sent(self, issue_id: int) -> frozenset[tuple[int, int]]:
        """(position, attempt) of every Send event of the issue."""
        found, after = set(), 0
        while (page := self.ask(f"events?after={after}&limit=500"))["next"] > after:
            after = page["next"]
            for event in page["events"]:
                tags = event["mail"]["tags"]
                if event["eventType"] == "Send" and tags["issue"] == [str(issue_id)]:
                    found.add((int(tags["delivery"][0]), int(tags["attempt"][0])))
        return frozenset(found)
