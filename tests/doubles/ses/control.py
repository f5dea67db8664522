"""What a test in another process asks of the double, under /_double/.

GET  stats                            calls, accepted, counted to the day, throttled
GET  mails?after=N&limit=M            accepted mail from the N-th on, rendered
GET  events?after=N&limit=M           events of the accepted mail from the N-th on
GET  tally?issue=ID                   deliveries accepted once, and more than once
GET  faults                           name of a planned fault → how often it struck
POST faults      {fields of Fault}    plan a fault; DELETE faults forgets all, or that of {"name"}
POST account     {fields of Account}  rate, quota, sending_enabled, enforcement, …
POST latency     {"seconds": 0.06}
POST reset                            forget accepted mail, faults and counts
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles.ses.events import events_of
from tests.doubles.ses.faults import Fault
from tests.doubles.ses.service import Reply, Service

PREFIX = "/_double/"
_SETTABLE = ("quota", "sending_enabled", "enforcement", "production", "quota_code", "strict")


class Control:
    def __init__(self, service: Service) -> None:
        self._service = service

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        url = urlsplit(target)
        name = url.path.removeprefix(PREFIX)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        with self._service.lock:
            said = self._read(name, query) if method == "GET" else self._change(method, name, json.loads(body or b"{}"))
        if said is None:
            return Reply(404, b'{"message": "no such control"}')
        return Reply(body=json.dumps(said).encode())

    def _read(self, name: str, query: dict[str, str]) -> dict[str, Any] | None:
        box = self._service.mailbox
        after, limit = int(query.get("after", "0")), int(query.get("limit", "1000"))
        match name:
            case "stats":
                return stats(self._service)
            case "mails":
                page = box.mails[after : after + limit]
                return {"mails": [mail.as_dict() for mail in page], "next": after + len(page)}
            case "events":
                page = box.mails[after : after + limit]
                return {"events": [event for mail in page for event in events_of(mail)], "next": after + len(page)}
            case "tally":
                return box.tally.of(query.get("issue", ""))
            case "faults":
                return {fault.name: fault.struck for fault in self._service.faults.planned}
        return None

    def _change(self, method: str, name: str, given: dict[str, Any]) -> dict[str, Any] | None:
        service = self._service
        match method, name:
            case "POST", "faults":
                service.faults.add(Fault(**given))
            case "DELETE", "faults" if "name" in given:
                return {"struck": service.faults.forget(given["name"])}
            case "DELETE", "faults":
                service.faults.clear()
            case "POST", "latency":
                service.latency = float(given["seconds"])
            case "POST", "account":
                self._set_account(given)
            case "POST", "reset":
                reset(service)
            case _:
                return None
        return {}

    def _set_account(self, given: dict[str, Any]) -> None:
        account = self._service.account
        for name in _SETTABLE:
            if name in given:
                setattr(account, name, given[name])
        if "identities" in given:
            account.identities = None if given["identities"] is None else set(given["identities"])
        account.suppressed |= given.get("suppressed", {})
        account.configuration_sets |= set(given.get("configuration_sets", ()))
        if {"rate", "bulk_calls", "strict"} & given.keys():
            account.limit(given.get("rate", account.rate), given.get("bulk_calls", account.bulk_calls))


def stats(service: Service) -> dict[str, Any]:
    box = service.mailbox
    return {
        "calls": dict(service.calls),
        "accepted": box.accepted,
        "last_day": service.account.sent_last_day(service.clock()),
        "throttled": service.sending.throttled,
        "issues": {issue: box.tally.of(issue) for issue in box.tally.issues},
        "first_at": box.first_at,
        "last_at": box.last_at,
    }


def reset(service: Service) -> None:
    service.mailbox.clear()
    service.faults.clear()
    service.calls.clear()
    service.sending.throttled = 0
