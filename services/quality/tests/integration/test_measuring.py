"""Technicians' values over HTTP, and who may see and enter what."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fabmesh.orders.v1.events_pb2 import OrderPlaced
from quality.messages import InspectionFailed, InspectionPassed

from .conftest import BORE, DIAMETER, PIN, Emit, SignUp, command, measurement

pytestmark = pytest.mark.integration


def value(number: float, name: str = "Diameter", part: str = "part-1", **more: Any) -> dict[str, Any]:
    return {"part_id": part, "characteristic": name, "value": number, "unit": "mm", "instrument": "caliper", **more}


async def test_the_last_missing_value_decides(inspected: Any, operator: httpx.AsyncClient, sent_out: Any) -> None:
    inspection = await inspected(command(wanted=[DIAMETER, PIN], found=[measurement("part-1", "Diameter", 36)]))
    path = f"inspections/{inspection['id']}/measurements"
    answer = await operator.post(path, json=value(4.1, "Pin fit", gauge="G-17"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "passed"
    entered = answer.json()["parts"][0]["measurements"][1]
    assert (entered["source"], entered["gauge"], entered["within"]) == ("technician", "G-17", True)
    assert len(await sent_out(InspectionPassed)) == 1
    late = await operator.post(path, json=value(4.0, "Pin fit"))
    assert (late.status_code, late.json()["type"]) == (409, "urn:fabmesh:problem:inspection-decided")
    shown = (await operator.get(f"inspections/{inspection['id']}")).json()
    assert shown == answer.json()


async def test_a_correction_keeps_the_old_value(inspected: Any, operator: httpx.AsyncClient, sent_out: Any) -> None:
    inspection = await inspected(command(wanted=[DIAMETER, PIN]))
    path = f"inspections/{inspection['id']}/measurements"
    wrong = await operator.post(path, json=value(36.9))
    assert wrong.json()["parts"][0]["decision"] == "failed"
    inspection = await inspected(command("job-2", parts=["a", "b"]))
    path = f"inspections/{inspection['id']}/measurements"
    wrong = await operator.post(path, json=value(36.9, part="a"))
    assert (wrong.json()["status"], wrong.json()["parts"][0]["decision"]) == ("open", "failed")
    await operator.post(path, json=value(36.2, part="a"))
    done = (await operator.post(path, json=value(36.0, part="b"))).json()
    assert done["status"] == "passed"
    corrected = done["parts"][0]["measurements"][0]
    assert corrected["value"] == 36.2
    assert [each["value"] for each in corrected["corrected"]] == [36.9]
    assert len(await sent_out(InspectionFailed)) == 1


async def test_a_slipped_decimal_point_is_asked_back(inspected: Any, operator: httpx.AsyncClient) -> None:
    inspection = await inspected(command())
    path = f"inspections/{inspection['id']}/measurements"
    for number in (3.6, 360, -36):
        answer = await operator.post(path, json=value(number))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:fabmesh:problem:looks-mistyped")
        assert answer.json()["nominal"] == 36
    confirmed = await operator.post(path, json=value(3.6, confirm=True))
    assert confirmed.json()["status"] == "failed"


async def test_what_does_not_belong_is_refused(inspected: Any, operator: httpx.AsyncClient) -> None:
    inspection = await inspected(command())
    path = f"inspections/{inspection['id']}/measurements"
    refusals = [
        (value(36, unit="in"), "wrong-unit"),
        (value(36, part="part-7"), "unknown-part"),
        (value(36, "Colour"), "unknown-characteristic"),
        (value(36, instrument=""), "invalid-request"),
        (value(1e9), "invalid-request"),
        ({**value(36), "value": "36"}, "invalid-request"),
        ({**value(36), "extra": 1}, "invalid-request"),
    ]
    for body, code in refusals:
        answer = await operator.post(path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (422, f"urn:fabmesh:problem:{code}"), body
    shown = (await operator.get(f"inspections/{inspection['id']}")).json()
    assert shown["parts"][0]["measurements"] == []


async def test_an_idempotency_key_enters_a_value_once(inspected: Any, operator: httpx.AsyncClient, sql: Any) -> None:
    inspection = await inspected(command())
    path = f"inspections/{inspection['id']}/measurements"
    answers = [await operator.post(path, json=value(36), headers={"Idempotency-Key": "m1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await sql("select count(*) from measurements") == [(1,)]


async def test_values_entered_at_once_decide_once(inspected: Any, operator: httpx.AsyncClient, sent_out: Any) -> None:
    parts = [f"part-{n}" for n in range(6)]
    inspection = await inspected(command(parts=parts))
    path = f"inspections/{inspection['id']}/measurements"
    answers = await asyncio.gather(*(operator.post(path, json=value(36, part=part)) for part in parts))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert [answer.json()["status"] for answer in answers].count("passed") == 1
    assert len(await sent_out(InspectionPassed)) == 1


async def test_another_organisations_inspections_are_not_there(
    inspected: Any, buyer: httpx.AsyncClient, sign_up: SignUp, operator: httpx.AsyncClient
) -> None:
    inspection = await inspected(command(wanted=[DIAMETER, BORE], found=[measurement("part-1", "Diameter", 40)]))
    stranger = await sign_up("stranger")
    paths = [f"inspections/{inspection['id']}", f"inspection-plans/{inspection['plan']}"]
    for path in paths:
        assert (await buyer.get(path)).status_code == 200
        assert (await operator.get(path)).status_code == 200
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.get("inspections/nothing")).status_code == 404
    answer = await stranger.post(f"inspections/{inspection['id']}/measurements", json=value(36))
    assert answer.status_code == 404
    for path in ("inspections", "nonconformances"):
        assert len((await buyer.get(path)).json()["items"]) == 1
        assert (await stranger.get(path)).json()["items"] == []
        assert (await stranger.get(path, params={"order": "order-1"})).json()["items"] == []


async def test_an_order_may_be_heard_of_after_its_inspection(
    inspected: Any, sign_up: SignUp, emit: Emit, eventually: Any
) -> None:
    inspection = await inspected(command())
    buyer = await sign_up("buyer")
    assert (await buyer.get(f"inspections/{inspection['id']}")).status_code == 404
    await emit(OrderPlaced(order_id="order-1", organisation_id="buyer"))

    async def visible() -> bool:
        return (await buyer.get(f"inspections/{inspection['id']}")).status_code == 200

    await eventually(visible)


async def test_inspections_are_filtered_and_paged(inspected: Any, buyer: httpx.AsyncClient) -> None:
    good = [measurement("part-1", "Diameter", 36)]
    made = [await inspected(command(f"job-{n}", found=good if n else [])) for n in range(3)]
    seen, cursor = [], None
    while True:
        page = (await buyer.get("inspections", params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [each["id"] for each in made]
    opened = (await buyer.get("inspections", params={"status": "open"})).json()["items"]
    assert [item["id"] for item in opened] == seen[:1]
    assert (await buyer.get("inspections", params={"order": "other"})).json()["items"] == []
    assert (await buyer.get("inspections", params={"status": "lost"})).status_code == 422
    assert (await buyer.get("inspections", params={"order": "\0"})).status_code == 422
    assert (await buyer.get("inspections/%00")).status_code == 422


async def test_scopes_are_needed(inspected: Any, sign_up: SignUp, url: str) -> None:
    inspection = await inspected(command())
    reader = await sign_up("network2", "network-operator", ["quality:read"])
    answer = await reader.post(f"inspections/{inspection['id']}/measurements", json=value(36))
    assert answer.status_code == 403
    async with httpx.AsyncClient(base_url=url) as nobody:
        for path in ("inspections", "inspections/x", "nonconformances", "inspection-plans/x"):
            assert (await nobody.get(f"/quality/v1/{path}")).status_code == 401
