import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.parts import Part
from launcher.processes import ProcessIdentity
from launcher.state import InstanceState, PartState, end_leftovers


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def identity(process: subprocess.Popen[bytes]) -> ProcessIdentity:
    found = ProcessIdentity.of(process.pid)
    assert found is not None
    return found


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    part = Part(
        "orders", ["x"], port=7, ready="http://x/readyz", stop_signal=signal.SIGINT, stop_s=4.0, dark=Path("/d")
    )
    state = InstanceState(ProcessIdentity(1, 2), "services", ready=True, parts={"orders": PartState.of(part)})
    state.parts["orders"].process = ProcessIdentity(3, 4)
    state.save(tmp_path / "state.json")
    assert InstanceState.load(tmp_path / "state.json") == state
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600


def test_without_a_file_nothing_runs(tmp_path: Path) -> None:
    state = InstanceState.load(tmp_path / "state.json")
    assert not state.running
    assert state.parts == {}


def test_a_process_is_known_by_more_than_its_number(sleeper: subprocess.Popen[bytes]) -> None:
    real = identity(sleeper)
    assert real.running
    assert not ProcessIdentity(real.pid, real.started - 1).running


def test_a_stranger_that_has_the_number_now_is_left_in_peace(sleeper: subprocess.Popen[bytes]) -> None:
    stranger = ProcessIdentity(sleeper.pid, identity(sleeper).started - 1)
    assert end_leftovers([PartState("orders", process=stranger)]) == []
    stranger.send(signal.SIGKILL)
    assert sleeper.poll() is None


def test_leftovers_are_ended(sleeper: subprocess.Popen[bytes]) -> None:
    assert end_leftovers([PartState("orders", process=identity(sleeper)), PartState("never-started")]) == ["orders"]
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_leftover_that_does_not_listen_is_made_to_end() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        end_leftovers([PartState("stubborn", process=identity(stubborn), stop_s=0.2)])
        assert stubborn.wait(5) == -signal.SIGKILL


def test_a_zombie_does_not_run() -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert ProcessIdentity.of(process.pid) is None


def test_there_is_no_process_of_an_impossible_number() -> None:
    assert ProcessIdentity.of(2**22 + 1) is None
