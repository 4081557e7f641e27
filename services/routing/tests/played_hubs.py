"""A small hub for tests: an identity of its own, and the protocol, each step by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import nats
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout

from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, ProfileAssessment
from fabmesh.hub.v1 import hub_pb2 as protocol
from fabmesh.routing.v1.commands_pb2 import AllocateJobOrder, DispatchJobOrder
from fabmesh.types.v1.types_pb2 import Finding, GeoPoint, Size
from messaging import identity
from messaging.envelope import seal, uuid7
from messaging.structured import from_json, to_json

HAMBURG = {"lat": 53.55, "lon": 9.99}
ALTONA = {"lat": 53.5503, "lon": 9.9353}
BERGEDORF = {"lat": 53.4866, "lon": 10.2126}
PROGRAM_SHA256 = "ab" * 32
WEEK = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def registration(slug: str, location: dict[str, float] = ALTONA, /, **changes: Any) -> dict[str, Any]:
    """A good body for POST /hubs."""
    return {
        "slug": slug,
        "name": slug.title(),
        "location": location,
        "timezone": "Europe/Berlin",
        "opening_hours": WEEK,
        "machines": [{"name": "one", "profile_id": "mk4"}],
        "stock": {"pla": 1000.0},
    } | changes


def allocate(job_order_id: str, **changes: Any) -> AllocateJobOrder:
    """Two parts for the profile `mk4`, one of which takes 10 minutes and 20 g."""
    mk4 = ProfileAssessment(
        profile_id="mk4", makeable=True, setup_minutes=5, minutes_per_part=10, grams_per_part=20, plate_capacity=4
    )
    mini = ProfileAssessment(
        profile_id="mini", makeable=False, findings=[Finding(code="overhang", severity="error", detail="too steep")]
    )
    fields: dict[str, Any] = {
        "job_order_id": job_order_id,
        "order_id": f"order-of-{job_order_id}",
        "organisation_id": "shop",
        "part_ids": [f"{job_order_id}-p1", f"{job_order_id}-p2"],
        "version_id": "v1",
        "material_id": "pla",
        "destination": GeoPoint(lat_deg=HAMBURG["lat"], lon_deg=HAMBURG["lon"]),
        "assessment": ConfigurationAssessed(extent=Size(x_mm=50, y_mm=40, z_mm=30), profiles=[mk4, mini]),
    }
    return AllocateJobOrder(**(fields | changes))


def dispatch(job_order_id: str, token: int) -> DispatchJobOrder:
    """The verified program for a token."""
    return DispatchJobOrder(
        job_order_id=job_order_id,
        order_id=f"order-of-{job_order_id}",
        fencing_token=token,
        program_id="prog-1",
        program_sha256=PROGRAM_SHA256,
        program_bytes=1234,
        minutes=25,
        placements=[{"matrix": [1, 0, 0, 10, 0, 1, 0, 10, 0, 0, 1, 0, 0, 0, 0, 1]}] * 2,
        characteristics=[
            {"name": "width", "nominal": 50, "upper": 50.2, "lower": 49.8, "unit": "mm", "class": "major"}
        ],
    )


@dataclass
class PlayedHub:
    """One hub with its agent's connection. `say` asks routing by the hub's own NATS identity."""

    id: str
    machine: str
    jwt: str
    seed: str
    url: str
    nats: Client | None = None
    sequences: dict[int, int] = field(default_factory=dict)

    async def connect(self) -> None:
        self.nats = await nats.connect(
            self.url,
            user_jwt_cb=self.jwt.encode,
            signature_cb=lambda nonce: base64.b64encode(identity.sign(self.seed, nonce.encode())),
            inbox_prefix=f"_INBOX_{self.id}".encode(),
            reconnect_time_wait=0.1,
            max_reconnect_attempts=-1,
        )

    async def close(self) -> None:
        if self.nats is not None:
            await self.nats.close()
            self.nats = None

    async def heartbeat(
        self, job_order_id: str = "", token: int = 0, *, state: str = "idle", machine: str = ""
    ) -> protocol.HeartbeatAnswered:
        status = protocol.MachineStatus(
            machine_id=machine or self.machine, state=state, job_order_id=job_order_id, fencing_token=token
        )
        said = protocol.HeartbeatSent(hub_id=self.id, agent_version="test", machines=[status])
        return await self._ask(f"hub.{self.id}.heartbeat", said, protocol.HeartbeatAnswered)

    async def claim(self, job_order_id: str, token: int, machine: str = "") -> protocol.ClaimDecided:
        said = protocol.ClaimRequested(
            job_order_id=job_order_id, machine_id=machine or self.machine, fencing_token=token
        )
        return await self._ask(f"hub.{self.id}.claims", said, protocol.ClaimDecided)

    async def offers(self, within_s: float = 20) -> list[protocol.JobOffered]:
        """The offers that wait, once there is one."""
        assert self.nats is not None
        pull = await self.nats.jetstream().pull_subscribe_bind(durable=self.id, stream="JOBS")
        found = []
        async with asyncio.timeout(within_s):
            while not found:
                with contextlib.suppress(NatsTimeout):
                    for msg in await pull.fetch(10, timeout=1):
                        found.append(from_json(msg.data, protocol.JobOffered)[1])
                        await msg.ack_sync()
        await pull.unsubscribe()
        return found

    async def report(self, job_order_id: str, token: int, **what: Any) -> str:
        """Publish one report, in sequence; answers its id. `what`: started, progressed, completed or aborted."""
        sequence = what.pop("sequence", None) or self.sequences.get(token, 0) + 1
        self.sequences[token] = max(sequence, self.sequences.get(token, 0))
        report_id = what.pop("report_id", None) or uuid7()
        said = protocol.JobReported(
            report_id=report_id,
            job_order_id=job_order_id,
            machine_id=self.machine,
            fencing_token=token,
            sequence=sequence,
            **what,
        )
        said.at.GetCurrentTime()
        await self.publish_report(_json(said), msg_id=report_id)
        return report_id

    async def publish_report(self, body: bytes, *, msg_id: str = "") -> None:
        assert self.nats is not None
        headers = {"Nats-Msg-Id": msg_id or uuid7()}
        await self.nats.jetstream().publish(f"hub.{self.id}.reports.{self.machine}", body, headers=headers)

    async def make(self, job_order_id: str, token: int, used_g: float = 41.0) -> None:
        """Claim, start and complete."""
        decided = await self.claim(job_order_id, token)
        assert decided.granted, decided.why
        await self.report(job_order_id, token, started=protocol.Started())
        await self.report(job_order_id, token, progressed=protocol.Progressed(fraction=0.5))
        await self.report(job_order_id, token, completed=completed(job_order_id, used_g))

    async def _ask(self, subject: str, said: Message, answer: Any) -> Any:
        assert self.nats is not None
        reply = await self.nats.request(subject, _json(said), timeout=5)
        return from_json(reply.data, answer)[1]


def completed(job_order_id: str, used_g: float = 41.0, sha256: str = PROGRAM_SHA256) -> protocol.Completed:
    measured = [{"part_id": f"{job_order_id}-p1", "characteristic": "width", "value": 50.1, "unit": "mm"}]
    return protocol.Completed(used_g=used_g, machine_minutes=24.5, program_sha256=sha256, measurements=measured)


def aborted(code: str = "jam") -> protocol.Aborted:
    return protocol.Aborted(reason={"code": code, "detail": "the nozzle is blocked"})


def _json(said: Message) -> bytes:
    return to_json(seal(said, source="hub", subject="test"), said)


async def enrol(http: httpx.AsyncClient, body: dict[str, Any]) -> PlayedHub:
    """Register and enrol a hub; it is not connected yet."""
    registered = await http.post("/routing/v1/hubs", json=body)
    assert registered.status_code == 201, registered.text
    seed = identity.create_seed(identity.KeyKind.USER)
    token = {"token": registered.json()["enrolment_token"], "public_nkey": identity.public_key(seed)}
    enrolled = await http.post("/routing/v1/enrolments", json=token, headers={"Authorization": ""})
    assert enrolled.status_code == 200, enrolled.text
    answer = enrolled.json()
    return PlayedHub(answer["hub_id"], answer["machines"][0]["id"], answer["nats_jwt"], seed, answer["nats_url"])


@asynccontextmanager
async def alive(hub: PlayedHub, every_s: float = 0.2):
    """The hub's heart beats on its own, naming nothing, until the block ends."""

    async def beat() -> None:
        while True:
            with contextlib.suppress(NatsError, asyncio.TimeoutError):  # nobody answered: once more
                await asyncio.wait_for(hub.heartbeat(), 1)
            await asyncio.sleep(every_s)

    beating = asyncio.create_task(beat())
    try:
        yield hub
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
