"""A trial message: one real mail to a colleague, outside any roster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from digest.deliver.message import Links, personalise
from digest.deliver.senders.port import Sender
from digest.errors import UsageMistake
from digest.model import Receipt, Recipient, Rendered

#: A trial is for colleagues; whoever needs more readers sends an issue.
MOST = 5
#: What `issue` tags carry in a trial, so that events of trials count for no issue.
NO_ISSUE = 0


def send_trial(
    editions: Mapping[str, Rendered],
    sender: Sender,
    links: Links,
    *,
    newsletter: str,
    to: Sequence[str],
    edition: str = "",
    name: str,
) -> dict[str, Receipt]:
    """Send one edition as it would look now; address → receipt. Its links name nobody, so nobody can leave by them.

    `edition` is the first one's when empty; `name` is how the reader is called.
    """
    if not 1 <= len(to) <= MOST:
        raise UsageMistake(f"A test goes to one to {MOST} addresses, not {len(to)}.")
    rendered = editions.get(edition or next(iter(editions)))
    if rendered is None:
        raise UsageMistake(f"There is no edition {edition!r}.", hint=f"There are {', '.join(editions)}.")
    rendered = replace(rendered, subject=f"[Test] {rendered.subject}")
    messages = [
        personalise(
            rendered,
            Recipient(position=position, subscriber_id=0, address=address, name=name),
            links,
            issue=NO_ISSUE,
            attempt=1,
            newsletter=newsletter,
            fallback_name=name,
        )
        for position, address in enumerate(to, start=1)
    ]
    receipts = sender.send(sender.prepare(rendered, messages))
    return {message.recipient.address: receipt for message, receipt in zip(messages, receipts, strict=True)}
