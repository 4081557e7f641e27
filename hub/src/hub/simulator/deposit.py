"""What lies on the bed: beads, each with the room that it found.

A bead of cross-section A in a gap of height h is a flat band with half-round flanks, w = A/h + h·(1 − π/4) wide ("Flow
Math", Slic3r manual). h is the distance down to what lies beneath, looked up where the bead begins, is half way and
ends. With nothing near beneath it hangs free and is round.
"""

from __future__ import annotations

import math

from hub.simulator.beads import Beads

_CELL_MM = 5.0
_SAME_LEVEL_MM = 0.01
_FREE_HEIGHT = 1.5  # nozzle bores above what lies beneath: the bead does not touch it
_WIDEST = 3.0  # nozzle bores: what is more does not spread but curls up
_LEAST_HEIGHT_MM = 0.02
_FLANK = 1.0 - math.pi / 4.0


class Deposit:
    """The beads of one job, as the nozzle lays them."""

    def __init__(self, nozzle_mm: float = 0.4) -> None:
        self.beads = Beads()
        self._tops: dict[tuple[int, int], tuple[float, float]] = {}
        self._nozzle_mm = nozzle_mm
        self.volume_mm3 = 0.0
        self.unsupported_mm = 0.0

    def lay(self, x0: float, y0: float, x1: float, y1: float, z: float, volume_mm3: float, *, is_part: bool) -> None:
        """Lay a bead of that volume with its top at z."""
        self.volume_mm3 += volume_mm3
        length = math.hypot(x1 - x0, y1 - y0)
        if length < 1e-6:
            return
        area = volume_mm3 / length
        height = max(_LEAST_HEIGHT_MM, z - self._support(((x0, y0), (0.5 * (x0 + x1), 0.5 * (y0 + y1)), (x1, y1)), z))
        if height > _FREE_HEIGHT * self._nozzle_mm:
            height = width = math.sqrt(4.0 * area / math.pi)
            self.unsupported_mm += length
        else:
            width = min(area / height + height * _FLANK, _WIDEST * self._nozzle_mm)
        self.beads.append((x0, y0, x1, y1, z, height, width, volume_mm3, is_part))

    def _support(self, points: tuple[tuple[float, float], ...], z: float) -> float:
        """The top of what lies beneath the points, and note that something lies there at z from now on."""
        tops, support = self._tops, 0.0
        for x, y in points:
            cell = (int(x // _CELL_MM), int(y // _CELL_MM))
            top, below = tops.get(cell, (0.0, 0.0))
            if z > top + _SAME_LEVEL_MM:
                tops[cell] = (z, top)
                found = top
            else:
                found = below if below < z else 0.0
            support = max(support, found)
        return support
