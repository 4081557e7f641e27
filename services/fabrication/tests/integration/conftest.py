"""Fabrication as it runs, on real PostgreSQL and NATS; only the CAD behind its workers is played by the test."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js.errors import NotFoundError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import telemetry
from chassis.auth import SCOPES, key_hash
from chassis.migrate import migrate
from chassis.process import serve
from chassis.service import Parts, Runtime
from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased, Parameter
from fabmesh.fabrication.v1.commands_pb2 import AssessConfiguration, ProgramJobOrder
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from fabrication.domain.assessment import Assessment, ProfileAssessment
from fabrication.domain.errors import CadFailed, CadRefused
from fabrication.domain.facts import DeclaredParameter, ModelFacts, SolidFacts
from fabrication.domain.programs import Artefact, ProcessPlan, ProgramResult, VerificationReport, Violation
from fabrication.domain.requests import PrintRequest
from fabrication.main import SERVICE, WORKERS, add_workers, compose
from fabrication.settings import FabricationSettings
from fabrication.usecases.workplace import Workplace
from fabrication.usecases.workshop import Workshop
from launcher.nats import EmbeddedNats
from messaging.envelope import seal, uuid7
from messaging.publisher import Publisher
from messaging.streams import stream_for
from messaging.subjects import subject_of

OPERATOR, OWNER, BUYER, STRANGER = (f"fm_{name * 8}" for name in ("operator", "owner", "buyer", "stranger"))
ORGANISATIONS = {OPERATOR: "org-operator", OWNER: "org-owner", BUYER: "org-buyer", STRANGER: "org-stranger"}
SOLID = SolidFacts("5" * 64, 1, 9000.0, 3000.0, (0.0, 0.0, 9.0), (-18.0, -18.0, 0.0), (18.0, 18.0, 18.0))
IDENTITY = ((1.0, 0.0, 0.0, 90.0), (0.0, 1.0, 0.0, 80.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
FILES = {
    "program.gcode": "text/x.gcode",
    "part.step": "model/step",
    "part.stl": "model/stl",
    "part.glb": "model/gltf-binary",
    "plan.json": "application/json",
    "verification.json": "application/json",
    "toolpath.png": "image/png",
}


@dataclass
class PlayedCad:
    """Stands where CadWorker stands. It writes files that depend on what it was asked, and does what the test wants."""

    folder: Path
    jobs: list[tuple[Any, ...]] = field(default_factory=list)
    crashes: int = 0
    broken: bool = False
    refusal: CadRefused | None = None
    violations: tuple[Violation, ...] = ()
    padding: int = 0
    gate: asyncio.Event | None = None

    async def start(self) -> None:
        if self.broken:
            raise CadFailed("there is no CAD here")

    async def stop(self) -> None:
        return

    async def inspect_model(self, script, extra_paths=()):
        await self._work("inspect", script, extra_paths)
        parameters = (DeclaredParameter("diameter", "number", 36.0), DeclaredParameter("label", "string", "a"))
        return ModelFacts(hashlib.sha256(script).hexdigest(), parameters, SOLID)

    async def assess(self, script, parameters, material, profiles, *, request=None, extra_paths=()):
        await self._work("assess", script, dict(parameters), material, tuple(profile.id for profile in profiles))
        answers = (ProfileAssessment(profile.id, True, (), 35.0, 11.5, 16) for profile in profiles)
        return Assessment(SOLID, material, tuple(answers))

    async def program(
        self, script, parameters, profile, material, quantity=1, request=None, *, extra_paths=()
    ) -> ProgramResult:
        await self._work("program", dict(parameters), profile.id, material, quantity)
        folder = self.folder / "programs" / uuid7()
        folder.mkdir(parents=True)
        asked = json.dumps([dict(parameters), profile.id, material, quantity])
        files = []
        for name, media_type in FILES.items():
            content = f"; {name} of {asked}\n".encode() + b"x" * self.padding
            (folder / name).write_bytes(content)
            files.append(
                Artefact(name, str(folder / name), media_type, hashlib.sha256(content).hexdigest(), len(content))
            )
        plan = ProcessPlan(
            profile_id=profile.id,
            profile_revision=profile.revision,
            material_id=material,
            material_revision=1,
            engine="fabmesh-fdm 1",
            quantity=quantity,
            placement=(IDENTITY,) * quantity,
            layers=90,
            layer_mm=0.2,
            first_layer_mm=0.2,
            bead_mm=0.45,
            minutes=35.0 * quantity,
            grams=11.5 * quantity,
            filament_mm=3900.0,
            request=request or PrintRequest(),
            findings=(),
        )
        report = VerificationReport(
            not self.violations, files[0].sha256, {"deposited_mm3": 9000.0 * quantity}, self.violations
        )
        return ProgramResult("k", files[0], tuple(files), plan, report)

    async def _work(self, *job: Any) -> None:
        self.jobs.append(job)
        if self.gate is not None:
            await self.gate.wait()
        if self.crashes:
            self.crashes -= 1
            raise CadFailed("the job was ended by signal 11")
        if self.refusal is not None:
            raise self.refusal


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def observed() -> telemetry.Telemetry:
    return telemetry.start("fabrication")


@pytest.fixture
async def settings(
    new_database: Callable[[str], str], nats_server: EmbeddedNats, tmp_path: Path
) -> FabricationSettings:
    settings = FabricationSettings(
        database_url=new_database("fabrication"),
        nats_url=nats_server.url,
        nats_creds=nats_server.creds("fabrication"),
        http_port=free_port(),
        public_url="http://127.0.0.1",
        artefacts=(tmp_path / "artefacts").as_uri(),
        artefact_reserve_bytes=0,
        estimate_timeout_s=3.0,
    )
    await migrate(SERVICE.migrations, settings)
    await _issue_keys(settings)
    return settings


async def _issue_keys(settings: FabricationSettings) -> None:
    kinds = {OPERATOR: "network-operator", OWNER: "rights-holder", BUYER: "partner", STRANGER: "partner"}
    engine = create_async_engine(settings.sqlalchemy_url())
    async with engine.begin() as connection:
        for secret, organisation in ORGANISATIONS.items():
            await connection.execute(
                text("insert into access_keys values (:hash, :id, :organisation, :kind, :scopes)"),
                {
                    "hash": key_hash(secret),
                    "id": secret,
                    "organisation": organisation,
                    "kind": kinds[secret],
                    "scopes": list(SCOPES),
                },
            )
    await engine.dispose()


@pytest.fixture
async def sql(settings: FabricationSettings) -> AsyncIterator[Callable[..., Any]]:
    """Runs one statement on the service's database."""
    engine = create_async_engine(settings.sqlalchemy_url())

    async def run(statement: str, **values: Any) -> list[Any]:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    await engine.dispose()


@pytest.fixture
def cad(tmp_path: Path) -> PlayedCad:
    return PlayedCad(tmp_path / "scratch")


Running = Callable[..., contextlib.AbstractAsyncContextManager[str]]


@pytest.fixture
def running(settings: FabricationSettings, mesh: Client, observed: telemetry.Telemetry, cad: PlayedCad) -> Running:
    """Runs the service in the given roles until the block ends; without `played` its workers are real ones."""

    @asynccontextmanager
    async def run(
        roles: str = "api,consumers,relay,workers", *, wait: bool = True, played: bool = True, **changes: Any
    ) -> AsyncIterator[str]:
        chosen, stop = frozenset(roles.split(",")), asyncio.Event()
        patience_s = settings.estimate_timeout_s if played else 60.0
        own = {"http_port": free_port(), "estimate_timeout_s": patience_s}
        mine = settings.model_copy(update=own | changes)
        service = replace(SERVICE, compose=lambda runtime: _composed(runtime, cad)) if played else SERVICE
        task = asyncio.create_task(serve(service, mine, chosen, stop, observed))
        url = f"http://127.0.0.1:{mine.http_port}"
        try:
            await _answering(url, task, "/readyz" if wait else "/livez")
            yield url
        finally:
            stop.set()
            await task

    return run


async def _composed(runtime: Runtime[FabricationSettings], cad: PlayedCad) -> Parts:
    parts = await compose(replace(runtime, roles=runtime.roles - {WORKERS}))
    if WORKERS in runtime.roles:
        workshop = Workshop(cad, scratch=cad.folder)
        add_workers(parts, runtime, Workplace(runtime.units, workshop, parts.state.artefacts))
    return parts


async def _answering(url: str, task: asyncio.Task[None], path: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while not task.done():
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url + path)).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    await task


@pytest.fixture
async def api(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """The service in all roles; requests come from the operator unless they say otherwise."""
    async with running() as url, httpx.AsyncClient(base_url=url, headers=bearer(OPERATOR)) as client:
        yield client


@pytest.fixture
def keys() -> Callable[[str], dict[str, str]]:
    """The header with the key of `operator`, `owner`, `buyer` or `stranger`."""
    return lambda caller: bearer(f"fm_{caller * 8}")


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


Emit = Callable[..., Awaitable[None]]


@pytest.fixture
def emit(mesh: Client) -> Emit:
    """Publishes a message as another service would."""

    async def publish(message: Message, aggregate_id: str) -> None:
        envelope = seal(message, source="test", subject=aggregate_id)
        await Publisher(mesh.jetstream()).publish(subject_of(message), envelope)

    return publish


Sent = Callable[[type[Message]], Awaitable[list[Any]]]


@pytest.fixture
def sent(mesh: Client) -> Sent:
    """Every message of a type that stands in its stream, in order."""

    async def read(kind: type[Message]) -> list[Any]:
        js, found = mesh.jetstream(), []
        stream = stream_for(subject_of(kind))
        state = (await js.stream_info(stream)).state
        for sequence in range(state.first_seq, state.last_seq + 1):
            with contextlib.suppress(NotFoundError):
                raw = await js.get_msg(stream, sequence)
                if raw.subject == subject_of(kind):
                    found.append(kind.FromString(raw.data or b""))
        return found

    return read


@dataclass
class City:
    """The other services, as far as fabrication hears of them."""

    emit: Emit
    sql: Callable[..., Any]
    eventually: Callable[..., Awaitable[Any]]
    version_id: str = field(default_factory=uuid7)

    async def release_design(self, **changes: Any) -> DesignVersionReleased:
        """Catalog releases a knob, and fabrication has heard of it."""
        message = self.design(**changes)
        await self.emit(message, message.design_id)

        async def copied() -> Any:
            return await self.sql("select 1 from design_versions where version_id = :v", v=message.version_id)

        await self.eventually(copied)
        return message

    def design(self, **changes: Any) -> DesignVersionReleased:
        facts: dict[str, Any] = {
            "design_id": uuid7(),
            "slug": "coffee-knob",
            "version_id": self.version_id,
            "version": 1,
            "rights_holder_id": ORGANISATIONS[OWNER],
            "processes": ["fdm"],
            "materials": ["petg", "pla"],
            "parameters": [
                Parameter(name="diameter", kind="number", default_json="36.0", min=20, max=60, adjustable=True),
                Parameter(name="grips", kind="number", default_json="10", min=6, max=12, step=2, adjustable=True),
                Parameter(name="wall", kind="number", default_json="2.0"),
            ],
            "model_source": "diameter = 36.0\n",
        }
        return DesignVersionReleased(**facts | changes)

    async def place_order(self, order_id: str, organisation: str = BUYER) -> None:
        await self.emit(OrderPlaced(order_id=order_id, organisation_id=ORGANISATIONS[organisation]), order_id)

        async def copied() -> Any:
            return await self.sql("select 1 from orders where order_id = :o", o=order_id)

        await self.eventually(copied)

    async def ask_assessment(self, order_id: str = "o1", **changes: Any) -> None:
        facts = {"order_id": order_id, "version_id": self.version_id, "parameters_json": "{}", "material_id": "petg"}
        await self.emit(AssessConfiguration(**facts | changes), order_id)

    async def ask_program(self, job_order_id: str = "j1", **changes: Any) -> None:
        facts: dict[str, Any] = {
            "job_order_id": job_order_id,
            "order_id": "o1",
            "version_id": self.version_id,
            "parameters_json": "{}",
            "material_id": "petg",
            "quantity": 2,
            "hub_id": "hub-1",
            "machine_id": "machine-1",
            "profile_id": "prusa-mk4",
            "fencing_token": 7,
        }
        await self.emit(ProgramJobOrder(**facts | changes), job_order_id)


@pytest.fixture
def city(emit: Emit, sql: Callable[..., Any], eventually: Callable[..., Awaitable[Any]]) -> City:
    return City(emit, sql, eventually)
