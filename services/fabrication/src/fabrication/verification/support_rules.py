"""Whether every bead lies on something: the layer below, two ends that do, or a neighbour that does."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.programs import Violation
from fabrication.domain.requests import PrintRequest
from fabrication.verification.replay import Floats

REACH_BEADS = 0.75
"""How far a bead's middle may lie beside what is below it: a quarter of a bead more than its own half width."""
NEIGHBOUR_BEADS = 1.0
"""How far the middles of neighbours lie apart that are laid against each other."""
LONGEST_BRIDGE_MM = 20.5
LONGEST_OVER_INFILL_MM = 10.5
LOOSE_MM = 1.5
"""How far a bead may hang free beyond the part below; over the part's own infill it may reach the next line of it."""


@dataclass(frozen=True, slots=True)
class Support:
    """How much of a layer's beads was laid, hangs, and spans (mm); the worst hanging piece and where it is."""

    laid_mm: float
    air_mm: float
    bridged_mm: float
    worst_mm: float = 0.0
    worst_at_mm: tuple[float, float] | None = None

    def violations(self, z_mm: float) -> list[Violation]:
        """One violation where a piece hangs that must not."""
        if self.worst_at_mm is None:
            return []
        message = f"layer at {z_mm:g} mm: a bead hangs in the air for {self.worst_mm:.1f} mm"
        return [Violation("in-air", message, 0, (*self.worst_at_mm, z_mm))]


def rest_of(
    runs: list[shapely.LineString],
    covered_below: BaseGeometry | None,
    part_below: BaseGeometry,
    bead_mm: float,
    request: PrintRequest,
) -> Support:
    """What the beads of a layer rest on; the first layer (nothing below) rests on the bed."""
    laid = float(sum(run.length for run in runs))
    if covered_below is None or not runs:
        return Support(laid, 0.0, 0.0)
    ground = covered_below.buffer(REACH_BEADS * bead_mm)
    shapely.prepare(ground)
    grounded = shapely.contains(ground, runs)
    over_infill = _infill_pitch(bead_mm, request)
    neighbours: BaseGeometry | None = None
    air = bridged = worst = 0.0
    at: tuple[float, float] | None = None
    for run in (run for run, lies in zip(runs, grounded, strict=True) if not lies):
        for piece in shapely.get_parts(run.difference(ground)):
            if piece.length <= LONGEST_BRIDGE_MM and _held_at_both_ends(piece, run):
                bridged += piece.length
                continue
            if neighbours is None:
                neighbours = _beside([run for run, lies in zip(runs, grounded, strict=True) if lies], bead_mm)
            if neighbours.covers(piece):
                continue
            air += piece.length
            if piece.length > max(worst, over_infill if part_below.covers(piece) else LOOSE_MM):
                middle = piece.interpolate(0.5, normalized=True)
                worst, at = piece.length, (round(middle.x, 2), round(middle.y, 2))
    return Support(laid, air, bridged, worst, at)


def _beside(grounded: list[shapely.LineString], bead_mm: float) -> BaseGeometry:
    """Where the middle of a bead lies that is laid against one of those."""
    return shapely.buffer(shapely.MultiLineString(grounded), NEIGHBOUR_BEADS * bead_mm)


def _infill_pitch(bead_mm: float, request: PrintRequest) -> float:
    """How far apart the lines of sparse infill may lie that a skin rests on."""
    return min(LONGEST_OVER_INFILL_MM, 2.0 * bead_mm / request.infill) if request.infill > 0.0 else LOOSE_MM


def _held_at_both_ends(piece: shapely.LineString, run: shapely.LineString) -> bool:
    """Whether the piece ends where the bead goes on, over ground, and not where the bead itself ends."""
    if run.is_ring:
        return bool(piece.length < run.length - 1e-6)
    ends = shapely.get_coordinates(piece)[[0, -1]]
    own = shapely.get_coordinates(run)[[0, -1]]
    gaps: Floats = np.linalg.norm(ends[:, None] - own[None], axis=2)
    return bool(gaps.min() > 1e-6)
