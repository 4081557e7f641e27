"""One copy of the part, layer by layer, against the solid."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.programs import Violation
from fabrication.verification.beads import LaidLayer, bead_lines, cover, polyline, volumes_mm3
from fabrication.verification.evidence import Evidence
from fabrication.verification.replay import Ints
from fabrication.verification.shape_rules import LayerShape, ShapeFigures, layer_shape
from fabrication.verification.volume_rules import (
    Expected,
    expected_volume,
    flow_violation,
    layer_violation,
    usual_bead_share,
    whole_violation,
)


@dataclass(slots=True)
class CopyFindings:
    """What was measured and found of one copy."""

    shapes: list[ShapeFigures] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    laid_mm3: float = 0.0
    section_mm3: float = 0.0
    violations: list[Violation] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Everything measured, summed over the layers."""
        outline = sum(item.outline_mm2 for item in self.shapes)
        laid_mm = sum(item.support.laid_mm for item in self.shapes)
        summed = {
            "outline_covered_share": sum(item.outline_covered_mm2 for item in self.shapes) / max(outline, 1e-9),
            "overshoot_mm2": max((item.overshoot_mm2 for item in self.shapes), default=0.0),
            "air_share": sum(item.support.air_mm for item in self.shapes) / max(laid_mm, 1e-9),
            "bridged_share": sum(item.support.bridged_mm for item in self.shapes) / max(laid_mm, 1e-9),
            "laid_mm": laid_mm,
            "deposited_mm3": self.laid_mm3,
            "expected_least_mm3": sum(item.least_mm3 for item in self.expected),
            "expected_most_mm3": sum(item.most_mm3 for item in self.expected),
            "section_mm3": self.section_mm3,
        }
        return {name: round(value, 5) for name, value in summed.items()}


def check_copy(evidence: Evidence, copy: int, owners: Ints) -> CopyFindings:
    """Compare one copy with its solid."""
    found = CopyFindings()
    profile, request = evidence.order.profile, evidence.order.request
    sections = evidence.sections(copy)
    below: BaseGeometry | None = None
    for index, layer in enumerate(evidence.layers):
        rows = layer.rows[owners[layer.rows] == copy]
        if index == 0:
            rows = _without_skirt(evidence, rows, sections[0])
        covered = cover(evidence.replay, layer, rows, profile)
        shape = _shape(layer, rows, sections, index, covered, below)
        figures, violations = layer_shape(shape, evidence.replay, profile, request)
        found.shapes.append(figures)
        found.violations += violations
        found.section_mm3 += sections[index].area * layer.height_mm
        if index or not request.brim_mm:
            volume = float(volumes_mm3(evidence.replay, rows, profile).sum())
            wanted = expected_volume(sections, index, layer.height_mm, profile, request)
            found.violations += layer_violation(volume, wanted, layer.z_mm)
            found.laid_mm3 += volume
            found.expected.append(wanted)
        below = covered
    usual = usual_bead_share(evidence.replay, evidence.layers, profile)
    found.violations += whole_violation(found.laid_mm3, found.expected)
    found.violations += flow_violation(usual, found.laid_mm3, found.expected)
    return found


def _without_skirt(evidence: Evidence, rows: Ints, section: BaseGeometry) -> Ints:
    """The rows of the first layer whose beads come near the part."""
    runs = bead_lines(evidence.replay, rows)
    lines = [shapely.LineString(polyline(evidence.replay, run)) for run in runs]
    kept = [run for run, line in zip(runs, lines, strict=True) if line.distance(section) < evidence.near_mm]
    return np.concatenate(kept) if kept else rows[:0]


def _shape(
    layer: LaidLayer,
    rows: Ints,
    sections: list[BaseGeometry],
    index: int,
    covered: BaseGeometry,
    below: BaseGeometry | None,
) -> LayerShape:
    empty = shapely.Polygon()
    return LayerShape(
        layer=layer,
        rows=rows,
        section=sections[index],
        above=sections[index + 1] if index + 1 < len(sections) else empty,
        below=sections[index - 1] if index else empty,
        covered=covered,
        covered_below=below,
    )
