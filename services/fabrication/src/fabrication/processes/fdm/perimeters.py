"""Walls: loops that follow the outline, and what lies inside them.

The loops' centres are insets of the outline: half a bead for the outer one, so that its flank stands on the outline,
and one spacing for each further one. A loop is laid only where both its sides have room: the region is first opened by
most of half a spacing (Slic3r's PerimeterGenerator does the same). What is left and too narrow for a loop is a gap.
"""

from dataclasses import dataclass

from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.gaps import GapLine, gap_lines
from fabrication.processes.fdm.region import PATH_UM, Region, difference, grown, opened, simplified, union
from fabrication.processes.fdm.squeeze import NARROWEST_GAP_MM, shares
from fabrication.processes.mesh import Points

ROOM = 0.85
"""The share of a spacing at which two sides of one loop may lie before they are one bead too many."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One closed wall: its points (n, 2), and the share of a whole bead that each of its n pieces has room for."""

    outline: Points
    shares: Points


@dataclass(frozen=True, slots=True)
class Walls:
    """A layer's loops from the outside in, the region left inside them, and the middles of gaps that no loop fills."""

    loops: tuple[tuple[Loop, ...], ...]
    inside: Region
    gaps: tuple[GapLine, ...]


def lay_walls(outline: Region, bead: BeadShape, count: int) -> Walls:
    """The walls of a layer; `outline` is the section of the part."""
    spacing = bead.spacing_mm
    room = ROOM * spacing / 2.0
    loops: list[tuple[Loop, ...]] = []
    gaps: Region = []
    free = outline
    for number in range(count):
        inset = bead.width_mm / 2.0 if number == 0 else spacing / 2.0
        centre = grown(grown(free, -(inset + room)), room)
        gap = difference(free, grown(centre, spacing / 2.0 if number else inset))
        gaps = union(gaps, gap)
        if not centre:
            free = []
            break
        centre = simplified(centre, PATH_UM)
        inner = grown(centre, -spacing / 2.0)
        left = union(opened(inner, NARROWEST_GAP_MM / 2.0), gap)
        fills = shares(centre, free, left, inset, spacing)
        loops.append(tuple(Loop(path, fill) for path, fill in zip(centre, fills, strict=True)))
        free = inner
    narrow = opened(gaps, NARROWEST_GAP_MM / 2.0)
    return Walls(tuple(loops), free, gap_lines(narrow, 2.0 * bead.width_mm))
