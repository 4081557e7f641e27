"""Rows ⇄ domain dataclasses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from quality.domain.inspections import Inspection, Nonconformance, PartJudgement, Reason
from quality.domain.measurements import Measurement, SetAside
from quality.domain.plans import Characteristic, InspectionPlan, Rule


def plan_of(row: Row[Any]) -> InspectionPlan:
    """A row of `inspection_plans`."""
    return InspectionPlan(
        row.id, row.version_id, row.parameters_json, tuple(_characteristic_of(each) for each in row.characteristics)
    )


def _characteristic_of(kept: dict[str, Any]) -> Characteristic:
    at = kept["at_mm"]
    return Characteristic(**kept | {"at_mm": None if at is None else tuple(at)})


def plan_values(plan: InspectionPlan) -> dict[str, Any]:
    """The columns of a plan."""
    return {
        "id": plan.id,
        "version_id": plan.version_id,
        "parameters_json": plan.parameters_json,
        "content_sha256": plan.content_sha256(),
        "characteristics": [asdict(each) for each in plan.characteristics],
    }


def rule_of(kept: dict[str, Any]) -> Rule:
    """A rule as `design_versions` keeps it."""
    return Rule(**kept | {"at": tuple(kept["at"])})


def inspection_of(row: Row[Any], plan: InspectionPlan, measured: tuple[Measurement, ...]) -> Inspection:
    """A row of `inspections` with what belongs to it."""
    return Inspection(
        id=row.id,
        order_id=row.order_id,
        job_order_id=row.job_order_id,
        hub_id=row.hub_id,
        machine_id=row.machine_id,
        program_sha256=row.program_sha256,
        plan=plan,
        opened_at=row.opened_at,
        parts=tuple(_part_of(each) for each in row.parts),
        measurements=measured,
        set_aside=tuple(SetAside(**each) for each in row.set_aside),
        status=row.status,
        decided_at=row.decided_at,
    )


def _part_of(kept: dict[str, Any]) -> PartJudgement:
    return PartJudgement(
        part_id=kept["part_id"],
        decision=kept["decision"],
        reasons=reasons_of_rows(kept["reasons"]),
        missing=tuple(kept["missing"]),
        unmeasured=tuple(kept["unmeasured"]),
    )


def inspection_values(inspection: Inspection) -> dict[str, Any]:
    """The columns of an inspection."""
    return {
        "id": inspection.id,
        "order_id": inspection.order_id,
        "job_order_id": inspection.job_order_id,
        "hub_id": inspection.hub_id,
        "machine_id": inspection.machine_id,
        "program_sha256": inspection.program_sha256,
        "plan_id": inspection.plan.id,
        "status": inspection.status,
        "parts": [asdict(part) for part in inspection.parts],
        "set_aside": [asdict(each) for each in inspection.set_aside],
        "opened_at": inspection.opened_at,
        "decided_at": inspection.decided_at,
    }


def measurement_of(row: Row[Any]) -> Measurement:
    """A row of `measurements`."""
    return Measurement(
        id=row.id,
        part_id=row.part_id,
        characteristic=row.characteristic,
        value=row.value,
        unit=row.unit,
        instrument=row.instrument,
        gauge=row.gauge,
        source=row.source,
        entered_by=row.entered_by,
        at=row.at,
    )


def nonconformance_of(row: Row[Any]) -> Nonconformance:
    """A row of `nonconformances`."""
    return Nonconformance(
        id=row.id,
        inspection_id=row.inspection_id,
        order_id=row.order_id,
        job_order_id=row.job_order_id,
        part_id=row.part_id,
        hub_id=row.hub_id,
        machine_id=row.machine_id,
        reasons=reasons_of_rows(row.reasons),
        opened_at=row.opened_at,
    )


def reasons_of_rows(kept: list[dict[str, str]]) -> tuple[Reason, ...]:
    """Reasons as JSON keeps them."""
    return tuple(Reason(**each) for each in kept)
