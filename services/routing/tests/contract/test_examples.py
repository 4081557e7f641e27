"""What routing says and hears is what proto/examples shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from fabmesh.hub.v1 import hub_pb2 as protocol
from fabmesh.routing.v1 import commands_pb2, events_pb2, requests_pb2
from messaging.envelope import seal
from messaging.structured import from_json, to_json
from routing.domain.allocation import Candidate
from routing.domain.costs import Cost, Rates
from routing.domain.geography import Place
from routing.domain.heartbeats import Answer, Lost, MachineHeard
from routing.domain.job_order import Estimate, Holder, JobOrder, Program
from routing.domain.making import Characteristic, Making
from routing.domain.network import HubView, MachineState, MachineView, Presence
from routing.domain.opening_hours import OpeningHours
from routing.domain.reports import Completed, Measured, Report
from routing.domain.requirements import ProfileNeed, Reason, Requirements, Size
from routing.messages import heard, hub, said

M = TypeVar("M", bound=Message)

EXAMPLES = Path(__file__).parents[4] / "proto/examples"
ORDER, JOB_ORDER, VERSION, HUB, MACHINE, PROGRAM, REPORT, SHOP = (
    f"01993c1e-7a00-7000-8000-0000000000{suffix}" for suffix in ("c1", "b1", "e2", "f1", "f2", "a7", "a9", "d1")
)
PARTS = tuple(f"01993c1e-7a00-7000-8000-000000000f0{n}" for n in (1, 2))
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HOLDER = Holder(HUB, MACHINE, 42)
THIN = Reason("thin-wall", "0.3 mm is less than a bead")
TOO_BIG = Reason("too-big", "190.0 × 36.0 × 18.0 mm does not fit")
NEEDS = Requirements(
    part_ids=PARTS,
    version_id=VERSION,
    material_id="petg",
    extent=Size(40, 40, 18),
    profiles={
        "prusa-mk4": ProfileNeed(True, (THIN,), 3.0, 32.25, 10.75, 16),
        "prusa-mini": ProfileNeed(False, (TOO_BIG,)),
    },
    destination=Place(53.5511, 9.9937),
    pickup_hub_id=HUB,
)
NEW = JobOrder(JOB_ORDER, ORDER, SHOP, NEEDS)
ESTIMATE = Estimate(67.5, 21.5, 0, 2.3, NOW + timedelta(hours=2))
DISPATCHED = NEW.allocated(HOLDER, ESTIMATE, NOW).programmed(42, Program(PROGRAM, DIGEST, 812345, 67.5)).offered()
REASONED = replace(NEW, reasons=(Reason("no-stock", "Altona Werkstatt: 21.5 g of petg are needed, 3.0 g are free"),))
ALTONA = HubView(
    HUB, "Altona Werkstatt", Place(53.55, 9.93), OpeningHours.of("Europe/Berlin", {"mon": ["08:00", "18:00"]}),
    enrolled=True, presence=Presence.ONLINE, cordoned=False, last_heard_at=NOW,
)  # fmt: skip
CHOSEN = Candidate(
    machine=MachineView(MACHINE, "mk4-1", ALTONA, "prusa-mk4", MachineState.IDLE, NOW),
    minutes=67.5,
    grams=21.5,
    distance_km=2.3,
    queue_minutes=0.0,
    ahead=0,
    promised_at=NOW + timedelta(hours=2),
    cost=Cost.of(Rates(), minutes=67.5, queue_minutes=0, distance_km=2.3, desk_minutes=0, setbacks=0, other_hub=False),
)
MEASURED = Measured(PARTS[0], "Diameter", 36.12, "mm", "caliper")
DONE = Completed(22.1, 68.25, DIGEST, (MEASURED,))
REPORTED = Report(REPORT, JOB_ORDER, HOLDER, 3, NOW, DONE)
JAM = Reason("jam", "the nozzle is blocked")
MAKING = Making(
    placements=((0.0, -1.0, 0.0, 90.5, 1.0, 0.0, 0.0, 105.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),),
    characteristics=(
        Characteristic("Diameter", 36.0, 36.4, 35.6, "mm", "caliper", "minor", "extent-x"),
        Characteristic("Socket", 6.2, 6.5, 5.9, "mm", "plug gauge", "critical", "bore", (0.0, 0.0, 12.0)),
    ),
)
SAID: tuple[Message, ...] = (
    said.job_order_allocated(DISPATCHED, CHOSEN),
    said.job_order_waiting(REASONED, NOW + timedelta(seconds=3)),
    said.allocation_refused(replace(NEW, reasons=(Reason("profile-cannot", "Altona Werkstatt: too big"),))),
    said.job_order_dispatched(DISPATCHED, HOLDER),
    said.job_order_claimed(DISPATCHED, HOLDER),
    said.job_order_started(DISPATCHED, HOLDER, NOW),
    said.job_order_progressed(DISPATCHED, HOLDER, 0.5),
    said.job_order_completed(DISPATCHED, REPORTED, DONE),
    said.job_order_aborted(DISPATCHED, HOLDER, JAM),
    said.job_order_cancelled(JOB_ORDER, ORDER, "the customer changed their mind"),
    said.lease_expired(DISPATCHED, HOLDER),
    said.superfluous_parts_recorded(DISPATCHED, HOLDER),
    said.hub_enrolled(HUB, "Altona Werkstatt", SHOP),
    said.hub_lost(HUB, NOW),
    said.hub_recovered(HUB),
    heard.download_checked(HUB),
    hub.job_offered(DISPATCHED, MAKING)[2],
)


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def read(kind: type[M]) -> M:
    return json_format.ParseDict(example(kind.DESCRIPTOR.name), kind())


def structured(kind: type[Message]) -> bytes:
    message = read(kind)
    return to_json(seal(message, source="hub", subject="x"), message)


def answered(kind: type[M], body: bytes) -> M:
    return from_json(body, kind)[1]


@pytest.mark.parametrize("message", SAID, ids=lambda message: message.DESCRIPTOR.name)
def test_what_is_said_is_the_example(message):
    assert json_format.MessageToDict(message) == example(message.DESCRIPTOR.name)


def test_every_contract_of_routing_and_the_hubs_has_an_example_that_reads():
    inner = {"Started", "Progressed", "Completed", "Aborted", "MachineStatus", "LeaseRenewed", "LeaseLost"}
    for module in (events_pb2, commands_pb2, requests_pb2, protocol):
        for name in module.DESCRIPTOR.message_types_by_name:
            if name not in inner:
                assert read(getattr(module, name)).ListFields(), name


def test_a_command_to_allocate_is_read_whole():
    assert heard.job_order_of(read(commands_pb2.AllocateJobOrder)) == NEW


def test_a_release_is_read_whole():
    message = read(commands_pb2.DispatchJobOrder)
    assert (message.job_order_id, message.order_id, message.fencing_token) == (JOB_ORDER, ORDER, 42)
    assert heard.program_of(message) == DISPATCHED.program
    assert heard.making_of(message) == MAKING


def test_a_hubs_messages_are_read_whole():
    assert hub.report_of(f"hub.{HUB}.reports.{MACHINE}", structured(protocol.JobReported)).report == REPORTED
    asked = hub.claim_of(f"hub.{HUB}.claims", structured(protocol.ClaimRequested))
    assert (asked.job_order_id, asked.holder) == (JOB_ORDER, HOLDER)
    beat = hub.heartbeat_of(f"hub.{HUB}.heartbeat", structured(protocol.HeartbeatSent))
    assert beat.agent_version == "0.1.0"
    assert beat.machines == (MachineHeard(MACHINE, MachineState.RUNNING, JOB_ORDER, 42),)


def test_a_hub_is_answered_as_the_examples_show():
    asked = hub.claim_of(f"hub.{HUB}.claims", structured(protocol.ClaimRequested))
    url = f"https://mesh.example/fabrication/v1/programs/{PROGRAM}/content"
    grant = hub.Grant(42, 15.0, url, DIGEST, "dl_tT2Q0uJm0S8m7sX4nYv1zq3hM5c9bK6aR2eW8pL1fGd")
    assert answered(protocol.ClaimDecided, hub.claim_granted(asked, grant)) == read(protocol.ClaimDecided)
    refused = answered(protocol.ClaimDecided, hub.claim_refused(asked, "it is cancelled"))
    assert (refused.granted, refused.why, refused.fencing_token) == (False, "it is cancelled", 42)
    beat = hub.heartbeat_of(f"hub.{HUB}.heartbeat", structured(protocol.HeartbeatSent))
    lost = Lost("01993c1e-7a00-7000-8000-0000000000b2", 40, "the token 40 is powerless, the newest is 43")
    answer = hub.heartbeat_answered(beat, Answer((), (DISPATCHED,), (lost,)), 15.0, 1.0)
    assert answered(protocol.HeartbeatAnswered, answer) == read(protocol.HeartbeatAnswered)
