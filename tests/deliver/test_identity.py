"""Who a worker is, and when another may be sure that it is gone."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from digest.deliver import identity

ANOTHER = "import sys; from digest.deliver import identity; print(identity.my_name(), flush=True); sys.stdin.read()"


def _parts() -> list[str]:
    return identity.my_name().split(":")


def test_threads_of_a_process_are_workers_of_their_own() -> None:
    names = [identity.my_name()]
    other = threading.Thread(target=lambda: names.append(identity.my_name()))
    other.start()
    other.join()

    assert names[0] != names[1]
    assert names[0].rpartition(":")[0] == names[1].rpartition(":")[0]


def test_a_process_is_dead_once_it_has_ended_and_not_before() -> None:
    other = subprocess.Popen([sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    name = other.stdout.readline().strip()

    assert not identity.is_dead(name)
    other.kill()
    other.communicate()

    assert identity.is_dead(name)


def test_a_killed_process_is_dead_although_its_parent_has_not_noticed() -> None:
    other = subprocess.Popen([sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    name = other.stdout.readline().strip()
    other.kill()
    for _ in range(500):
        if identity.is_dead(name):
            break
        time.sleep(0.01)

    assert identity.is_dead(name)
    other.communicate()


def test_this_worker_is_alive() -> None:
    assert not identity.is_dead(identity.my_name())


def test_a_number_that_went_to_another_process_does_not_keep_the_dead_alive() -> None:
    """As in a container that is started again: everything in it has the number that it had before."""
    place, pid, started, thread = _parts()
    before = ":".join([place, pid, f"{float(started) - 60:.2f}", thread])

    assert identity.is_dead(before)


def test_a_clock_that_was_set_kills_nobody() -> None:
    place, pid, started, thread = _parts()

    assert not identity.is_dead(":".join([place, pid, f"{float(started) + 1:.2f}", thread]))


def test_nobody_here_can_know_about_a_worker_elsewhere() -> None:
    place, _, started, thread = _parts()
    host, _, processes = place.partition("/")

    assert not identity.is_dead(f"another-host/1:1:{started}:{thread}")
    assert not identity.is_dead(":".join([f"{host}/{processes}1", "999999", started, thread])), "another container"


def test_a_name_that_we_did_not_write_says_nothing() -> None:
    place, pid, *_ = _parts()

    for name in ("", "Wanda", f"{place}:many", f"{place}:{pid}:yesterday:1", f"{place}:{pid}"):
        assert not identity.is_dead(name), name
