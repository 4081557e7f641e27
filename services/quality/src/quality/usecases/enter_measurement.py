"""Enter a value that a technician found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.unit_of_work import UnitOfWork
from quality.domain.inspections import Inspection
from quality.domain.measurements import TECHNICIAN, Reading, ask_back, check_reading
from quality.store.inspections import add_measurement, locked_inspection
from quality.usecases.conclude import conclude
from quality.usecases.inspect_parts import measurement_of


@dataclass(frozen=True, slots=True)
class EnterMeasurement:
    """A value of one characteristic of one part; `confirmed` when it was read a second time."""

    inspection_id: str
    reading: Reading
    entered_by: str
    confirmed: bool = False


async def enter_measurement(command: EnterMeasurement, uow: UnitOfWork) -> Inspection:
    """Add the value, and decide the inspection where it was the last that was missing.

    Raises LookupError, MeasurementRefused, LooksMistyped, InspectionDecided.
    """
    inspection = await locked_inspection(uow.session, command.inspection_id)
    if inspection is None:
        raise LookupError(command.inspection_id)
    now = datetime.now(UTC)
    characteristic = check_reading(command.reading, inspection.plan, inspection.part_ids)
    measurement = measurement_of(command.reading, TECHNICIAN, command.entered_by, now)
    inspection = inspection.with_measurement(measurement)
    if not command.confirmed:
        ask_back(command.reading, characteristic)
    inspection = inspection.judged(now)
    await add_measurement(uow.session, inspection, measurement)
    await conclude(inspection, uow)
    return inspection
