"""Whether each layer of a copy covers what it must of the solid's section, nothing beside it, and lies on something."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Violation
from fabrication.domain.requests import PrintRequest
from fabrication.verification.beads import LaidLayer, bead_lines, polyline
from fabrication.verification.replay import Floats, Ints, Replay

THINNEST_MM = 0.3
"""What is narrower than this no nozzle of 0.4 mm lays; it is not asked for."""
SEAM_MM = 0.03
MISSING_MM2 = 0.5
OVERSHOOT_MM = 0.1
OVERSHOOT_MM2 = 0.15
REACH_BEADS = 0.75
"""How far a bead's middle may lie beside what is below it: a quarter of a bead more than its own half width."""
LONGEST_BRIDGE_MM = 10.5
LOOSE_MM = 1.5
"""How far a bead may hang free beyond the part below; over the part's own infill it may reach the next line of it."""


@dataclass(frozen=True, slots=True)
class LayerShape:
    """One layer of one copy: its section, those of the layers above and below it, what its beads cover."""

    layer: LaidLayer
    rows: Ints
    section: BaseGeometry
    above: BaseGeometry
    below: BaseGeometry
    covered: BaseGeometry
    covered_below: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class ShapeFigures:
    """What was measured of one layer (mm, mm²)."""

    outline_mm2: float
    outline_covered_mm2: float
    overshoot_mm2: float
    laid_mm: float
    air_mm: float
    bridged_mm: float


def layer_shape(
    shape: LayerShape, replay: Replay, profile: MachineProfile, request: PrintRequest
) -> tuple[ShapeFigures, list[Violation]]:
    """The figures of one layer and what is wrong with it."""
    width = profile.bead_width_mm
    wanted, strip = _wanted(shape, width, request)
    missing = wanted.difference(shape.covered.buffer(SEAM_MM))
    found = _patches(missing, 2 * SEAM_MM, MISSING_MM2, shape.layer, "not-covered", "no plastic where the part is")
    allowed = OVERSHOOT_MM + (request.brim_mm + width if shape.covered_below is None else 0.0)
    beside = shape.covered.difference(shape.section.buffer(allowed))
    found += _patches(beside, 0.02, OVERSHOOT_MM2, shape.layer, "beside-the-part", "plastic where the part is not")
    laid, air, bridged, hanging = _support(shape, replay, width, _infill_pitch(width, request))
    found += hanging
    outline = strip.area
    figures = ShapeFigures(outline, strip.intersection(shape.covered).area, beside.area, laid, air, bridged)
    return figures, found


def _wanted(shape: LayerShape, width: float, request: PrintRequest) -> tuple[BaseGeometry, BaseGeometry]:
    """What must be covered, and of that the strip along the outline, one bead wide."""
    printable = shape.section.buffer(-THINNEST_MM / 2).buffer(THINNEST_MM / 2)
    strip = printable.difference(shape.section.buffer(-width))
    wanted = [strip]
    if request.infill >= 1.0:
        wanted.append(printable)
    if request.top_skins:
        wanted.append(printable.difference(shape.above))
    if request.bottom_skins:
        wanted.append(printable.difference(shape.below))
    return shapely.union_all(wanted), strip


def _patches(area: BaseGeometry, sliver: float, least: float, layer: LaidLayer, code: str, why: str) -> list[Violation]:
    """The worst patch, once slivers are brushed away, if it is of any size."""
    patches = shapely.get_parts(area.buffer(-sliver).buffer(sliver))
    if len(patches) == 0:
        return []
    sizes = shapely.area(patches)
    if float(sizes.max()) < least:
        return []
    at = patches[int(sizes.argmax())].representative_point()
    message = f"layer at {layer.z_mm:g} mm: {why}, {float(sizes[sizes >= least].sum()):.1f} mm²"
    return [Violation(code, message, 0, (round(at.x, 2), round(at.y, 2), layer.z_mm))]


def _infill_pitch(width: float, request: PrintRequest) -> float:
    """How far apart the lines of sparse infill may lie that a skin rests on, at most a bridge's length."""
    return min(LONGEST_BRIDGE_MM, 2.0 * width / request.infill) if request.infill > 0.0 else LOOSE_MM


def _support(
    shape: LayerShape, replay: Replay, width: float, pitch: float
) -> tuple[float, float, float, list[Violation]]:
    """Lengths laid, hanging and bridged, and the hanging runs that must not be."""
    runs = [shapely.LineString(polyline(replay, run)) for run in bead_lines(replay, shape.rows)]
    laid = float(sum(run.length for run in runs))
    if shape.covered_below is None or not runs:
        return laid, 0.0, 0.0, []
    ground = shape.covered_below.buffer((REACH_BEADS - 0.5) * width + width / 2)
    shapely.prepare(ground)
    air = bridged = 0.0
    worst, at = 0.0, None
    for run in (run for run in runs if not ground.contains(run)):
        for piece in shapely.get_parts(run.difference(ground)):
            held = _held_at_both_ends(piece, run)
            if held and piece.length <= LONGEST_BRIDGE_MM:
                bridged += piece.length
                continue
            air += piece.length
            loose = pitch if shape.below.covers(piece) else LOOSE_MM
            if piece.length > max(worst, loose):
                worst, at = piece.length, piece.interpolate(0.5, normalized=True)
    if at is None:
        return laid, air, bridged, []
    message = f"layer at {shape.layer.z_mm:g} mm: a bead hangs in the air for {worst:.1f} mm"
    return laid, air, bridged, [Violation("in-air", message, 0, (round(at.x, 2), round(at.y, 2), shape.layer.z_mm))]


def _held_at_both_ends(piece: shapely.LineString, run: shapely.LineString) -> bool:
    """Whether the piece ends where the bead goes on, over ground, and not where the bead itself ends."""
    if run.is_ring:
        return bool(piece.length < run.length - 1e-6)
    ends = shapely.get_coordinates(piece)[[0, -1]]
    own = shapely.get_coordinates(run)[[0, -1]]
    gaps: Floats = np.linalg.norm(ends[:, None] - own[None], axis=2)
    return bool(gaps.min() > 1e-6)
