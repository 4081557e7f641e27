"""What a hub must know to make and measure the parts of a job order."""

from __future__ import annotations

from dataclasses import dataclass

Matrix = tuple[float, ...]
"""Sixteen numbers, row by row: from model to machine coordinates, in mm."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One dimension to measure, with absolute bounds in `unit`; `at_mm` is a point on a bore's axis."""

    name: str
    nominal: float
    upper: float
    lower: float
    unit: str
    instrument: str
    grade: str
    feature: str = ""
    at_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Making:
    """Where each copy stands on the plate, and what to measure on it."""

    placements: tuple[Matrix, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
