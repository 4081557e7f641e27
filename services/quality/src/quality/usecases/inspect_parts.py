"""Judge the parts of a job order that was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from quality.domain.errors import MeasurementRefused
from quality.domain.inspections import Inspection, new_parts
from quality.domain.measurements import MACHINE, Measurement, Reading, SetAside, check_reading
from quality.domain.plans import Characteristic, InspectionPlan, check_characteristics, read_parameters
from quality.store.inspections import add_inspection, keep_plan
from quality.usecases.conclude import conclude


@dataclass(frozen=True, slots=True)
class InspectMade:
    """What was made where, what is to be checked on it, and what the machine measured."""

    order_id: str
    job_order_id: str
    hub_id: str
    machine_id: str
    program_sha256: str
    version_id: str
    parameters_json: str
    part_ids: tuple[str, ...]
    characteristics: tuple[Characteristic, ...]
    readings: tuple[Reading, ...]


async def inspect_parts(command: InspectMade, uow: UnitOfWork) -> Inspection | None:
    """Open the inspection of a job order, and decide it where everything was measured. Raises BadInspection.

    Answers None where the job order has an inspection already: a repeated command changes nothing.
    """
    check_characteristics(command.characteristics)
    read_parameters(command.parameters_json)
    parts = new_parts(command.part_ids)
    plan = await keep_plan(
        uow.session, InspectionPlan(uuid7(), command.version_id, command.parameters_json, command.characteristics)
    )
    now = datetime.now(UTC)
    used, set_aside = _sort(command.readings, plan, command.part_ids, now)
    inspection = Inspection(
        id=uuid7(),
        order_id=command.order_id,
        job_order_id=command.job_order_id,
        hub_id=command.hub_id,
        machine_id=command.machine_id,
        program_sha256=command.program_sha256,
        plan=plan,
        opened_at=now,
        parts=parts,
        measurements=used,
        set_aside=set_aside,
    ).judged(now)
    if not await add_inspection(uow.session, inspection):
        return None
    await conclude(inspection, uow)
    return inspection


def _sort(
    readings: Sequence[Reading], plan: InspectionPlan, part_ids: Sequence[str], now: datetime
) -> tuple[tuple[Measurement, ...], tuple[SetAside, ...]]:
    """The machine's values that can be used, and those that cannot, with the reason."""
    used, aside = [], []
    for reading in readings:
        try:
            check_reading(reading, plan, part_ids)
        except MeasurementRefused as refusal:
            value = repr(reading.value)
            aside.append(SetAside(reading.part_id, reading.characteristic, value, reading.unit, refusal.detail))
        else:
            used.append(measurement_of(reading, MACHINE, "", now))
    return tuple(used), tuple(aside)


def measurement_of(reading: Reading, source: str, entered_by: str, at: datetime) -> Measurement:
    """A checked reading, as it is kept."""
    return Measurement(
        id=uuid7(),
        part_id=reading.part_id,
        characteristic=reading.characteristic,
        value=reading.value,
        unit=reading.unit,
        instrument=reading.instrument,
        gauge=reading.gauge,
        source=source,
        entered_by=entered_by,
        at=at,
    )
