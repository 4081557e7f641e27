"""Measure a built solid in a process that has not run its script."""

from pathlib import Path

from fabrication.cad.answers import Measured
from fabrication.cad.solids import measured, overlaps, read_solid


def measure_solid(brep: Path) -> Measured:
    """Facts and findings of the solid in that file; raises CadRefused."""
    shape = read_solid(brep)
    return Measured(measured(shape, brep), overlaps(shape))
