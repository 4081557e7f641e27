"""Where a layer spans air, and which way its threads must run.

A thread holds when both its ends lie on the layer below. The direction is chosen among steps of 15° as the one with the
least length of thread that hangs from one end or none (Slic3r's BridgeDetector weighs directions alike).
"""

from dataclasses import dataclass

import numpy as np

from fabrication.processes.fdm.lines import across
from fabrication.processes.fdm.region import Region, difference, grown, intersection, islands, opened
from fabrication.processes.mesh import Points

STEP_DEG = 15
ANCHOR_MM = 1.2
PROBE_MM = 0.5
SAFE_BRIDGE_MM = 10.0
LONGEST_BRIDGE_MM = 20.0


@dataclass(frozen=True, slots=True)
class Bridge:
    """A spanned region with its anchors, the way its threads run, and what would not hold.

    `loose_mm` is the length of thread that lacks an anchored end or spans more than a bridge may, in `span_mm` at most.
    """

    region: Region
    angle_deg: float
    span_mm: float
    loose_mm: float
    air: Region


def find_bridges(outline: Region, below: Region, bead_mm: float) -> list[Bridge]:
    """The bridges of a layer over the layer below; slopes that overhang by less than a bead are none."""
    air = opened(difference(outline, grown(below, bead_mm / 2.0)), bead_mm / 4.0)
    found = []
    for piece in islands(air):
        spanned = intersection(grown(piece, bead_mm), difference(outline, below))
        region = intersection(grown(spanned, ANCHOR_MM), outline)
        anchors = intersection(region, below)
        found.append(_best_direction(region, spanned, anchors))
    return found


def _best_direction(region: Region, spanned: Region, anchors: Region) -> Bridge:
    best: Bridge | None = None
    for angle in range(0, 180, STEP_DEG):
        lines = across(spanned, PROBE_MM, float(angle))
        if len(lines) == 0:
            continue
        lengths = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1)
        held = _ends_held(lines, anchors) & (lengths <= LONGEST_BRIDGE_MM)
        candidate = Bridge(region, float(angle), float(lengths.max()), float(lengths[~held].sum()), spanned)
        if best is None or (candidate.loose_mm, candidate.span_mm) < (best.loose_mm, best.span_mm):
            best = candidate
    return best if best is not None else Bridge(region, 0.0, 0.0, 0.0, spanned)


def _ends_held(lines: Points, anchors: Region) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a point just beyond both ends of each line lies on an anchor."""
    along = lines[:, 1] - lines[:, 0]
    along /= np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]
    before, after = lines[:, 0] - 0.2 * along, lines[:, 1] + 0.2 * along
    return inside(before, anchors) & inside(after, anchors)


def inside(points: Points, region: Region) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points (n, 2) lie in the region: crossings of a ray to the right are odd (Shimrat, CACM 5, 1962)."""
    odd = np.zeros(len(points), dtype=np.bool_)
    for path in region:
        start, end = path, np.roll(path, -1, axis=0)
        straddles = (start[None, :, 1] > points[:, None, 1]) != (end[None, :, 1] > points[:, None, 1])
        rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
        share = (points[:, None, 1] - start[None, :, 1]) / rise[None, :]
        x = start[None, :, 0] + share * (end[:, 0] - start[:, 0])[None, :]
        odd ^= (np.count_nonzero(straddles & (points[:, None, 0] < x), axis=1) % 2).astype(np.bool_)
    return odd
