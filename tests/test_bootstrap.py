"""The wiring: settings become an App, and the key that signs readers' links is made once and kept."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from digest.bootstrap import App, kept_key
from digest.errors import SettingsError, StoreError
from digest.settings import load
from subscribers import WeakKey
from tests.newsroom import SETTINGS


def app(folder: Path, **environment: str) -> App:
    file = folder / "settings.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return App(load(environment, file=file))


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    room = app(tmp_path)
    room.close()

    assert [file.name for file in tmp_path.iterdir()] == ["settings.toml"]


def test_each_part_is_made_once(tmp_path: Path) -> None:
    room = app(tmp_path)

    for part in (
        "database",
        "renderer",
        "web",
        "sender",
        "tokens",
        "intake",
        "drafting",
        "proofs",
        "delivery",
        "worker",
    ):
        assert getattr(room, part) is getattr(room, part), part
    room.close()


@pytest.mark.parametrize("sender", ["outbox", "ses", "smtp"])
def test_the_sender_is_the_one_that_the_settings_name(tmp_path: Path, sender: str) -> None:
    room = app(tmp_path, DIGEST_SENDER=sender)

    assert room.sender.name == sender
    room.close()


def test_a_new_newsroom_gets_a_database_with_its_tables_and_a_closed_app_opens_nothing_again(tmp_path: Path) -> None:
    room = app(tmp_path)
    assert room.database.version()
    room.close()
    room.close()

    assert (tmp_path / "data" / "digest.db").is_file()


def test_a_database_of_another_version_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    room = app(tmp_path)
    with room.database.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    room.close()

    with pytest.raises(StoreError, match="is at version 0000"):
        _ = app(tmp_path).database


# --- Keys --------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_for_its_owner_only_and_old_links_work_after_a_restart(tmp_path: Path) -> None:
    link = app(tmp_path).tokens.leave(7, "daily")
    file = tmp_path / "data" / "secret-key"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text(encoding="ascii")) >= 32
    assert app(tmp_path).tokens.read_leave(link) == (7, "daily")
    assert [left.name for left in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_processes_that_start_together_keep_one_key(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    keys: list[str] = []

    def start() -> None:
        together.wait()
        keys.append(kept_key(tmp_path / "data" / "secret-key"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_key_that_is_given_is_used_and_none_is_made(tmp_path: Path) -> None:
    room = app(tmp_path, DIGEST_SECRET_KEY="a key that is long enough to sign with")
    link = room.tokens.leave(7, "daily")

    assert not (tmp_path / "data" / "secret-key").exists()
    other = app(tmp_path, DIGEST_SECRET_KEY="another key that is long enough to sign with")
    with pytest.raises(Exception, match="link"):
        other.tokens.read_leave(link)


def test_links_in_old_mail_work_while_the_old_key_stands_behind_the_new_one(tmp_path: Path) -> None:
    old, new = "the old key is long enough to sign with", "the new key is long enough to sign with"
    link = app(tmp_path, DIGEST_SECRET_KEY=old).tokens.leave(7, "daily")

    rotated = app(tmp_path, DIGEST_SECRET_KEY=f"{new}, {old}")

    assert rotated.tokens.read_leave(link) == (7, "daily")
    fresh = rotated.tokens.leave(7, "daily")
    assert app(tmp_path, DIGEST_SECRET_KEY=new).tokens.read_leave(fresh) == (7, "daily")


@pytest.mark.parametrize("key", ["short", ",", " , "])
def test_a_key_that_is_too_weak_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(WeakKey):
        _ = app(tmp_path, DIGEST_SECRET_KEY=key).tokens


def test_several_machines_must_be_given_their_key(tmp_path: Path) -> None:
    room = app(tmp_path, DIGEST_DATABASE_URL="postgresql://digest@db.example/digest")

    with pytest.raises(SettingsError, match="several machines must sign readers' links with the same key") as refused:
        _ = room.tokens

    assert "DIGEST_SECRET_KEY_FILE" in refused.value.hint


def test_an_emptied_key_file_is_refused_rather_than_signed_with(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret-key").touch()

    with pytest.raises((WeakKey, SettingsError)):
        _ = app(tmp_path).tokens
