"""Quality's domain ⇄ the contracts."""

from __future__ import annotations

from collections.abc import Iterable

from fabmesh.catalog.v1.events_pb2 import CharacteristicRule, DesignVersionReleased
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from fabmesh.quality.v1.commands_pb2 import InspectParts
from fabmesh.quality.v1.events_pb2 import InspectionFailed, InspectionPassed, NonconformanceOpened
from fabmesh.types.v1 import types_pb2 as types
from quality.domain.inspections import ACCEPTED, FAILED, Inspection, Nonconformance, Reason, reasons_of
from quality.domain.measurements import Reading
from quality.domain.plans import Characteristic, Rule

__all__ = [
    "DesignVersionReleased",
    "InspectParts",
    "InspectionFailed",
    "InspectionPassed",
    "NonconformanceOpened",
    "OrderPlaced",
    "characteristics_of",
    "inspection_failed",
    "inspection_passed",
    "nonconformance_opened",
    "readings_of",
    "rules_of",
]


def characteristics_of(command: InspectParts) -> tuple[Characteristic, ...]:
    """The characteristics that a command names, with absolute bounds."""
    return tuple(_characteristic(each) for each in command.characteristics)


def _characteristic(message: types.Characteristic) -> Characteristic:
    at = message.at
    return Characteristic(
        name=message.name,
        nominal=message.nominal,
        upper=message.upper,
        lower=message.lower,
        unit=message.unit,
        instrument=message.instrument,
        class_=getattr(message, "class"),  # a reserved word of Python
        feature=message.feature,
        at_mm=(at.x_mm, at.y_mm, at.z_mm) if message.HasField("at") else None,
    )


def readings_of(command: InspectParts) -> tuple[Reading, ...]:
    """The values that came with a command."""
    return tuple(
        Reading(each.part_id, each.characteristic, each.value, each.unit, each.instrument)
        for each in command.measurements
    )


def rules_of(message: DesignVersionReleased) -> tuple[Rule, ...]:
    """How the parts of a version are checked."""
    return tuple(_rule(each) for each in message.characteristics)


def _rule(message: CharacteristicRule) -> Rule:
    return Rule(
        name=message.name,
        nominal=message.nominal,
        upper=message.upper,
        lower=message.lower,
        unit=message.unit,
        instrument=message.instrument,
        class_=getattr(message, "class"),
        feature=message.feature,
        at=tuple(message.at),
    )


def inspection_passed(inspection: Inspection) -> InspectionPassed:
    """That every part of a job order is accepted."""
    return InspectionPassed(
        inspection_id=inspection.id,
        job_order_id=inspection.job_order_id,
        order_id=inspection.order_id,
        part_ids=inspection.part_ids,
    )


def inspection_failed(inspection: Inspection) -> InspectionFailed:
    """That some parts failed, which ones, and why."""
    failed = inspection.parts_with(FAILED)
    return InspectionFailed(
        inspection_id=inspection.id,
        job_order_id=inspection.job_order_id,
        order_id=inspection.order_id,
        accepted_part_ids=[part.part_id for part in inspection.parts_with(ACCEPTED)],
        failed_part_ids=[part.part_id for part in failed],
        reasons=_reasons(reasons_of(failed)),
    )


def nonconformance_opened(opened: Nonconformance) -> NonconformanceOpened:
    """That a part is not as it was ordered."""
    return NonconformanceOpened(
        nonconformance_id=opened.id,
        inspection_id=opened.inspection_id,
        job_order_id=opened.job_order_id,
        part_id=opened.part_id,
        machine_id=opened.machine_id,
        reasons=_reasons(opened.reasons),
    )


def _reasons(reasons: Iterable[Reason]) -> list[types.Reason]:
    return [types.Reason(code=each.code, detail=each.detail) for each in reasons]
