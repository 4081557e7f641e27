"""Measure a built solid in a process that has not run its script."""

from dataclasses import dataclass
from pathlib import Path

from fabrication.cad.solids import measured, overlaps, read_solid
from fabrication.domain.facts import SolidFacts
from fabrication.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class Measured:
    """The solid's facts and what is odd about it."""

    solid: SolidFacts
    findings: tuple[Finding, ...]


def measure_solid(brep: Path) -> Measured:
    """Facts and findings of the solid in that file; raises CadRefused."""
    shape = read_solid(brep)
    return Measured(measured(shape, brep), overlaps(shape))
