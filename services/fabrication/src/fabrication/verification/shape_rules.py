"""Whether each layer of a copy covers what it must of the solid's section, nothing beside it, and lies on something."""

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Violation
from fabrication.domain.requests import PrintRequest
from fabrication.verification.beads import LaidLayer, bead_lines, polyline
from fabrication.verification.replay import Ints, Replay
from fabrication.verification.support_rules import Support, rest_of

THINNEST_MM = 0.3
"""What is narrower than this no nozzle of 0.4 mm lays; it is not asked for."""
SEAM_MM = 0.03
MISSING_MM2 = 0.5
OVERSHOOT_MM = 0.1
OVERSHOOT_MM2 = 0.15


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
    support: Support


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
    runs = [shapely.LineString(polyline(replay, run)) for run in bead_lines(replay, shape.rows)]
    support = rest_of(runs, shape.covered_below, shape.below, width, request)
    found += support.violations(shape.layer.z_mm)
    figures = ShapeFigures(strip.area, strip.intersection(shape.covered).area, beside.area, support)
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
