"""Solids as files, and what they measure."""

from itertools import combinations
from pathlib import Path

import cadquery

from fabrication.domain.digests import sha256_of
from fabrication.domain.errors import CadRefused
from fabrication.domain.facts import SolidFacts
from fabrication.domain.findings import Finding, Severity

EMPTY_MM3 = 1e-3
LARGEST_MM = 1e5
OVERLAP_SHARE = 1e-6
PAIRS_COMPARED = 2000


def read_solid(brep: Path) -> cadquery.Compound:
    """The compound of solids in a BREP file; raises CadRefused (invalid-solid) where there is none."""
    try:
        shape = cadquery.Shape.importBrep(str(brep))
    except ValueError:
        raise CadRefused("invalid-solid", "the solid cannot be read back") from None
    solids = shape.Solids()
    if not solids:
        raise CadRefused("no-solid", "the file holds no solid")
    return cadquery.Compound.makeCompound(solids)


def measured(shape: cadquery.Compound, brep: Path) -> SolidFacts:
    """What the solid measures; raises CadRefused (invalid-solid, empty, too-large)."""
    for number, solid in enumerate(shape.Solids(), start=1):
        if not solid.isValid():
            raise CadRefused("invalid-solid", f"body {number} is not a valid solid: its faces do not close cleanly")
        if solid.Volume() <= EMPTY_MM3:
            raise CadRefused("empty", f"body {number} has no volume (or is inside out)")
    box = shape.BoundingBox()
    low, high = (box.xmin, box.ymin, box.zmin), (box.xmax, box.ymax, box.zmax)
    if max(map(abs, (*low, *high))) > LARGEST_MM:
        raise CadRefused("too-large", f"the solid reaches beyond {LARGEST_MM:g} mm")
    centre = cadquery.Shape.centerOfMass(shape)
    return SolidFacts(
        sha256=sha256_of(brep.read_bytes()),
        bodies=len(shape.Solids()),
        volume_mm3=_rounded(shape.Volume()),
        area_mm2=_rounded(shape.Area()),
        centre_mm=(_rounded(centre.x), _rounded(centre.y), _rounded(centre.z)),
        low_mm=(_rounded(low[0]), _rounded(low[1]), _rounded(low[2])),
        high_mm=(_rounded(high[0]), _rounded(high[1]), _rounded(high[2])),
    )


def overlaps(shape: cadquery.Compound) -> tuple[Finding, ...]:
    """A warning for every two bodies that share space; pairs whose boxes are apart cost nothing."""
    found = []
    bodies = [(number, solid, solid.BoundingBox()) for number, solid in enumerate(shape.Solids(), start=1)]
    close = [(a, b) for a, b in combinations(bodies, 2) if _boxes_meet(a[2], b[2])]
    for (first, one, _), (second, other, _) in close[:PAIRS_COMPARED]:
        shared = one.intersect(other)
        if shared.Volume() > OVERLAP_SHARE * min(one.Volume(), other.Volume()):
            at = cadquery.Shape.centerOfMass(shared)
            found.append(
                Finding(
                    "overlapping-bodies",
                    f"bodies {first} and {second} share {shared.Volume():.2f} mm³",
                    Severity.WARNING,
                    "join them with union, or move them apart",
                    (_rounded(at.x), _rounded(at.y), _rounded(at.z)),
                )
            )
    return tuple(found)


def _boxes_meet(one: cadquery.BoundBox, other: cadquery.BoundBox) -> bool:
    return bool(
        one.xmin < other.xmax
        and other.xmin < one.xmax
        and one.ymin < other.ymax
        and other.ymin < one.ymax
        and one.zmin < other.zmax
        and other.zmin < one.zmax
    )


def _rounded(value: float) -> float:
    return round(float(value), 6) + 0.0
