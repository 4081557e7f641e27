"""Values found on parts. They are only ever added: a correction keeps the value that it corrects."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from quality.domain.errors import LooksMistyped, MeasurementRefused
from quality.domain.plans import Characteristic, InspectionPlan

MACHINE, TECHNICIAN = "machine", "technician"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it was reported or typed, not checked yet. `gauge` is the instrument's own id."""

    part_id: str
    characteristic: str
    value: float
    unit: str
    instrument: str = ""
    gauge: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value found on one part. `source` is the machine or a technician, `entered_by` the key that was used."""

    id: str
    part_id: str
    characteristic: str
    value: float
    unit: str
    instrument: str
    gauge: str
    source: str
    entered_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """A reported value that could not be used, and why. `value` is text: it need not be a number."""

    part_id: str
    characteristic: str
    value: str
    unit: str
    why: str


def check_reading(reading: Reading, plan: InspectionPlan, part_ids: Collection[str]) -> Characteristic:
    """The characteristic that was measured. Raises MeasurementRefused."""
    if reading.part_id not in part_ids:
        raise MeasurementRefused("unknown-part", f"{reading.part_id!r} is no part of this inspection")
    characteristic = plan.characteristic(reading.characteristic)
    if characteristic is None:
        known = ", ".join(each.name for each in plan.characteristics) or "none"
        raise MeasurementRefused(
            "unknown-characteristic", f"{reading.characteristic!r} is not planned; planned: {known}"
        )
    if reading.unit != characteristic.unit:
        raise MeasurementRefused("wrong-unit", f"{characteristic.name} is measured in {characteristic.unit}")
    if not math.isfinite(reading.value):
        raise MeasurementRefused("not-finite", f"{characteristic.name} has no finite value")
    return characteristic


def ask_back(reading: Reading, characteristic: Characteristic) -> None:
    """Raises LooksMistyped where the value should be read from the instrument once more."""
    if characteristic.looks_mistyped(reading.value):
        raise LooksMistyped(
            f"{characteristic.name} is {characteristic.nominal:.6g} {characteristic.unit} by its nominal, and "
            f"{reading.value:.6g} was entered. Send it again with `confirm`: true if that is what was found.",
            nominal=characteristic.nominal,
            value=reading.value,
        )
