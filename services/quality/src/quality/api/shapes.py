"""How inspections, nonconformances and plans are written in JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from quality.domain.inspections import Inspection, Nonconformance, PartJudgement
from quality.domain.measurements import Measurement
from quality.domain.plans import Characteristic, InspectionPlan, read_parameters
from quality.store.copies import DesignVersion

Json = dict[str, Any]


def instant(moment: datetime | None) -> str | None:
    """An instant in UTC, with Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def inspection_json(inspection: Inspection) -> Json:
    """An inspection with its parts and everything that was measured on them."""
    return {
        "id": inspection.id,
        "order": inspection.order_id,
        "job_order": inspection.job_order_id,
        "hub": inspection.hub_id,
        "machine": inspection.machine_id,
        "program_sha256": inspection.program_sha256,
        "plan": inspection.plan.id,
        "status": inspection.status,
        "opened_at": instant(inspection.opened_at),
        "decided_at": instant(inspection.decided_at),
        "parts": [_part(inspection, part) for part in inspection.parts],
        "set_aside": [asdict(each) for each in inspection.set_aside],
    }


def _part(inspection: Inspection, part: PartJudgement) -> Json:
    history: dict[str, list[Measurement]] = {}
    for each in inspection.measurements:
        if each.part_id == part.part_id:
            history.setdefault(each.characteristic, []).append(each)
    return {
        "part_id": part.part_id,
        "decision": part.decision,
        "reasons": [asdict(reason) for reason in part.reasons],
        "missing": list(part.missing),
        "unmeasured": list(part.unmeasured),
        "measurements": [
            _measured(each, history[each.name]) for each in inspection.plan.characteristics if each.name in history
        ],
    }


def _measured(characteristic: Characteristic, history: list[Measurement]) -> Json:
    current = history[-1]
    return {
        "characteristic": characteristic.name,
        "nominal": characteristic.nominal,
        "lower": characteristic.lower,
        "upper": characteristic.upper,
        "class": characteristic.class_,
        **_entry(characteristic, current),
        "corrected": [_entry(characteristic, each) for each in history[:-1]],
    }


def _entry(characteristic: Characteristic, measurement: Measurement) -> Json:
    return {
        "value": measurement.value,
        "unit": measurement.unit,
        "instrument": measurement.instrument or characteristic.instrument,
        "gauge": measurement.gauge or None,
        "deviation": characteristic.deviation(measurement.value),
        "within": characteristic.is_within(measurement.value),
        "source": measurement.source,
        "at": instant(measurement.at),
    }


def nonconformance_json(opened: Nonconformance) -> Json:
    """A nonconformance; nothing was decided of it yet."""
    return {
        "id": opened.id,
        "inspection": opened.inspection_id,
        "order": opened.order_id,
        "job_order": opened.job_order_id,
        "part_id": opened.part_id,
        "hub": opened.hub_id,
        "machine": opened.machine_id,
        "reasons": [asdict(reason) for reason in opened.reasons],
        "opened_at": instant(opened.opened_at),
    }


def plan_json(plan: InspectionPlan, version: DesignVersion | None) -> Json:
    """A plan; each characteristic with the rule of its design it follows, where it follows one."""
    rules = {} if version is None else {rule.name: rule.nominal for rule in version.rules}
    return {
        "id": plan.id,
        "content_sha256": plan.content_sha256(),
        "design": None
        if version is None
        else {"id": version.design_id, "slug": version.slug, "title": version.title, "version": version.number},
        "version_id": plan.version_id,
        "parameters": read_parameters(plan.parameters_json),
        "characteristics": [
            {**_characteristic(each), "nominal_rule": rules.get(each.name)} for each in plan.characteristics
        ],
    }


def _characteristic(characteristic: Characteristic) -> Json:
    at = characteristic.at_mm
    return {
        "name": characteristic.name,
        "nominal": characteristic.nominal,
        "lower": characteristic.lower,
        "upper": characteristic.upper,
        "unit": characteristic.unit,
        "instrument": characteristic.instrument,
        "class": characteristic.class_,
        "feature": characteristic.feature or None,
        "at_mm": None if at is None else list(at),
        "must_be_measured": characteristic.must_be_measured,
    }
