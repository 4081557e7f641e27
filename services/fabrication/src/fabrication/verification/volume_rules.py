"""Whether as much plastic is laid as the walls, skins and infill that were asked for take."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Violation
from fabrication.domain.requests import PrintRequest
from fabrication.verification.beads import ROUND_FLANKS, LaidLayer, cross_sections_mm2, nominal_mm2
from fabrication.verification.replay import Replay

LAYER_SHARE = 0.08
LAYER_MM3 = 0.6
WHOLE_SHARE = 0.05
FLOW_SHARE = 0.03
REACH_BEADS = 4.7
SMALL_MM2 = 5.0


@dataclass(frozen=True, slots=True)
class Expected:
    """The least and the most that a layer may take (mm³)."""

    least_mm3: float
    most_mm3: float


def expected_volume(
    sections: list[BaseGeometry], index: int, height_mm: float, profile: MachineProfile, request: PrintRequest
) -> Expected:
    """What layer `index` takes, by areas: walls, solid skins and sparse infill.

    The least fills with infill wherever that would do; the most allows for skins that reach into the infill to hold on
    to it, and for places too narrow for a pattern.
    """
    section, width = sections[index], profile.bead_width_mm
    spacing = width - ROUND_FLANKS * height_mm
    inside = section.buffer(-(width / 2 + (request.perimeters - 0.5) * spacing), join_style="mitre")
    walls = section.area - inside.area
    shelter = _shelter(sections, index, request)
    solid = inside.difference(shelter)
    sparse = _roomy(inside.difference(solid.buffer(REACH_BEADS * width)), width)
    volumes = [
        height_mm * (walls + inside.area - (1.0 - request.infill) * area)
        for area in (inside.area - solid.area, sparse.area)
    ]
    return Expected(min(volumes), max(volumes))


def _roomy(region: BaseGeometry, width: float) -> BaseGeometry:
    """The pieces of a region that are wide and large enough to be worth a pattern; the rest is filled."""
    pieces = shapely.get_parts(region.buffer(-width).buffer(width))
    return shapely.union_all([piece for piece in pieces if piece.area >= SMALL_MM2])


def _shelter(sections: list[BaseGeometry], index: int, request: PrintRequest) -> BaseGeometry:
    common = sections[index]
    neighbours = [
        *range(index + 1, index + request.top_skins + 1),
        *range(index - 1, index - request.bottom_skins - 1, -1),
    ]
    for neighbour in neighbours:
        if neighbour < 0 or neighbour >= len(sections):
            return shapely.Polygon()
        if sections[neighbour] is not sections[index]:
            common = common.intersection(sections[neighbour])
    return common


def layer_violation(laid_mm3: float, expected: Expected, z_mm: float) -> list[Violation]:
    """Whether a layer's plastic is out of bounds."""
    low = expected.least_mm3 * (1 - LAYER_SHARE) - LAYER_MM3
    high = expected.most_mm3 * (1 + LAYER_SHARE) + LAYER_MM3
    if low <= laid_mm3 <= high:
        return []
    bounds = f"{expected.least_mm3:.1f} to {expected.most_mm3:.1f} mm³"
    return [Violation("layer-volume", f"the layer at {z_mm:g} mm takes {laid_mm3:.1f} mm³, not {bounds}")]


def whole_violation(laid_mm3: float, expected: list[Expected]) -> list[Violation]:
    """Whether the plastic of a whole copy is out of bounds."""
    least, most = sum(item.least_mm3 for item in expected), sum(item.most_mm3 for item in expected)
    if least * (1 - WHOLE_SHARE) <= laid_mm3 <= most * (1 + WHOLE_SHARE):
        return []
    return [Violation("volume", f"the part takes {laid_mm3:.0f} mm³, not {least:.0f} to {most:.0f} mm³")]


def usual_bead_share(replay: Replay, layers: list[LaidLayer], profile: MachineProfile) -> float:
    """How much of the profile's bead the usual bead holds: the median over the length laid."""
    shares, lengths = [np.ones(1)], [np.zeros(1)]
    for layer in layers:
        shares.append(cross_sections_mm2(replay, layer.rows, profile) / nominal_mm2(profile, layer.height_mm))
        lengths.append(replay.lengths_mm[layer.rows])
    share, length = np.concatenate(shares), np.concatenate(lengths)
    order = np.argsort(share, kind="stable")
    half_way = np.searchsorted(np.cumsum(length[order]), length.sum() / 2.0)
    return float(share[order][half_way])


def flow_violation(usual: float, laid_mm3: float, expected: list[Expected]) -> list[Violation]:
    """Whether beads are too thick or too thin throughout: the usual bead and the whole volume agree that they are."""
    least, most = sum(item.least_mm3 for item in expected), sum(item.most_mm3 for item in expected)
    thin = usual < 1 - FLOW_SHARE and laid_mm3 < least * (1 - FLOW_SHARE / 2)
    thick = usual > 1 + FLOW_SHARE and laid_mm3 > most * (1 + FLOW_SHARE / 2)
    if not (thin or thick):
        return []
    return [Violation("flow", f"the usual bead holds {usual:.0%} of the plastic that it should")]
