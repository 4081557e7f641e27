"""What is laid around the first layer: a skirt that primes the nozzle, a brim that holds the part down."""

import numpy as np

from fabrication.domain.toolpath import Feature
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.path import Path, loop
from fabrication.processes.fdm.region import Region, bounds_mm, closed, grown, signed_area_mm2

SKIRT_DISTANCE_MM = 3.0


def brim(outline: Region, bead: BeadShape, width_mm: float) -> list[Path]:
    """Loops around the part, the outermost first, up to a width."""
    count = round(width_mm / bead.spacing_mm)
    loops = []
    for number in range(count, 0, -1):
        ring = grown(outline, bead.width_mm / 2.0 + (number - 0.5) * bead.spacing_mm, rounded=True)
        loops += [
            loop(Feature.BRIM, path, np.full(len(path), bead.area_mm2)) for path in ring if signed_area_mm2(path) > 0.0
        ]
    return loops


def skirt(footprint: Region, bead: BeadShape, loops: int, join_mm: float, room: tuple[float, float]) -> list[Path]:
    """Loops around all copies (`footprint`, plate coordinates), left out where they would leave the plate (`room`)."""
    joined = closed(footprint, join_mm)
    laid = []
    for number in range(loops, 0, -1):
        ring = grown(joined, SKIRT_DISTANCE_MM + (number - 0.5) * bead.spacing_mm, rounded=True)
        low_x, low_y, high_x, high_y = bounds_mm(ring)
        reach = bead.width_mm / 2.0
        if min(low_x, low_y) < reach or high_x > room[0] - reach or high_y > room[1] - reach:
            continue
        laid += [
            loop(Feature.SKIRT, path, np.full(len(path), bead.area_mm2)) for path in ring if signed_area_mm2(path) > 0.0
        ]
    return laid
