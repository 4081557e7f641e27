"""Where a single copy stands on the plate, found from its beads, for programs that come without a plan."""

import numpy as np

from fabrication.domain.programs import Matrix
from fabrication.verification.beads import laid_layers
from fabrication.verification.replay import Floats, Replay

ALIKE_MM = 1.5


def single_placement(replay: Replay, corners: Floats, bead_mm: float) -> tuple[Matrix, ...]:
    """The 4×4 of the one copy: upright as modelled, or turned by 90° where only that has the size of what is laid."""
    layers = laid_layers(replay)
    rows = np.concatenate([layer.rows for layer in layers[1:] or layers]) if layers else np.empty(0, dtype=np.int64)
    low, high = corners.reshape(-1, 3).min(axis=0), corners.reshape(-1, 3).max(axis=0)
    centre = (low + high)[:2] / 2.0
    laid = np.vstack([replay.start[rows, :2], replay.end[rows, :2]]) if len(rows) else centre[None]
    laid_low, laid_high = laid.min(axis=0) - bead_mm / 2.0, laid.max(axis=0) + bead_mm / 2.0
    extent, wanted = laid_high - laid_low, (high - low)[:2]
    x, y = np.round((laid_low + laid_high) / 2.0, 3).tolist()
    upright = np.abs(extent - wanted).max()
    if upright > ALIKE_MM and np.abs(extent - wanted[::-1]).max() < upright:
        rotation = ((0.0, -1.0), (1.0, 0.0))
    else:
        rotation = ((1.0, 0.0), (0.0, 1.0))
    shift = np.array([x, y]) - np.array(rotation) @ centre
    (xx, xy), (yx, yy) = rotation
    move_x, move_y = np.round(shift, 3).tolist()
    return (((xx, xy, 0.0, move_x), (yx, yy, 0.0, move_y), (0.0, 0.0, 1.0, -float(low[2])), (0.0, 0.0, 0.0, 1.0)),)
