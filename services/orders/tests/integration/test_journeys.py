"""Whole orders over HTTP and NATS: the service is real, the other services answer its commands by events."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from orders_harness.city import City

from fabmesh.catalog.v1.events_pb2 import DesignVersionWithdrawn
from fabmesh.orders.v1.events_pb2 import OrderPlaced, OrderReadyForPickup
from messaging.dead_letters import browse
from messaging.streams import events_stream

pytestmark = pytest.mark.integration

ENDS = {"ready_for_pickup", "collected", "cancelled", "refused", "failed"}


@pytest.fixture
async def city(mesh, knob, clip, service_url, admin, eventually):
    """Other services that answer, and both designs released over the mesh."""
    made = City(mesh)
    task = asyncio.create_task(made.run())
    await made.say(knob, clip)

    async def granted():
        body = {"design": "knob", "organisation": "Demo partner", "units": 50}
        return (await admin.post("/orders/v1/licences", json=body)).status_code == 201

    await eventually(granted)
    yield made
    assert not task.done() or task.exception() is None, "the other services stopped answering"
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def place(client, quantity=1, design="knob"):
    body = {"design": design, "material": "pla", "quantity": quantity, "destination": {"lat": 53.5, "lon": 10}}
    answer = await client.post("/orders/v1/orders", json=body, headers={"Idempotency-Key": str(datetime.now(UTC))})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def until(client, order_id, statuses=ENDS, within_s=30):
    async with asyncio.timeout(within_s):
        while True:
            order = (await client.get(f"/orders/v1/orders/{order_id}")).json()
            if order["status"] in statuses:
                return order
            await asyncio.sleep(0.05)


async def test_from_the_order_to_the_customer(city, partner, mesh):
    placed = await place(partner, 2)
    ready = await until(partner, placed["id"])
    assert ready["status"] == "ready_for_pickup"
    assert ready["pickup"] == {"hub": "h1", "hub_name": "Altona Werkstatt"}
    (job,) = ready["job_orders"]
    assert (job["state"], job["machine"], job["program"]) == ("completed", "h1-m1", f"prog-{job['fencing_token']}")
    done = await partner.post(f"/orders/v1/orders/{placed['id']}/collect", json={"code": placed["pickup_code"]})
    assert done.json()["status"] == "collected"
    assert city.heard == [
        "AssessConfiguration", "AllocateJobOrder", "ProgramJobOrder", "DispatchJobOrder", "InspectParts",
    ]  # fmt: skip
    for envelope in city.envelopes:
        assert (envelope.correlation_id, envelope.subject) == (placed["id"], placed["id"])
        assert envelope.causation_id or envelope.type.endswith("AssessConfiguration")
    assert [letter async for letter in browse(mesh.jetstream())] == []


async def test_three_parts_two_a_plate_and_one_that_fails(city, partner):
    failures = iter([True])
    passed = city.answers["InspectParts"]

    def inspect(command):
        job = city.job(command)
        return [job.failed(job.parts[0])] if next(failures, False) else passed(command)

    city.answers["InspectParts"] = inspect
    placed = await place(partner, 3)
    ready = await until(partner, placed["id"])
    assert ready["status"] == "ready_for_pickup"
    assert [len(job["parts"]) for job in ready["job_orders"]] == [2, 2]
    (licence,) = (await partner.get("/orders/v1/licences")).json()["items"]
    assert (licence["available"], licence["reserved"], licence["used"]) == (47, 0, 3)
    (statement,) = (await partner.get("/orders/v1/statements")).json()["items"]
    assert statement["royalties"] == {"amount": "4.50", "currency": "EUR"}


async def test_a_lost_hub_is_followed_to_the_next_and_its_late_report_changes_nothing(city, partner):
    lost = []

    def dispatch(command):
        job = city.job(command)
        if not lost:
            lost.append(job)
            new = city.move(command.job_order_id)
            return [job.dispatched(), job.claimed(), job.started(), job.expired(), new.allocated(), job.completed()]
        return job.until_completed()[2:]

    city.answers["DispatchJobOrder"] = dispatch
    placed = await place(partner)
    ready = await until(partner, placed["id"])
    (job,) = ready["job_orders"]
    assert (job["hub_name"], job["fencing_token"]) == ("Barmbek Hub", lost[0].token + 1)
    words = [line["why"] for line in ready["timeline"]]
    assert "Altona Werkstatt is not heard any more; another machine is sought" in words
    (licence,) = (await partner.get("/orders/v1/licences")).json()["items"]
    assert licence["used"] == 1


async def test_a_cancelled_order_stays_cancelled_whatever_is_still_reported(city, partner, eventually):
    city.answers["DispatchJobOrder"] = lambda command: city.job(command).until_completed()[2:5]
    placed = await place(partner)
    await until(partner, placed["id"], {"making"})
    cancelled = await partner.post(f"/orders/v1/orders/{placed['id']}/cancel")
    assert cancelled.json()["status"] == "cancelled"

    async def stopped():
        return "CancelJobOrder" in city.heard

    await eventually(stopped)
    (job,) = city.jobs.values()
    await city.say(job.completed(), job.passed())
    other = await place(partner, design="clip")
    await until(partner, other["id"], {"making"})
    seen = (await partner.get(f"/orders/v1/orders/{placed['id']}")).json()
    assert seen["status"] == "cancelled"
    assert seen["job_orders"][0]["state"] == "cancelled"
    (licence,) = (await partner.get("/orders/v1/licences")).json()["items"]
    assert (licence["reserved"], licence["used"]) == (0, 1)


async def test_a_withdrawal_fails_those_who_wait(city, partner, knob):
    city.answers["AllocateJobOrder"] = lambda command: [city.allocate(command).waiting()]
    placed = await place(partner)
    await until(partner, placed["id"], {"waiting"})
    await city.say(DesignVersionWithdrawn(design_id=knob.design_id, version_id="v1", version=1, why="a crack"))
    failed = await until(partner, placed["id"])
    assert (failed["status"], failed["reasons"][0]["code"]) == ("failed", "design-withdrawn")


async def test_many_orders_survive_a_killed_broker(city, partner, nats_server, mesh):
    orders = [await place(partner, 1 + number % 3) for number in range(6)]
    nats_server.kill()
    try:
        orders += [await place(partner) for _ in range(6)]
    finally:
        nats_server.start()
    ended = [await until(partner, order["id"], within_s=60) for order in orders]
    assert {order["status"] for order in ended} == {"ready_for_pickup"}
    (licence,) = (await partner.get("/orders/v1/licences")).json()["items"]
    ordered = sum(order["quantity"] for order in orders)
    assert (licence["available"], licence["reserved"], licence["used"]) == (50 - ordered, 0, ordered)
    told = await _told(mesh)
    for kind in (OrderPlaced, OrderReadyForPickup):
        assert sorted(told[kind.DESCRIPTOR.full_name]) == sorted(order["id"] for order in orders)


async def _told(mesh):
    """Ids of the orders that events were published of, once for each event, by the event's type."""
    js, stream = mesh.jetstream(), events_stream("orders")
    state = (await js.stream_info(stream)).state
    found: dict[str, dict[str, str]] = {}
    for sequence in range(state.first_seq, state.last_seq + 1):
        headers = (await js.get_msg(stream, sequence)).headers or {}
        found.setdefault(headers["ce-type"], {})[headers["ce-id"]] = headers["ce-subject"]
    return {kind: list(by_id.values()) for kind, by_id in found.items()}
