"""What quality refuses, and why.

QualityError
├── BadInspection        a command to inspect makes no sense; it will never be carried out
├── MeasurementRefused   a measurement does not belong to the inspection's plan
├── LooksMistyped        a value is so far off that the decimal point may have slipped; confirm it
└── InspectionDecided    the inspection is over; its measurements stay as they are
"""

from __future__ import annotations


class QualityError(Exception):
    """Root of this package's errors. `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class BadInspection(QualityError):
    """No parts, or characteristics that contradict themselves."""


class MeasurementRefused(QualityError):
    """Another part, an unknown characteristic, a wrong unit or no finite value."""


class LooksMistyped(QualityError):
    """Asks back; nothing is stored until the value is confirmed."""

    def __init__(self, detail: str, *, nominal: float, value: float) -> None:
        super().__init__("looks-mistyped", detail)
        self.nominal = nominal
        self.value = value


class InspectionDecided(QualityError):
    """It passed or failed before."""
