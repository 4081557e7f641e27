"""Parallel lines across a region: the pattern under skins, bridges and infill.

The region is turned so that the lines are horizontal, every line is crossed with every outline (even-odd, vectorised as
the sectioning is), and crossings are paired along each line.
"""

import math

import numpy as np

from fabrication.processes.fdm.region import Region
from fabrication.processes.mesh import Points


def across(
    region: Region, spacing_mm: float, angle_deg: float, phase_mm: float = 0.0, shortest_mm: float = 0.0
) -> Points:
    """Lines (n, 2, 2) in mm, `spacing_mm` apart at an angle to x, in order of their rows and along them.

    Rows are fixed in the plane, not in the region: equal angles and phases stack from layer to layer.
    """
    if not region:
        return np.empty((0, 2, 2))
    turn = _rotation(-angle_deg)
    starts = np.vstack(region) @ turn.T
    ends = np.vstack([np.roll(path, -1, axis=0) for path in region]) @ turn.T
    low = np.minimum(starts[:, 1], ends[:, 1])
    high = np.maximum(starts[:, 1], ends[:, 1])
    first = np.ceil((low - phase_mm) / spacing_mm - 0.5).astype(np.int64)
    counts = np.ceil((high - phase_mm) / spacing_mm - 0.5).astype(np.int64) - first
    edge = np.repeat(np.arange(len(starts)), counts)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    y = phase_mm + (row + 0.5) * spacing_mm
    share = (y - starts[edge, 1]) / (ends[edge, 1] - starts[edge, 1])
    x = starts[edge, 0] + share * (ends[edge, 0] - starts[edge, 0])
    order = np.lexsort((x, row))
    x, y = x[order].reshape(-1, 2), y[order].reshape(-1, 2)
    kept = x[:, 1] - x[:, 0] > shortest_mm
    lines = np.stack([x[kept], y[kept]], axis=2)
    return np.asarray(lines @ turn)


def _rotation(angle_deg: float) -> Points:
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.array([[cosine, -sine], [sine, cosine]])
