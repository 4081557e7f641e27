"""Orders on the whole mesh, through the public API alone."""

from __future__ import annotations

import asyncio

import pytest
from harness.mesh import order, place, until, wish

from messaging.envelope import uuid7

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

HUGE = """import cadquery as cq
length = 900.0
show_object(cq.Workplane().box(length, 20, 20))
"""
PLAIN = """title = "{title}"
rights_holder = "Civic Commons"
processes = ["fdm"]
materials = ["pla"]
"""


@pytest.fixture
async def partner(mesh_instance):
    async with mesh_instance.client() as client:
        yield client


@pytest.fixture
async def operator(mesh_instance):
    async with mesh_instance.client("admin_key") as client:
        yield client


async def publish(operator, title: str, model: str, extra: str = "") -> dict:
    body = {"model": model, "design": PLAIN.format(title=title) + extra}
    answer = await operator.post("/catalog/v1/designs", json=body)
    assert answer.status_code == 201, answer.text
    await asyncio.sleep(1)  # what is promised: visible to every service within a second
    return answer.json()


async def test_a_part_is_made_measured_and_counted(partner, operator):
    placed = await place(partner, wish("coffee-knob", "petg"), uuid7())
    seen = await until(partner, placed["id"], {"ready_for_pickup"})
    statuses = [entry["status"] for entry in seen["timeline"]]
    assert statuses[0] == "placed"
    assert statuses[-1] == "ready_for_pickup"
    assert {"allocated", "making", "inspecting"} <= set(statuses)
    (job,) = seen["job_orders"]
    assert job["fencing_token"] > 0
    allocation = (await operator.get(f"/routing/v1/allocations/{job['id']}")).json()
    assert allocation
    content = await operator.get(f"/fabrication/v1/programs/{job['program']}/content")
    assert content.status_code == 200
    assert "G1" in content.text
    report = (await operator.get(f"/fabrication/v1/programs/{job['program']}/verification")).json()
    assert report["passed"]
    (inspection,) = (await partner.get("/quality/v1/inspections", params={"order": placed["id"]})).json()["items"]
    assert inspection["status"] == "passed"
    measured = [value for part in inspection["parts"] for value in part["measurements"]]
    assert measured
    assert all(value["lower"] <= value["value"] <= value["upper"] for value in measured)
    assert any(value["value"] != value["nominal"] for value in measured)


async def test_what_lies_at_the_desk_is_collected_with_the_code_and_only_with_it(partner):
    placed = await place(partner, wish(), uuid7())
    await until(partner, placed["id"], {"ready_for_pickup"})
    wrong = await partner.post(f"/orders/v1/orders/{placed['id']}/collect", json={"code": "000000"})
    assert wrong.status_code in {403, 422}
    right = await partner.post(f"/orders/v1/orders/{placed['id']}/collect", json={"code": placed["pickup_code"]})
    assert right.status_code == 200
    assert (await order(partner, placed["id"]))["status"] == "collected"


async def test_several_parts_come_off_one_plate(partner):
    placed = await place(partner, wish(quantity=3), uuid7())
    seen = await until(partner, placed["id"], {"ready_for_pickup"})
    assert len(seen["parts"]) == 3
    (inspection,) = (await partner.get("/quality/v1/inspections", params={"order": placed["id"]})).json()["items"]
    assert {part["part_id"] for part in inspection["parts"]} == {part["id"] for part in seen["parts"]}


async def test_what_no_hub_can_make_is_refused_with_the_reasons(partner, operator):
    design = await publish(operator, f"Beam {uuid7()}", HUGE)
    placed = await place(partner, wish(design["slug"], "pla"), uuid7())
    seen = await until(partner, placed["id"], {"refused"})
    assert "900" in str(seen)


async def test_cancelling_before_anything_starts(partner):
    placed = await place(partner, wish("hinge-leaf", "petg"), uuid7())
    answer = await partner.post(f"/orders/v1/orders/{placed['id']}/cancel")
    assert answer.status_code == 200
    await asyncio.sleep(3)
    assert (await order(partner, placed["id"]))["status"] == "cancelled"


async def test_cancelling_while_it_is_made(partner):
    placed = await place(partner, wish("sensor-enclosure", "petg"), uuid7())
    await until(partner, placed["id"], {"dispatched", "making"})
    answer = await partner.post(f"/orders/v1/orders/{placed['id']}/cancel")
    assert answer.status_code == 200
    await asyncio.sleep(3)
    assert (await order(partner, placed["id"]))["status"] == "cancelled"
    again = await partner.post(f"/orders/v1/orders/{placed['id']}/cancel")
    assert again.status_code in {200, 409}


async def test_one_key_one_order(partner):
    key = uuid7()
    bodies = [wish(), wish()]
    one, two = await asyncio.gather(*(place(partner, body, key) for body in bodies))
    assert one["id"] == two["id"]
    headers = {"Idempotency-Key": key}
    other = await partner.post("/orders/v1/orders", json=wish(quantity=2), headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:fabmesh:problem:idempotency-key-reused"
    await partner.post(f"/orders/v1/orders/{one['id']}/cancel")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parameters": {"nonsense": 1}}, "unknown-parameter"),
        ({"parameters": {"cable": 1e6}}, "parameter-out-of-bounds"),
        ({"material": "unobtainium"}, "material-not-allowed"),
        ({"design": "no-such-design"}, "unknown-design"),
        ({"quantity": 0}, "invalid-request"),
        ({"destination": {"lat": 91, "lon": 0}}, "invalid-request"),
    ],
)
async def test_a_wrong_order_is_told_what_would_be_right(partner, change, code):
    answer = await partner.post("/orders/v1/orders", json=wish() | change, headers={"Idempotency-Key": uuid7()})
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:fabmesh:problem:{code}"
    assert answer.headers["content-type"] == "application/problem+json"
