"""`fabmesh up`, `status` and `down` with the real services, one hub and no CAD worker."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from launcher.processes import ProcessIdentity
from launcher.state import InstanceState

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


def fabmesh(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "launcher.cli", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment)


class Instance:
    """One instance on a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def up(self) -> subprocess.CompletedProcess[str]:
        return fabmesh("up", "--data", str(self.data), "--hubs", "1", "--workers", "0", "--detach")

    def down(self) -> subprocess.CompletedProcess[str]:
        return fabmesh("down", "--data", str(self.data))

    def status(self) -> dict[str, Any]:
        return json.loads(fabmesh("status", "--data", str(self.data), "--json").stdout)

    def part(self, name: str) -> dict[str, Any]:
        return next(part for part in self.status()["parts"] if part["name"] == name)

    @property
    def endpoints(self) -> dict[str, Any]:
        return json.loads((self.data / "endpoints.json").read_text())

    @property
    def processes(self) -> list[ProcessIdentity]:
        state = InstanceState.load(self.data / "state.json")
        found = [state.supervisor, *(part.process for part in state.parts.values())]
        return [each for each in found if each is not None]

    def ask(self, path: str, key: str = "admin_key") -> httpx.Response:
        known = self.endpoints
        headers = {"Authorization": f"Bearer {known[key]}"}
        return httpx.get(known["edge"] + path, headers=headers, timeout=10, trust_env=False)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = Instance(tmp_path_factory.mktemp("instance") / "data")
    begun = instance.up()
    assert begun.returncode == 0, begun.stderr
    yield instance
    assert instance.down().returncode == 0


def until_ready(instance: Instance) -> None:
    deadline = time.monotonic() + 60
    while not instance.status()["ready"]:
        assert time.monotonic() < deadline, instance.status()
        time.sleep(0.2)


def test_every_part_is_ready_and_named(instance: Instance) -> None:
    report = instance.status()
    names = {part["name"] for part in report["parts"]}
    assert names >= {
        "postgres",
        "nats",
        "edge",
        "catalog",
        "orders",
        "routing",
        "quality",
        "fabrication",
        "agent-altona",
    }
    assert report["ready"]
    assert report["running"]
    assert all(part["ready"] and part["pid"] and part["memory_mb"] > 1 for part in report["parts"])
    assert report["memory_mb"] == pytest.approx(sum(part["memory_mb"] for part in report["parts"]), abs=1)


def test_the_endpoints_are_private_and_good(instance: Instance) -> None:
    assert stat.S_IMODE((instance.data / "endpoints.json").stat().st_mode) == 0o600
    assert instance.ask("/catalog/v1/materials").status_code == 200
    assert instance.ask("/routing/v1/hubs").json()["items"][0]["state"] == "online"
    assert instance.ask("/orders/v1/orders", "partner_key").status_code == 200
    for url in instance.endpoints["services"].values():
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200


def test_no_secret_can_be_read_by_others(instance: Instance) -> None:
    assert stat.S_IMODE((instance.data / "secrets").stat().st_mode) == 0o700
    for secret in (instance.data / "secrets").iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600, secret


def test_a_second_launcher_on_the_folder_is_refused(instance: Instance) -> None:
    before = instance.processes
    second = instance.up()
    assert second.returncode == 1
    assert second.stderr.startswith("fabmesh: process ")
    assert instance.processes == before


@pytest.mark.parametrize("name", ["postgres", "nats", "edge", "orders", "agent-altona", "machine-altona-mk4-1"])
def test_a_part_that_is_killed_comes_back_on_its_port(instance: Instance, name: str) -> None:
    before = instance.part(name)
    os.kill(before["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (after := instance.part(name))["restarts"] == before["restarts"] or not after["ready"]:
        assert time.monotonic() < deadline, after
        time.sleep(0.2)
    assert after["pid"] != before["pid"]
    assert after["port"] == before["port"]
    until_ready(instance)


def test_down_ends_everything_and_up_continues(instance: Instance) -> None:
    known, processes = instance.endpoints, instance.processes
    hubs = instance.ask("/routing/v1/hubs").json()["items"]
    assert instance.down().returncode == 0
    assert not any(process.running for process in processes)
    assert not (instance.data / "endpoints.json").exists()
    assert fabmesh("status", "--data", str(instance.data)).returncode == 3
    assert instance.down().returncode == 0, "once more is well"
    again = instance.up()
    assert again.returncode == 0, again.stderr
    assert instance.endpoints == known
    assert [hub["id"] for hub in instance.ask("/routing/v1/hubs").json()["items"]] == [hub["id"] for hub in hubs]


def test_nothing_outlives_a_launcher_that_is_killed(instance: Instance) -> None:
    known, processes = instance.endpoints, instance.processes
    processes[0].send(signal.SIGKILL)
    left = [process for process in processes if not process.wait(60)]
    assert not left, [Path(f"/proc/{each.pid}/cmdline").read_text() for each in left]
    again = instance.up()
    assert again.returncode == 0, again.stderr
    assert instance.endpoints == known


def test_what_is_impossible_is_said(instance: Instance, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    for arguments, complaint in (
        (("--hubs", "99"), "the city has 8 hubs"),
        (("--workers", "-1"), "workers"),
        (("--city", "/nowhere.toml"), "cannot read the city"),
    ):
        refused = fabmesh("up", "--data", data, *arguments)
        assert refused.returncode == 1
        assert complaint in refused.stderr
    assert not (tmp_path / "data").exists()


def test_fresh_does_not_touch_other_peoples_servers(tmp_path: Path) -> None:
    refused = fabmesh("up", "--fresh", "--data", str(tmp_path / "x"), DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")
    assert refused.returncode == 1
    assert "--fresh" in refused.stderr
