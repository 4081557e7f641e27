"""Travels between beads: when filament must be drawn back first.

A travel that stays over the part leaves its ooze inside; one that is long and crosses the outline retracts.
"""

import numpy as np

from fabrication.processes.fdm.path import Path
from fabrication.processes.fdm.region import Region
from fabrication.processes.mesh import Points


def must_retract(paths: list[Path], outline: Region, min_travel_mm: float) -> list[bool]:
    """For each bead of a layer whether filament is drawn back on the way to it; to the first it always is."""
    if not paths:
        return []
    starts = np.array([path.points[-1] for path in paths[:-1]]).reshape(-1, 2)
    ends = np.array([path.points[0] for path in paths[1:]]).reshape(-1, 2)
    far = np.linalg.norm(ends - starts, axis=1) > min_travel_mm
    crossing = np.zeros(len(far), dtype=np.bool_)
    if far.any():
        crossing[far] = _crosses(starts[far], ends[far], outline)
    return [True, *crossing.tolist()]


def _crosses(starts: Points, ends: Points, outline: Region) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which segments cross any border: ends on different sides, both ways (Cormen et al., "Algorithms", ch. 33)."""
    a = np.vstack(list(outline))[None]
    b = np.vstack([np.roll(path, -1, axis=0) for path in outline])[None]
    p, q = starts[:, None], ends[:, None]
    one = _side(p, q, a) * _side(p, q, b) < 0.0
    other = _side(a, b, p) * _side(a, b, q) < 0.0
    return np.asarray((one & other).any(axis=1))


def _side(origin: Points, tip: Points, point: Points) -> Points:
    along, to = tip - origin, point - origin
    return np.asarray(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])
