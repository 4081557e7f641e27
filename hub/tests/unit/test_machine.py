"""The virtual machine's buttons: what it takes, what it remembers, and what it answers to nonsense."""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import MachineOffline, MachineRefused
from hub.machine_port import MachinePort
from hub.simulator.machine import VirtualMachine
from hub.simulator.server import MAX_LINE_BYTES, MachineServer
from hub.simulator.settings import Truth, VirtualMachineConfig, models
from hub.simulator.start_journal import StartJournal

IDENTITY = [1, 0, 0, 100, 0, 1, 0, 100, 0, 0, 1, 0, 0, 0, 0, 1]


class Bench:
    """A machine in this process, and a port to it."""

    def __init__(self, machine: VirtualMachine, port: MachinePort, number: int) -> None:
        self.machine = machine
        self.port = port
        self.number = number

    async def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        return await self.port.ask({"do": do} | fields, timeout_s=2)

    async def refusal(self, do: str, **fields: Any) -> str:
        with pytest.raises(MachineRefused) as refused:
            await self.ask(do, **fields)
        return refused.value.code

    async def upload(self, text: str) -> str:
        data = text.encode()
        sha = hashlib.sha256(data).hexdigest()
        await self.ask("upload", sha256=sha, offset=0, data=base64.b64encode(data).decode(), last=True)
        return sha

    async def raw(self, line: bytes) -> dict[str, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
        with contextlib.suppress(ConnectionError):
            writer.write(line)
            await writer.drain()
        answer = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        return dict(json.loads(answer))

    async def until(self, state: str) -> None:
        async with asyncio.timeout(10):
            while (await self.ask("status"))["state"] != state:
                await asyncio.sleep(0.02)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    config = VirtualMachineConfig(
        id="m1",
        model=models()["prusa-mk4"],
        data_dir=tmp_path,
        host="127.0.0.1",
        port=0,
        speed_up=20_000,
        clear_s=-1,
        truth=Truth(sigma_mm=0, gauge_sigma_mm=0, gauge_sigma_g=0),
    )
    machine = VirtualMachine(config, tmp_path)
    server = await asyncio.start_server(MachineServer(machine).serve, "127.0.0.1", 0, limit=MAX_LINE_BYTES)
    number = server.sockets[0].getsockname()[1]
    life = asyncio.create_task(machine.run())
    port = MachinePort("127.0.0.1", number)
    yield Bench(machine, port, number)
    await port.close()
    life.cancel()
    server.close()
    machine.close()


async def test_a_job_from_upload_to_clear_bed(bench: Bench, ring: Callable[..., str]) -> None:
    sha = await bench.upload(ring())
    key = {"job_order": "j", "token": 4}
    started = await bench.ask("start", **key, sha256=sha, material_id="petg", copies=1)
    assert started["outcome"] == "running"
    await bench.until("bed-occupied")
    outcome = await bench.ask("outcome", **key)
    assert outcome["outcome"] == "completed"
    assert outcome["sha256"] == sha
    found = await bench.ask(
        "measure",
        **key,
        placements=[IDENTITY],
        characteristics=[
            {"name": "width", "feature": "extent-x"},
            {"name": "hole", "feature": "bore", "at": [0, 0, 0.5]},
            {"name": "weight", "feature": "mass"},
            {"name": "finish", "feature": "by-eye"},
        ],
    )
    values = {row["characteristic"]: (row["value"], row["instrument"]) for row in found["measurements"]}
    assert set(values) == {"width", "hole", "weight"}
    assert values["width"] == (pytest.approx(20.0, abs=0.02), "caliper")
    assert values["hole"] == (pytest.approx(19.1, abs=0.02), "pin gauge")
    assert values["weight"][0] == pytest.approx(outcome["used_g"], abs=0.002)
    assert await bench.refusal("start", job_order="k", token=1, sha256=sha) == "not-idle"
    assert (await bench.ask("clear"))["state"] == "idle"
    assert await bench.refusal("start", **key, sha256=sha) == "already-started"


async def test_a_program_in_pieces_has_to_be_whole(bench: Bench) -> None:
    data = b"G28\nG4 P1\n"
    sha = hashlib.sha256(data).hexdigest()

    def piece(part: bytes, offset: int, *, last: bool = False) -> dict[str, Any]:
        return {"sha256": sha, "offset": offset, "data": base64.b64encode(part).decode(), "last": last}

    assert await bench.refusal("start", job_order="j", token=1, sha256=sha) == "unknown-program"
    assert (await bench.ask("upload", **piece(data[:4], 0)))["bytes"] == 4
    assert await bench.refusal("upload", **piece(data[6:], 6)) == "bad-upload"
    assert await bench.refusal("upload", **piece(b"G29\nxxx", 4, last=True)) == "digest-mismatch"
    await bench.ask("upload", **piece(data[:4], 0))
    assert (await bench.ask("upload", **piece(data[4:], 4, last=True)))["bytes"] == 10
    assert (await bench.ask("start", job_order="j", token=1, sha256=sha))["outcome"] == "running"


async def test_settling_bars_what_never_started(bench: Bench, ring: Callable[..., str]) -> None:
    key = {"job_order": "j", "token": 1}
    assert await bench.refusal("outcome", **key) == "unknown-job"
    assert (await bench.ask("settle", **key))["outcome"] == "barred"
    assert await bench.refusal("start", **key, sha256=await bench.upload(ring())) == "already-started"
    assert (await bench.ask("status"))["state"] == "idle"


async def test_only_the_job_under_way_is_cancelled(bench: Bench) -> None:
    sha = await bench.upload("G28\n" + "G1 X200 F60\nG1 X0\n" * 1000)
    await bench.ask("start", job_order="j", token=1, sha256=sha)
    assert await bench.refusal("cancel", job_order="k", token=1) == "unknown-job"
    assert await bench.refusal("clear") == "not-idle"
    assert (await bench.ask("cancel", job_order="j", token=1))["outcome"] == "cancelled"
    assert (await bench.ask("status"))["state"] == "bed-occupied"
    assert (await bench.ask("cancel", job_order="j", token=1))["outcome"] == "cancelled"


async def test_faults_on_order(bench: Bench, ring: Callable[..., str]) -> None:
    sha = await bench.upload(ring(layers=10))
    await bench.ask("fault", kind="broken")
    assert (await bench.ask("status"))["state"] == "fault"
    assert await bench.refusal("start", job_order="j", token=1, sha256=sha) == "not-idle"
    await bench.ask("fault", kind="repair")
    await bench.ask("fault", kind="fail", fraction=0.5)
    await bench.ask("start", job_order="j", token=1, sha256=sha)
    await bench.until("bed-occupied")
    outcome = await bench.ask("outcome", job_order="j", token=1)
    assert (outcome["outcome"], outcome["reason"]) == ("failed", "machine-fault")
    assert await bench.refusal("measure", job_order="j", token=1, placements=[], characteristics=[]) == "no-parts"
    await bench.ask("clear")
    await bench.ask("fault", kind="jam")
    await bench.ask("start", job_order="j", token=2, sha256=sha)
    await bench.until("bed-occupied")
    outcome = await bench.ask("outcome", job_order="j", token=2)
    assert (outcome["outcome"], outcome["used_g"]) == ("completed", 0.0)
    await bench.ask("fault", kind="offline", seconds=30)
    with pytest.raises(MachineOffline):
        await bench.ask("status")
    bench.machine.absent_until = 0.0
    await bench.ask("fault", kind="hang", seconds=30)
    with pytest.raises(MachineOffline):
        await bench.port.ask({"do": "status"}, timeout_s=0.2)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"nonsense\n", "bad-request"),
        (b"[]\n", "bad-request"),
        (b"{}\n", "unknown-request"),
        (b'{"do":[]}\n', "unknown-request"),
        (b"\xff\xfe\n", "bad-request"),
        (b"[" * 100_000 + b"\n", "bad-request"),
        (b"x" * (MAX_LINE_BYTES + 10) + b"\n", "too-long"),
        (b'{"do":"start"}\n', "bad-request"),
        (b'{"do":"start","job_order":"../x","token":1,"sha256":""}\n', "bad-request"),
        (b'{"do":"start","job_order":"x","token":1,"sha256":"../../etc/passwd"}\n', "bad-request"),
        (b'{"do":"start","job_order":"x","token":true,"sha256":""}\n', "bad-request"),
        (b'{"do":"start","job_order":"x","token":1e400,"sha256":""}\n', "bad-request"),
        (b'{"do":"upload","sha256":"x","offset":0,"data":"!"}\n', "bad-request"),
        (b'{"do":"upload","sha256":"x","offset":-1,"data":""}\n', "bad-request"),
        (b'{"do":"fault","kind":"explode"}\n', "unknown-fault"),
        (b'{"do":"fault","kind":"fail","fraction":NaN}\n', "bad-request"),
        (b'{"do":"fault","kind":"hang","seconds":1e9}\n', "bad-request"),
        (b'{"do":"measure","job_order":"x","token":1,"placements":[[1]],"characteristics":[]}\n', "bad-placement"),
        (b'{"do":"measure","job_order":"x","token":1,"placements":["a"],"characteristics":[]}\n', "bad-request"),
        (b'{"do":"measure","job_order":"x","token":1,"placements":[],"characteristics":[3]}\n', "bad-request"),
    ],
)
async def test_nonsense_is_answered_and_the_machine_goes_on(bench: Bench, line: bytes, code: str) -> None:
    assert (await bench.raw(line))["error"]["code"] == code
    assert (await bench.ask("status"))["state"] == "idle"


def test_a_start_without_an_end_is_lost_at_the_next_opening(tmp_path: Path) -> None:
    path = tmp_path / "starts.jsonl"
    journal = StartJournal(path)
    journal.start(("j", 1), sha256="s", copies=2, density_g_per_cm3=1.2, drift_mm=0.0)
    journal.close()
    again = StartJournal(path)
    assert again.runs["j", 1].outcome == "lost"
    assert again.bed_occupied
    again.clear()
    again.start(("j", 2), sha256="s", copies=1, density_g_per_cm3=1.2, drift_mm=0.0)
    assert again.runs["j", 2].since_service == 2
    again.end(("j", 2), outcome="completed")
    again.service()
    again.close()
    third = StartJournal(path)
    assert [run.outcome for run in third.runs.values()] == ["lost", "completed"]
    assert third.parts_since_service == 0
    third.close()
