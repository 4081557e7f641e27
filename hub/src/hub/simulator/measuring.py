"""What a gauge finds on a finished part.

- `extent-x`, `extent-y`, `extent-z`: a caliper over the outermost flanks of the beads, along an axis of the model.
- `bore`: the largest pin that goes into a hole at a height, sought around the place where the hole should be.
- `mass`: a scale.

A dimension of a part is its geometry, the machine's scatter from part to part and its drift; a reading adds the gauge's
own scatter. All scatter is seeded: the same part read for the same time gives the same value.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.simulator.beads import Bead, Beads
from hub.simulator.faults import BadRequest
from hub.simulator.placement import Placement, Vector
from hub.simulator.settings import Truth

_EXTENTS = {"extent-x": 0, "extent-y": 1, "extent-z": 2}
_INSTRUMENTS = {"bore": "pin gauge", "mass": "scale"}
_SEARCH_MM = 1.0
_FINEST_STEP_MM = 1e-4
_DIRECTIONS = 6
_GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing to measure: a characteristic that says how. `at` is a point of the model in mm, for a bore."""

    name: str
    feature: str
    at: Vector = (0.0, 0.0, 0.0)
    instrument: str = ""

    @classmethod
    def from_request(cls, row: Any) -> Feature:
        """Read it from a request. Raises BadRequest."""
        if not isinstance(row, dict):
            raise BadRequest("bad-request", "a characteristic is an object")
        name, feature, at = row.get("name"), row.get("feature"), row.get("at", (0, 0, 0))
        if not isinstance(name, str) or not isinstance(feature, str):
            raise BadRequest("bad-request", "a characteristic has a `name` and a `feature`")
        if (
            not isinstance(at, list | tuple)
            or len(at) != 3
            or not all(isinstance(each, int | float) and math.isfinite(each) for each in at)
        ):
            raise BadRequest("bad-request", f"`at` of {name!r} is no point")
        return cls(name, feature, (float(at[0]), float(at[1]), float(at[2])), str(row.get("instrument", "")))

    @property
    def gauge(self) -> str:
        """The instrument, the usual one where none was named."""
        return self.instrument or _INSTRUMENTS.get(self.feature, "caliper")


class Gauges:
    """Reads dimensions. `seed` and `truth` are the machine's, `job` names the job, `reading` counts repeats from 1.

    `drift_mm` is what the machine had drifted before, beside what its parts since service have worn it.
    """

    def __init__(
        self, truth: Truth, *, seed: int, job: str, density_g_per_cm3: float, drift_mm: float = 0.0, reading: int = 1
    ) -> None:
        self._truth = truth
        self._seed = seed
        self._job = job
        self._density = density_g_per_cm3
        self._drift_mm = drift_mm
        self._reading = reading

    def read(
        self, feature: Feature, beads: Beads, placement: Placement, *, part: int, since_service: int
    ) -> float | None:
        """The value in mm or g; None where it cannot be measured.

        `part` counts the job's parts from 0, `since_service` all parts that the machine has made since its service.
        """
        if not len(beads):
            return None
        if feature.feature == "mass":
            mass_g = beads.volume_mm3 * self._density / 1000.0
            return round(mass_g + self._scatter(self._truth.gauge_sigma_g, part, feature.name, self._reading), 3)
        drift_mm = self._drift_mm + self._truth.drift_mm_per_part * since_service
        if feature.feature in _EXTENTS:
            axis = _EXTENTS[feature.feature]
            value = extent(beads, placement, axis) + (0.0 if axis == 2 else drift_mm)
        elif feature.feature == "bore":
            found = bore(beads, placement, feature.at)
            if not found:
                return found
            value = found - drift_mm
        else:
            return None
        value += self._scatter(self._truth.sigma_mm, part, feature.name, 0)
        value += self._scatter(self._truth.gauge_sigma_mm, part, feature.name, self._reading)
        return round(max(0.0, value), 3)

    def _scatter(self, sigma: float, part: int, name: str, reading: int) -> float:
        key = f"{self._seed}/{self._job}/{part}/{name}/{reading}"
        return random.Random(key).gauss(0.0, sigma)


def extent(beads: Beads, placement: Placement, axis: int) -> float:
    """The size along a model axis (0, 1, 2) over the flanks of all beads, in mm."""
    ux, uy, uz = placement.direction(axis)
    across = math.hypot(ux, uy)
    low, high = math.inf, -math.inf
    for bead in beads:
        one, other = ux * bead.x0 + uy * bead.y0, ux * bead.x1 + uy * bead.y1
        if one > other:
            one, other = other, one
        flank = 0.5 * bead.width * across
        top, bottom = uz * bead.z, uz * (bead.z - bead.height)
        high = max(high, other + flank + max(top, bottom))
        low = min(low, one - flank + min(top, bottom))
    return high - low


def bore(beads: Iterable[Bead], placement: Placement, at: Vector) -> float | None:
    """The diameter (mm) of the largest pin that goes in near `at` in the model; 0: none does; None: nothing is there.

    The pin's middle is sought by direct search (Kolda, Lewis, Torczon, SIAM Review 45, 2003): the clear radius is the
    least of the distances to the beads' flanks, so its greatest value is where no step makes it greater. The directions
    turn with every shorter step, as the function has ridges on which fixed ones would stall.
    """
    if not placement.upright:
        return None
    x, y, z = placement.to_machine(at)
    level = [bead for bead in beads if bead.z - bead.height <= z < bead.z + 1e-4]
    if not level:
        return None
    clear = _clearance(level, x, y)
    if clear <= 0.0:
        return 0.0
    near = [bead for bead in level if _clearance([bead], x, y) < clear + 3.0 * _SEARCH_MM]
    step = reach = min(_SEARCH_MM, clear)
    x0, y0, turn = x, y, 0.0
    while step > _FINEST_STEP_MM:
        for corner in range(_DIRECTIONS):
            angle = turn + corner * math.tau / _DIRECTIONS
            to_x, to_y = x + step * math.cos(angle), y + step * math.sin(angle)
            found = _clearance(near, to_x, to_y)
            if found > clear and math.hypot(to_x - x0, to_y - y0) <= reach:
                x, y, clear = to_x, to_y, found
                break
        else:
            step *= 0.7
            turn += _GOLDEN_ANGLE
    return 2.0 * clear


def _clearance(beads: Sequence[Bead], x: float, y: float) -> float:
    """How far it is from a point to the nearest flank, mm; negative inside a bead."""
    best = math.inf
    for bead in beads:
        dx, dy = bead.x1 - bead.x0, bead.y1 - bead.y0
        px, py = x - bead.x0, y - bead.y0
        along = min(1.0, max(0.0, (px * dx + py * dy) / (dx * dx + dy * dy)))
        best = min(best, math.hypot(px - along * dx, py - along * dy) - 0.5 * bead.width)
    return best
