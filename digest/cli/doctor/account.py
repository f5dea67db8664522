"""The sender's account: what it allows, what was learned of it, and who it lets send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding


def of_sender(app_: App) -> Iterator[Finding]:
    from digest.errors import SenderError

    try:
        account = app_.sender.account()
    except SenderError as error:
        yield finding("error", "account", str(error), app_.sender.name)
        return
    quota = f", {account.remaining:,} of {account.max_per_day:,} left today" if account.max_per_day is not None else ""
    yield finding("hint", "account", f"Allows {account.max_rate:,.0f} readers a second{quota}.", app_.sender.name)
    if not account.sending_enabled:
        yield finding("error", "sending-disabled", account.note or "Sending is disabled.", app_.sender.name)
    elif account.note:
        yield finding("warning", "account-note", account.note, app_.sender.name)


def of_identities(app_: App) -> Iterator[Finding]:
    """Whether SES lets each newsletter's sender send, and signs for its domain."""
    from digest.errors import SenderError
    from digest.events.identity import covering

    if app_.settings["sender"] != "ses":
        return
    for slug, letter in app_.newsletters.items():
        try:
            identity = covering(app_.amazon, letter.sender_address)
        except SenderError as error:
            yield finding("hint", "not-examined", f"The sender's identity was not examined: {error.message}", slug)
            continue
        if identity is None:
            yield finding("error", "no-identity", _NO_IDENTITY.format(address=letter.sender_address), slug)
            continue
        if identity.trouble:
            yield finding("error", "identity", identity.trouble, slug)
        for doubt in identity.doubts:
            yield finding("warning", "identity", doubt, slug)


_NO_IDENTITY = (
    "SES knows no identity that {address} belongs to, and will refuse every message: verify its domain (SES, "
    "Identities, Create identity), in the region of ses.region."
)


def of_pace(app_: App) -> Iterator[Finding]:
    """What the operator capped, and what was learned about bulk calls."""
    from digest.deliver.pace import Way
    from digest.deliver.warmup import cap_at
    from digest.errors import StoreError
    from digest.store import paces

    plan = app_.warm_up
    if plan and (cap := cap_at(plan, app_.clock())):
        ends = f"{plan.ends:%Y-%m-%d}"
        yield finding("hint", "warm-up", f"{cap:,} readers today; from {ends} on there is no cap.", "ses.warm_up")
    try:
        with app_.database.read() as conn:
            known = paces.look(conn, app_.sender.name)
    except StoreError:
        return  # said already
    if known and known.calls:
        said = f"SES refused {known.calls_refused:,.1f} bulk calls a second; {known.calls:,.1f} are made now"
        rest = ", and single messages fill the rate" if app_.limits.way is Way.MIXED else ""
        yield finding("hint", "bulk-calls", f"{said}{rest}.", app_.sender.name)
