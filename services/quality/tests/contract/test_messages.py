"""What quality says is what proto/examples shows, and what it is told is read whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from quality.domain.inspections import Inspection, Nonconformance, PartJudgement, Reason
from quality.domain.measurements import Reading, SetAside
from quality.domain.plans import Characteristic, InspectionPlan, Rule
from quality.messages import (
    DesignVersionReleased,
    InspectParts,
    characteristics_of,
    inspection_failed,
    inspection_passed,
    nonconformance_opened,
    readings_of,
    rules_of,
)
from quality.store.rows import inspection_of, inspection_values, plan_of, plan_values

M = TypeVar("M", bound=Message)

EXAMPLES = Path(__file__).parents[4] / "proto/examples"
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
REASON = Reason("out-of-tolerance", "Diameter is 36.52 mm; 35.6 to 36.4 mm are acceptable")
DIAMETER = Characteristic("Diameter", 36.0, 36.4, 35.6, "mm", "caliper", "minor", "extent-x")
SOCKET = Characteristic("Socket", 6.2, 6.5, 5.9, "mm", "plug gauge", "critical", "bore", (0.0, 0.0, 12.0))
PLAN = InspectionPlan("01993c1e-7a00-7000-8000-0000000000b1", "version", '{"diameter":36}', (DIAMETER, SOCKET))
ACCEPTED = PartJudgement("01993c1e-7a00-7000-8000-000000000f01", "accepted", unmeasured=("Look",))
FAILED = PartJudgement("01993c1e-7a00-7000-8000-000000000f02", "failed", (REASON,), missing=("Socket",))
INSPECTION = Inspection(
    id="01993c1e-7a00-7000-8000-0000000000c1",
    order_id="01993c1e-7a00-7000-8000-00000000000a",
    job_order_id="01993c1e-7a00-7000-8000-00000000000b",
    hub_id="01993c1e-7a00-7000-8000-00000000000c",
    machine_id="mk4-1",
    program_sha256="ab" * 32,
    plan=PLAN,
    opened_at=NOW,
    parts=(ACCEPTED, FAILED),
    set_aside=(SetAside("p", "Diameter", "nan", "mm", "no finite value"),),
    status="failed",
    decided_at=NOW,
)
NONCONFORMANCE = Nonconformance(
    id="01993c1e-7a00-7000-8000-0000000000c2",
    inspection_id=INSPECTION.id,
    order_id=INSPECTION.order_id,
    job_order_id=INSPECTION.job_order_id,
    part_id=FAILED.part_id,
    hub_id=INSPECTION.hub_id,
    machine_id=INSPECTION.machine_id,
    reasons=(REASON,),
    opened_at=NOW,
)


def golden(kind: type[M]) -> M:
    return json_format.Parse((EXAMPLES / f"{kind.DESCRIPTOR.name}.json").read_text("utf-8"), kind())


@pytest.mark.parametrize(
    "message",
    [
        inspection_passed(replace(INSPECTION, parts=(ACCEPTED,), status="passed")),
        inspection_failed(INSPECTION),
        nonconformance_opened(NONCONFORMANCE),
    ],
    ids=lambda message: message.DESCRIPTOR.name,
)
def test_what_is_said_is_the_golden_example(message: Message) -> None:
    assert message == golden(type(message))
    assert {field.name for field, _ in message.ListFields()} == {field.name for field in message.DESCRIPTOR.fields}


def test_a_command_is_read_whole() -> None:
    command = golden(InspectParts)
    assert characteristics_of(command) == (DIAMETER, SOCKET)
    part = ACCEPTED.part_id
    assert readings_of(command) == (
        Reading(part, "Diameter", 36.12, "mm", "caliper"),
        Reading(part, "Socket", 6.25, "mm", "plug gauge"),
    )


def test_the_rules_of_a_version_are_read_whole() -> None:
    assert rules_of(golden(DesignVersionReleased)) == (
        Rule("Diameter", "diameter", 0.4, -0.4, "mm", "caliper", "minor", "extent-x", ()),
        Rule("Socket", "6.2", 0.3, 0.0, "mm", "plug gauge", "critical", "bore", ("0", "0", "diameter / 3")),
    )


def test_an_inspection_and_its_plan_are_kept_whole() -> None:
    plan = plan_of(SimpleNamespace(**plan_values(PLAN)))
    assert plan == PLAN
    assert inspection_of(SimpleNamespace(**inspection_values(INSPECTION)), plan, ()) == INSPECTION
