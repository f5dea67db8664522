"""The outbox: files that a mail program opens, one for each reader however often it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.deliver.senders.outbox import OutboxSender
from digest.errors import AccountError
from digest.model import Recipient
from tests.contracts.sender import ALICE, BOB, MORNING, NOON, Arrived, SenderContract, message, messages


class Outbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sender = OutboxSender(folder, clock=lambda: NOON)

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def arrived(self) -> list[Arrived]:
        in_order = sorted(self.files(), key=lambda path: path.stat().st_mtime_ns)
        return [Arrived.from_bytes(path.read_bytes()) for path in in_order]


@pytest.fixture
def post(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


class TestOutbox(SenderContract):
    pass


def test_each_issue_has_a_folder_and_each_reader_a_file(post: Outbox) -> None:
    post.sender.send(post.sender.prepare(MORNING, messages(ALICE, BOB)))

    assert [str(path.relative_to(post.folder)) for path in post.files()] == [
        "7/1-alice@example.org.eml",
        "7/2-bob+news@example.com.eml",
    ]


def test_writing_a_reader_again_replaces_the_file(post: Outbox) -> None:
    for attempt in (1, 2):
        post.sender.send(post.sender.prepare(MORNING, [message(ALICE, attempt=attempt)]))

    (path,) = post.files()
    assert Arrived.from_bytes(path.read_bytes()).headers["X-Digest-Attempt"] == "2"


def test_a_file_left_half_written_by_a_crash_is_not_mistaken_for_mail(post: Outbox) -> None:
    folder = post.folder / "7"
    folder.mkdir(parents=True)
    (folder / ".1-alice@example.org.eml.part").write_bytes(b"From: ne")

    post.sender.send(post.sender.prepare(MORNING, messages(ALICE)))

    assert [path.name for path in post.files()] == ["1-alice@example.org.eml"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/etc/passwd@example.org", "9-_etc_passwd@example.org.eml"),
        ("o'neil@example.org", "9-o_neil@example.org.eml"),
        (f"{'x' * 64}@{'y' * 60}.{'z' * 60}.example", f"9-{'x' * 64}@{'y' * 60}.{'z' * 24}.eml"),
    ],
)
def test_an_odd_address_makes_a_harmless_file_name(post: Outbox, address: str, name: str) -> None:
    odd = Recipient(position=9, subscriber_id=9, address=address)
    post.sender.send(post.sender.prepare(MORNING, [message(odd)]))

    assert [str(path.relative_to(post.folder)) for path in post.files()] == [f"7/{name}"]


def test_the_tags_can_be_read_in_the_file(post: Outbox) -> None:
    post.sender.send(post.sender.prepare(MORNING, messages(BOB)))

    headers = post.arrived()[0].headers
    assert {name: headers[f"X-Digest-{name}"] for name in ("Issue", "Delivery", "Attempt", "Newsletter")} == {
        "Issue": "7",
        "Delivery": "2",
        "Attempt": "1",
        "Newsletter": "daily",
    }


def test_an_outbox_that_cannot_be_written_pauses_the_issue(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    sender = OutboxSender(tmp_path / "outbox", clock=lambda: NOON)

    with pytest.raises(AccountError, match="outbox cannot be written") as stopped:
        sender.send(sender.prepare(MORNING, messages(ALICE)))
    assert not stopped.value.waits
