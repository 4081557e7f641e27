"""Walls: loops that follow the outline, and what lies inside them.

The loops' centres are insets of the outline: half a bead for the outer one, so that its flank stands on the outline,
and one spacing for each further one. A loop is laid only where both its sides have room: the region is first opened by
most of half a spacing (Slic3r's PerimeterGenerator does the same). What is left and too narrow for a loop is a gap.
"""

from dataclasses import dataclass

from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.gaps import GapLine, gap_lines
from fabrication.processes.fdm.region import PATH_UM, Region, difference, grown, opened, simplified, union

ROOM = 0.85
"""The share of a spacing at which two sides of one loop may lie before they are one bead too many."""
NARROWEST_GAP_MM = 0.1


@dataclass(frozen=True, slots=True)
class Walls:
    """A layer's loops from the outside in, the region left inside them, and the middles of gaps that no loop fills."""

    loops: tuple[Region, ...]
    inside: Region
    gaps: tuple[GapLine, ...]


def lay_walls(outline: Region, bead: BeadShape, count: int) -> Walls:
    """The walls of a layer; `outline` is the section of the part."""
    spacing = bead.spacing_mm
    room = ROOM * spacing / 2.0
    loops: list[Region] = []
    gaps: Region = []
    free = outline
    for number in range(count):
        inset = bead.width_mm / 2.0 if number == 0 else spacing / 2.0
        centre = grown(grown(free, -(inset + room)), room)
        laid = grown(centre, spacing / 2.0 if number else inset)
        gaps = union(gaps, difference(free, laid))
        if not centre:
            free = []
            break
        loops.append(simplified(centre, PATH_UM))
        free = grown(centre, -spacing / 2.0)
    narrow = opened(gaps, NARROWEST_GAP_MM / 2.0)
    return Walls(tuple(loops), free, gap_lines(narrow, 2.0 * bead.width_mm))
