"""From the command to a decision, on real servers."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from fabmesh.catalog.v1.events_pb2 import CharacteristicRule, DesignVersionReleased
from messaging.dead_letters import browse
from quality.messages import InspectionFailed, InspectionPassed, NonconformanceOpened

from .conftest import BORE, DIAMETER, PIN, SURFACE, Emit, characteristic, command, measurement

pytestmark = pytest.mark.integration


async def test_parts_within_bounds_pass_at_once(inspected: Any, sent_out: Any) -> None:
    found = [measurement("part-1", "Diameter", 36.4), measurement("part-2", "Diameter", 35.6)]
    inspection = await inspected(command(parts=["part-1", "part-2"], found=found))
    assert inspection["status"] == "passed"
    assert [part["decision"] for part in inspection["parts"]] == ["accepted", "accepted"]
    (measured,) = inspection["parts"][0]["measurements"]
    assert measured["deviation"] == 0.4
    assert measured["within"] is True
    assert measured["instrument"] == "probe"
    assert (measured["lower"], measured["nominal"], measured["upper"]) == (35.6, 36, 36.4)
    (event,) = await sent_out(InspectionPassed)
    assert event.inspection_id == inspection["id"]
    assert (event.job_order_id, event.order_id, list(event.part_ids)) == ("job-1", "order-1", ["part-1", "part-2"])


async def test_a_part_out_of_bounds_fails_and_the_others_count(
    inspected: Any, sent_out: Any, operator: httpx.AsyncClient
) -> None:
    found = [measurement("part-1", "Diameter", 36.1), measurement("part-2", "Diameter", 36.52)]
    inspection = await inspected(command(parts=["part-1", "part-2"], found=found))
    assert inspection["status"] == "failed"
    (event,) = await sent_out(InspectionFailed)
    assert (list(event.accepted_part_ids), list(event.failed_part_ids)) == (["part-1"], ["part-2"])
    assert [reason.code for reason in event.reasons] == ["out-of-tolerance"]
    assert event.reasons[0].detail == "Diameter is 36.52 mm; 35.6 to 36.4 mm are acceptable"
    (opened,) = await sent_out(NonconformanceOpened)
    assert (opened.part_id, opened.machine_id) == ("part-2", "machine-1")
    (listed,) = (await operator.get("nonconformances")).json()["items"]
    assert listed["id"] == opened.nonconformance_id
    assert (await operator.get("nonconformances", params={"machine": "other"})).json()["items"] == []
    assert len((await operator.get("nonconformances", params={"order": "order-1"})).json()["items"]) == 1


async def test_a_command_twice_is_one_inspection_and_one_decision(
    inspected: Any, emit: Emit, sent_out: Any, operator: httpx.AsyncClient
) -> None:
    first = await inspected(command(found=[measurement("part-1", "Diameter", 36)]))
    await emit(command(found=[measurement("part-1", "Diameter", 40)]))
    await inspected(command("job-2", found=[measurement("part-1", "Diameter", 36)]))
    await sent_out(InspectionPassed, 2)
    assert await sent_out(InspectionFailed, 0) == []
    assert len(await sent_out(InspectionPassed)) == 2
    assert (await operator.get(f"inspections/{first['id']}")).json() == first


async def test_a_missing_value_keeps_the_inspection_open(inspected: Any, sent_out: Any) -> None:
    wanted = [DIAMETER, BORE, SURFACE]
    inspection = await inspected(command(wanted=wanted, found=[measurement("part-1", "Diameter", 36)]))
    assert inspection["status"] == "open"
    (part,) = inspection["parts"]
    assert (part["decision"], part["missing"], part["unmeasured"]) == ("pending", ["Socket"], ["Ring gauge"])
    assert await sent_out(InspectionPassed, 0) == []


async def test_what_is_measured_by_hand_waits_only_where_it_is_critical(inspected: Any) -> None:
    values = [measurement("part-1", "Diameter", 36)]
    minor = await inspected(command("job-1", wanted=[DIAMETER, SURFACE], found=values))
    assert (minor["status"], minor["parts"][0]["unmeasured"]) == ("passed", ["Ring gauge"])
    critical = await inspected(command("job-2", wanted=[DIAMETER, PIN], found=values))
    assert (critical["status"], critical["parts"][0]["missing"]) == ("open", ["Pin fit"])


async def test_values_that_cannot_be_used_are_set_aside(inspected: Any) -> None:
    found = [
        measurement("part-1", "Diameter", 36, unit="in"),
        measurement("part-1", "Diameter", math.nan),
        measurement("part-9", "Diameter", 36),
        measurement("part-1", "Colour", 36),
    ]
    inspection = await inspected(command(found=found))
    assert inspection["status"] == "open"
    assert [(each["part_id"], each["characteristic"], each["value"]) for each in inspection["set_aside"]] == [
        ("part-1", "Diameter", "36.0"),
        ("part-1", "Diameter", "nan"),
        ("part-9", "Diameter", "36.0"),
        ("part-1", "Colour", "36.0"),
    ]


async def test_without_characteristics_the_versions_own_rules_are_the_plan(
    opened: Any, emit: Emit, operator: httpx.AsyncClient
) -> None:
    rule = CharacteristicRule(
        name="Across",
        nominal="diameter + 1",
        upper=0.5,
        lower=-0.25,
        unit="mm",
        feature="extent-x",
        **{"class": "major"},
    )
    await emit(command(wanted=[], found=[measurement("part-1", "Across", 37.5)]))
    released = DesignVersionReleased(
        design_id="d", version_id="version-1", slug="knob", title="Knob", version=3, characteristics=[rule]
    )
    await emit(released, "d")
    inspection = await opened("job-1")
    assert inspection["status"] == "passed"
    plan = (await operator.get(f"inspection-plans/{inspection['plan']}")).json()
    assert plan["design"] == {"id": "d", "slug": "knob", "title": "Knob", "version": 3}
    assert plan["parameters"] == {"diameter": 36.0}
    (planned,) = plan["characteristics"]
    assert (planned["lower"], planned["upper"], planned["nominal_rule"]) == (36.75, 37.5, "diameter + 1")


async def test_one_configuration_has_one_plan(inspected: Any) -> None:
    plans = [(await inspected(command(f"job-{n}")))["plan"] for n in range(2)]
    other = await inspected(command("job-9", wanted=[characteristic("Diameter", 37)]))
    assert plans[0] == plans[1] != other["plan"]


async def test_commands_that_make_no_sense_are_dead_letters(
    inspected: Any, emit: Emit, mesh: Client, eventually: Any
) -> None:
    senseless = [
        command(parts=[]),
        command(wanted=[DIAMETER, DIAMETER]),
        command(wanted=[characteristic("Diameter", 36, lower=37, upper=36)]),
        command(wanted=[characteristic("Diameter", math.inf)]),
        command(parameters_json="["),
    ]
    for number, each in enumerate(senseless):
        await emit(each, f"order-{number}")

    async def buried() -> Any:
        letters = [letter async for letter in browse(mesh.jetstream(), service="quality")]
        return letters if len(letters) == len(senseless) else None

    assert {letter.reason.split(":")[1].strip() for letter in await eventually(buried)} == {
        "no-parts",
        "bad-characteristic",
        "bad-parameters",
    }
    assert (await inspected(command(found=[measurement("part-1", "Diameter", 36)])))["status"] == "passed"
