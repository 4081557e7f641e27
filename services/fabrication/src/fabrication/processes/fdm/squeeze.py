"""Loops in walls about two beads thick: both sides of the loop share what room there is.

From the middle of every piece of a loop a ray is sent inwards to the other border of the wall. Where that is nearer
than two beads need, or so little farther that no gap is worth filling, the piece gets half of the wall (a small part of
what variable-width walls do: Kuipers et al., "A framework for adaptive width control of dense contour-parallel
toolpaths", CAD 128, 2020).
"""

import numpy as np

from fabrication.processes.fdm.region import Region, area_mm2, length_mm
from fabrication.processes.mesh import Points

NOTICED = 0.005
NARROWEST_GAP_MM = 0.1
LEAST_SHARE = 0.5


def shares(loops: Region, border: Region, left: Region, inset_mm: float, spacing_mm: float) -> list[Points]:
    """For each loop the share of its bead that each piece has room for.

    `border` is the region that the loops fill from its edge inwards, `left` what they leave of it (gaps included),
    `inset_mm` how far inside the edge they run.
    """
    own_mm = inset_mm + spacing_mm / 2.0
    room_mm2 = area_mm2(border) - area_mm2(left)
    if abs(length_mm(loops) * own_mm - room_mm2) <= NOTICED * room_mm2:
        return [np.ones(len(loop)) for loop in loops]
    start = np.vstack(border)
    end = np.vstack([np.roll(path, -1, axis=0) for path in border])
    return [_shares_of(loop, start, end, inset_mm, own_mm) for loop in loops]


def _shares_of(loop: Points, start: Points, end: Points, inset_mm: float, own_mm: float) -> Points:
    along = np.roll(loop, -1, axis=0) - loop
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]
    inwards = np.column_stack([-along[:, 1], along[:, 0]]) / length
    across = inset_mm + _distances(loop + along / 2.0, inwards, start, end)
    half = np.where(across / 2.0 <= own_mm + NARROWEST_GAP_MM / 2.0, across / 2.0, own_mm)
    return np.asarray(np.maximum(half / own_mm, LEAST_SHARE))


def _distances(origins: Points, directions: Points, start: Points, end: Points) -> Points:
    """How far from each origin its ray first meets one of the segments; infinite where it meets none."""
    edge = (end - start)[None]
    to_start = start[None] - origins[:, None]
    denominator = _cross(directions[:, None], edge)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = _cross(to_start, edge) / denominator
        share = _cross(to_start, directions[:, None]) / denominator
    met = (distance > 1e-6) & (share >= 0.0) & (share <= 1.0) & (denominator != 0.0)
    return np.asarray(np.where(met, distance, np.inf).min(axis=1))


def _cross(one: Points, other: Points) -> Points:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])
