"""The account's own calls: GetAccount, suppression list, templates, configuration sets."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.doubles.ses.account import Account
from tests.doubles.ses.errors import SesError, bad_request
from tests.doubles.ses.language import compiled, parsed_data

Json = dict[str, Any]
_PAGE = 100


class Management:
    def __init__(self, account: Account, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._clock = clock
        self._since: dict[str, float] = {}

    # --- Account -------------------------------------------------------------------------------------------

    def get_account(self) -> Json:
        account = self._account
        quota = {
            "Max24HourSend": account.quota if account.production else 200.0,
            "MaxSendRate": (account.rate or 10_000.0) if account.production else 1.0,
            "SentLast24Hours": float(account.sent_last_day(self._clock())),
        }
        return {
            "SendQuota": quota,
            "SendingEnabled": account.sending_enabled,
            "ProductionAccessEnabled": account.production,
            "EnforcementStatus": account.enforcement,
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }

    def put_sending(self, request: Json) -> Json:
        self._account.sending_enabled = bool(request.get("SendingEnabled", False))
        return {}

    # --- Identities ----------------------------------------------------------------------------------------

    def get_identity(self, name: str) -> Json:
        """Where any address may send, domains are verified; else those that are named."""
        known, told = self._account.identities, self._account.about_identities
        if name not in told and ("@" in name if known is None else name not in known):
            raise SesError("NotFoundException", f"Email identity {name} does not exist.")
        return {
            "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
            "VerifiedForSendingStatus": True,
            "VerificationStatus": "SUCCESS",
            "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS"},
            "MailFromAttributes": {"MailFromDomain": f"bounce.{name}", "MailFromDomainStatus": "SUCCESS"},
            **told.get(name, {}),
        }

    # --- Suppression ---------------------------------------------------------------------------------------

    def put_suppressed(self, request: Json) -> Json:
        address, reason = request.get("EmailAddress", ""), request.get("Reason", "")
        if not address or reason not in ("BOUNCE", "COMPLAINT"):
            raise bad_request("EmailAddress and Reason (BOUNCE or COMPLAINT) are required.")
        self._account.suppressed[address.lower()] = reason
        self._since[address.lower()] = time.time()
        return {}

    def get_suppressed(self, address: str) -> Json:
        return {"SuppressedDestination": self._suppressed(address)}

    def delete_suppressed(self, address: str) -> Json:
        self._suppressed(address)
        del self._account.suppressed[address.lower()]
        return {}

    def list_suppressed(self, query: dict[str, list[str]]) -> Json:
        wanted = set(query.get("Reason", []))
        found = [a for a, reason in sorted(self._account.suppressed.items()) if not wanted or reason in wanted]
        start, size = int(query.get("NextToken", ["0"])[0]), int(query.get("PageSize", [str(_PAGE)])[0])
        page = [self._suppressed(address) for address in found[start : start + size]]
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return {"SuppressedDestinationSummaries": page, **more}

    def _suppressed(self, address: str) -> Json:
        reason = self._account.suppressed.get(address.lower())
        if reason is None:
            raise SesError("NotFoundException", f"Email address {address} does not exist on your suppression list.")
        since = self._since.get(address.lower(), 0.0)
        return {"EmailAddress": address.lower(), "Reason": reason, "LastUpdateTime": since}

    # --- Templates -----------------------------------------------------------------------------------------

    def create_template(self, request: Json) -> Json:
        name = request.get("TemplateName", "")
        if name in self._account.templates:
            raise SesError("AlreadyExistsException", f"Template {name} already exists.")
        self._account.templates[name] = _template(request)
        return {}

    def update_template(self, name: str, request: Json) -> Json:
        self._template(name)
        self._account.templates[name] = _template(request)
        return {}

    def get_template(self, name: str) -> Json:
        return {"TemplateName": name, "TemplateContent": self._template(name)}

    def delete_template(self, name: str) -> Json:
        self._template(name)
        del self._account.templates[name]
        return {}

    def list_templates(self) -> Json:
        return {"TemplatesMetadata": [{"TemplateName": name} for name in sorted(self._account.templates)]}

    def render_template(self, name: str, request: Json) -> Json:
        data = parsed_data(request.get("TemplateData", ""))
        parts = [compiled(source).render(data) for source in self._template(name).values()]
        return {"RenderedTemplate": "\r\n".join(parts)}

    def _template(self, name: str) -> dict[str, str]:
        try:
            return self._account.templates[name]
        except KeyError:
            raise SesError("NotFoundException", f"Template {name} does not exist.") from None

    # --- Configuration sets --------------------------------------------------------------------------------

    def create_configuration_set(self, request: Json) -> Json:
        name = request.get("ConfigurationSetName", "")
        if name in self._account.configuration_sets:
            raise SesError("AlreadyExistsException", f"Configuration set <{name}> already exists.")
        self._account.configuration_sets.add(name)
        return {}

    def get_configuration_set(self, name: str) -> Json:
        if name not in self._account.configuration_sets:
            raise SesError("NotFoundException", f"Configuration set <{name}> does not exist.")
        return {"ConfigurationSetName": name, "SendingOptions": {"SendingEnabled": True}}

    def delete_configuration_set(self, name: str) -> Json:
        self.get_configuration_set(name)
        self._account.configuration_sets.remove(name)
        return {}

    def create_destination(self, name: str, request: Json) -> Json:
        self.get_configuration_set(name)
        destinations = self._account.destinations.setdefault(name, {})
        if request.get("EventDestinationName", "") in destinations:
            raise SesError("AlreadyExistsException", "An event destination with this name already exists.")
        destinations[request["EventDestinationName"]] = request["EventDestination"]
        return {}

    def get_destinations(self, name: str) -> Json:
        self.get_configuration_set(name)
        found = self._account.destinations.get(name, {})
        return {"EventDestinations": [{"Name": key, **value} for key, value in found.items()]}

    def update_destination(self, path: str, request: Json) -> Json:
        name, _, destination = path.partition("/event-destinations/")
        if destination not in self._account.destinations.get(name, {}):
            raise SesError("NotFoundException", f"Event destination <{destination}> does not exist.")
        self._account.destinations[name][destination] = request["EventDestination"]
        return {}

    def list_configuration_sets(self) -> Json:
        return {"ConfigurationSets": sorted(self._account.configuration_sets)}


def _template(request: Json) -> dict[str, str]:
    content = request.get("TemplateContent") or {}
    for source in content.values():
        compiled(source)
    return dict(content)
