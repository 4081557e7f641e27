import asyncio
import contextlib
import hashlib
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from fabmesh.fabrication.v1.events_pb2 import Placement
from fabmesh.hub.v1.hub_pb2 import (
    ClaimDecided,
    ClaimRequested,
    HeartbeatAnswered,
    HeartbeatSent,
    JobOffered,
    JobReported,
    LeaseLost,
    LeaseRenewed,
)
from fabmesh.types.v1.types_pb2 import Characteristic, Size
from hub.machine_port import MachinePort
from launcher.nats import EmbeddedNats
from messaging.connection import connect
from messaging.envelope import seal, uuid7
from messaging.identity import mint_hub_user
from messaging.streams import JOBS, REPORTS
from messaging.structured import from_json, to_json
from messaging.subjects import hub_jobs

Key = tuple[str, int]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass
class Network:
    """The network as one hub sees it: routing's answers over a real server, and the edge's two paths."""

    server: EmbeddedNats
    hub_id: str
    machines: list[str]
    client: Client
    edge_url: str = ""
    programs: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    lost: dict[Key, str] = field(default_factory=dict)
    claims: list[ClaimRequested] = field(default_factory=list)
    heartbeats: list[HeartbeatSent] = field(default_factory=list)
    reports: list[tuple[JobReported, Msg]] = field(default_factory=list)
    lease_s: float = 5.0
    spoil_download: bool = False
    edge_away: bool = False
    enrolments: list[dict[str, Any]] = field(default_factory=list)
    silent: bool = False
    sha_by_job: dict[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        await self.client.subscribe(f"hub.{self.hub_id}.claims", cb=self._claim)
        await self.client.subscribe(f"hub.{self.hub_id}.heartbeat", cb=self._heartbeat)
        js = self.client.jetstream()
        await js.add_consumer(
            JOBS,
            ConsumerConfig(
                durable_name=self.hub_id,
                filter_subject=f"hub.{self.hub_id}.jobs.*",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=2,
            ),
        )
        await js.add_consumer(
            REPORTS,
            ConsumerConfig(
                durable_name=f"reports-{self.hub_id}",
                filter_subject=f"hub.{self.hub_id}.reports.*",
                ack_policy=AckPolicy.EXPLICIT,
            ),
        )
        self._pull = await js.pull_subscribe_bind(durable=f"reports-{self.hub_id}", stream=REPORTS)

    async def _answer(self, msg: Msg, message: Any) -> None:
        await msg.respond(to_json(seal(message, source="routing", subject=self.hub_id), message))

    async def _claim(self, msg: Msg) -> None:
        _, claim = from_json(msg.data, ClaimRequested)
        self.claims.append(claim)
        if self.silent:
            return
        decided = ClaimDecided(fencing_token=claim.fencing_token)
        if claim.job_order_id in self.refusals:
            decided.why = self.refusals[claim.job_order_id]
        else:
            decided.granted = True
            decided.lease_s = self.lease_s
            decided.program_sha256 = self.sha_by_job[claim.job_order_id]
            decided.program_url = f"{self.edge_url}/programs/{decided.program_sha256}"
            decided.download_key = "the-key"
        await self._answer(msg, decided)

    async def _heartbeat(self, msg: Msg) -> None:
        _, beat = from_json(msg.data, HeartbeatSent)
        self.heartbeats.append(beat)
        if self.silent:
            return
        answer = HeartbeatAnswered(heartbeat_interval_s=0.2)
        for machine in beat.machines:
            key = (machine.job_order_id, machine.fencing_token)
            if key in self.lost:
                answer.lost.append(LeaseLost(job_order_id=key[0], fencing_token=key[1], why=self.lost[key]))
            elif key[0]:
                answer.renewed.append(LeaseRenewed(job_order_id=key[0], fencing_token=key[1], lease_s=self.lease_s))
        await self._answer(msg, answer)

    async def offer(self, program: str, *, machine: str = "", job: str = "", token: int = 1, parts: int = 1) -> Key:
        data = program.encode()
        sha = hashlib.sha256(data).hexdigest()
        self.programs[sha] = data
        job = job or uuid7()
        self.sha_by_job[job] = sha
        machine = machine or self.machines[0]
        message = JobOffered(
            job_order_id=job,
            order_id="order-of-" + job,
            hub_id=self.hub_id,
            machine_id=machine,
            fencing_token=token,
            part_ids=[f"part-{number}" for number in range(parts)],
            material_id="pla",
            program_sha256=sha,
            program_bytes=len(data),
            placements=[
                Placement(matrix=[1, 0, 0, 100 + 40 * n, 0, 1, 0, 100, 0, 0, 1, 0, 0, 0, 0, 1]) for n in range(parts)
            ],
            characteristics=[
                Characteristic(name="width", nominal=20, upper=20.2, lower=19.8, unit="mm", feature="extent-x"),
                Characteristic(name="hole", unit="mm", feature="bore", at=Size(x_mm=0, y_mm=0, z_mm=0.5)),
                Characteristic(name="finish", unit="", instrument="eye"),
            ],
        )
        trace = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        body = to_json(
            seal(message, source="routing", subject=job, correlation_id="order-of-" + job, trace=trace), message
        )
        await self.client.jetstream().publish(hub_jobs(self.hub_id, machine), body)
        return job, token

    async def collect(self, wanted: Callable[[list[JobReported]], bool], timeout_s: float = 20) -> list[JobReported]:
        """The reports so far, once they are as wanted."""
        deadline = time.monotonic() + timeout_s
        while not wanted([report for report, _ in self.reports]):
            if time.monotonic() > deadline:
                raise AssertionError(f"only {[describe(report) for report, _ in self.reports]}")
            with contextlib.suppress(TimeoutError):
                for msg in await self._pull.fetch(16, timeout=0.3):
                    self.reports.append((from_json(msg.data, JobReported)[1], msg))
                    await msg.ack()
        return [report for report, _ in self.reports]

    async def finals(self, *keys: Key, timeout_s: float = 20) -> dict[Key, str]:
        """How each of these job orders ended."""

        def all_there(reports: list[JobReported]) -> bool:
            return set(keys) <= {key_of(report) for report in reports if kind_of(report) in ("completed", "aborted")}

        reports = await self.collect(all_there, timeout_s)
        return {key_of(each): describe(each) for each in reports if kind_of(each) in ("completed", "aborted")}


def kind_of(report: JobReported) -> str:
    return str(report.WhichOneof("report"))


def key_of(report: JobReported) -> Key:
    return report.job_order_id, report.fencing_token


def describe(report: JobReported) -> str:
    return f"aborted: {report.aborted.reason.code}" if kind_of(report) == "aborted" else kind_of(report)


class _Edge(http.server.BaseHTTPRequestHandler):
    network: Network
    log_message = lambda *_: None  # noqa: E731

    def do_GET(self) -> None:
        body = self.network.programs.get(self.path.rsplit("/", 1)[-1])
        if self.headers.get("Authorization") != "Bearer the-key" or body is None:
            self.send_error(403)
            return
        self._send(200, b"G28\n" if self.network.spoil_download else body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.network.edge_away:
            self.send_error(502)
            return
        self.network.enrolments.append(body)
        if body["token"] != "enrol-me":
            self._send(403, b'{"title":"Forbidden","detail":"this token was used before"}')
            return
        server = self.network.server
        jwt = mint_hub_user(body["public_nkey"], self.network.hub_id, server.hub_signing_seed, server.hubs_account)
        answer = {
            "hub_id": self.network.hub_id,
            "nats_url": server.url,
            "nats_jwt": jwt,
            "machines": [{"id": m, "name": f"name of {m}", "profile_id": "prusa-mk4"} for m in self.network.machines],
        }
        self._send(201, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
async def network(nats_server: EmbeddedNats, mesh: Client) -> AsyncIterator[Network]:  # mesh: empty streams
    client = await connect(nats_server.url, name="routing", creds=nats_server.creds("routing"))
    found = Network(nats_server, uuid7(), [uuid7(), uuid7()], client)
    handler = type("Edge", (_Edge,), {"network": found})
    edge = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=edge.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    found.edge_url = f"http://127.0.0.1:{edge.server_port}"
    await found.open()
    yield found
    edge.shutdown()
    thread.join()
    edge.server_close()
    await client.jetstream().delete_consumer(JOBS, found.hub_id)
    await client.jetstream().delete_consumer(REPORTS, f"reports-{found.hub_id}")
    await client.close()


class Program:
    """One `fabmesh-hub` process on a configuration."""

    def __init__(self, command: str, config: Path, environment: dict[str, str] | None = None) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        self._environment = inherited | (environment or {})
        self._argv = [sys.executable, "-m", "hub.cli", command, "--config", str(config)]
        self.log = config.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._argv, stdout=log, stderr=log, env=self._environment)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@dataclass
class VirtualMachineProcess:
    program: Program
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.program.start()
        await wait_until(self.answers)

    async def answers(self) -> bool:
        with contextlib.suppress(Exception):
            await self.ask("status")
            return True
        return False

    async def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        port = MachinePort("127.0.0.1", self.port)
        try:
            return await port.ask({"do": do} | fields, timeout_s=2)
        finally:
            await port.close()

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "starts.jsonl").read_text().splitlines()]

    def starts(self) -> list[Key]:
        return [(each["job_order"], each["token"]) for each in self.journal() if each["event"] == "started"]


async def wait_until(condition: Any, timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.03)


@pytest.fixture
async def machines(tmp_path: Path, free_port: Callable[[], int]) -> AsyncIterator[Callable[..., Any]]:
    made: list[VirtualMachineProcess] = []

    async def make(name: str = "m1", *, speed_up: float = 120.0, clear_s: float = 0.1) -> VirtualMachineProcess:
        config, port = tmp_path / f"{name}.toml", free_port()
        config.write_text(
            f'id = "{name}"\nmodel = "prusa-mk4"\ndata_dir = "{name}"\nlisten = "127.0.0.1:{port}"\n'
            f"speed_up = {speed_up}\nclear_s = {clear_s}\nseed = 3\n[truth]\nsigma_mm = 0.0\ngauge_sigma_mm = 0.0\n"
        )
        machine = VirtualMachineProcess(Program("machine", config), tmp_path / name, port)
        made.append(machine)
        await machine.start()
        return machine

    yield make
    for machine in made:
        machine.program.kill()


@pytest.fixture
def free_port() -> Callable[[], int]:
    import socket

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


@pytest.fixture
def agents(tmp_path: Path, network: Network) -> Iterator[Callable[..., Program]]:
    made: list[Program] = []

    def make(
        *machines: VirtualMachineProcess, token: str = "enrol-me", environment: dict[str, str] | None = None
    ) -> Program:
        config = tmp_path / "hub.toml"
        rows = "".join(
            f'[[machines]]\nname = "name of {machine_id}"\naddress = "{machine.address}"\n'
            for machine_id, machine in zip(network.machines, machines, strict=False)
        )
        config.write_text(
            f'data_dir = "agent"\nedge_url = "{network.edge_url}"\nenrolment_token = "{token}"\npoll_s = 0.05\n{rows}'
        )
        agent = Program("agent", config, environment)
        made.append(agent)
        agent.start()
        return agent

    yield make
    for agent in made:
        agent.kill()


@pytest.fixture(autouse=True)
def show_logs(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """The processes' logs, which pytest shows where a test fails."""
    yield
    for log in sorted(tmp_path.glob("*.log")):
        print(f"--- {log.name}\n{log.read_text()[-6000:]}")  # noqa: T201


@pytest.fixture
def comes_true() -> Callable[..., Any]:
    return wait_until
