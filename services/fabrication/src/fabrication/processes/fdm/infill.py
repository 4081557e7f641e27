"""The lines that fill a layer: solid skins, bridges and sparse infill.

Sparse infill is a grid, both directions in every layer at twice the spacing, so each line stands on its like in the
layer below and never hangs between crossings; where it is dense (half and more) lines of one direction alternate.
"""

from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.lines import across
from fabrication.processes.fdm.region import Region
from fabrication.processes.mesh import Points

DIRECTIONS_DEG = (45.0, 135.0)
DENSE = 0.5
SHORTEST_MM = 0.3


def skin_lines(region: Region, bead: BeadShape, layer: int) -> Points:
    """Lines (n, 2, 2) that fill a region, across those of the layer below."""
    return across(region, bead.spacing_mm, DIRECTIONS_DEG[layer % 2], shortest_mm=SHORTEST_MM)


def bridge_lines(region: Region, bead: BeadShape, angle_deg: float) -> Points:
    """Threads (n, 2, 2) across a span, from anchor to anchor."""
    return across(region, bead.spacing_mm, angle_deg, shortest_mm=SHORTEST_MM)


def sparse_lines(region: Region, bead: BeadShape, density: float, layer: int) -> list[Points]:
    """The lines of sparse infill, one array (n, 2, 2) a direction."""
    if density <= 0.0 or not region:
        return []
    spacing = bead.spacing_mm / density
    if density >= DENSE:
        return [across(region, spacing, DIRECTIONS_DEG[layer % 2], shortest_mm=SHORTEST_MM)]
    return [across(region, 2.0 * spacing, angle, shortest_mm=SHORTEST_MM) for angle in DIRECTIONS_DEG]
