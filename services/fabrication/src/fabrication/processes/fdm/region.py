"""Plane regions and what is done with them, by Clipper2 (Johnson, after Vatti, CACM 35(7), 1992).

A region is a list of closed outlines (n, 2) in mm: outer ones counter-clockwise, holes clockwise, no two crossing.
Clipper2 works in integers: 1 µm here.
"""

from collections.abc import Iterable

import numpy as np
import pyclipr

from fabrication.processes.mesh import Points

Region = list[Points]

SCALE = 1000
ARC_TOLERANCE_UM = 5.0
MITRE_LIMIT = 2.0
SECTION_UM = 4.0
PATH_UM = 10.0


def union(*regions: Iterable[Points]) -> Region:
    """All of them as one; also brings raw outlines of a section into order (non-zero winding)."""
    return _boolean(pyclipr.Union, [path for region in regions for path in region], [])


def difference(region: Region, taken: Region) -> Region:
    """What of `region` is not in `taken`."""
    return _boolean(pyclipr.Difference, region, taken) if taken else region


def intersection(region: Region, other: Region) -> Region:
    """What both have in common."""
    return _boolean(pyclipr.Intersection, region, other) if region and other else []


def grown(region: Region, by_mm: float, *, rounded: bool = False) -> Region:
    """The region with its border moved outwards (inwards where negative); corners are mitred unless rounded."""
    if not region or by_mm == 0.0:
        return region
    offset = pyclipr.ClipperOffset()
    offset.scaleFactor = SCALE
    offset.arcTolerance = ARC_TOLERANCE_UM
    offset.miterLimit = MITRE_LIMIT
    join = pyclipr.JoinType.Round if rounded else pyclipr.JoinType.Miter
    offset.addPaths(region, join, pyclipr.EndType.Polygon)
    return _cleaned(offset.execute(by_mm))


def opened(region: Region, by_mm: float) -> Region:
    """The region without what is narrower than twice `by_mm`."""
    return grown(grown(region, -by_mm), by_mm)


def closed(region: Region, by_mm: float) -> Region:
    """The region with gaps narrower than twice `by_mm` filled."""
    return grown(grown(region, by_mm), -by_mm)


def simplified(region: Region, tolerance_um: float = SECTION_UM) -> Region:
    """The region without points that lie so near to the line past them."""
    if not region:
        return region
    return _cleaned(pyclipr.simplifyPaths(region, tolerance_um))


def area_mm2(region: Iterable[Points]) -> float:
    """The area, holes taken away."""
    return sum(signed_area_mm2(path) for path in region)


def signed_area_mm2(path: Points) -> float:
    """A closed outline's area, negative when it runs clockwise (Gauss's shoelace formula)."""
    x, y = path[:, 0], path[:, 1]
    return float(0.5 * (np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def length_mm(region: Iterable[Points]) -> float:
    """The length of all outlines together."""
    return float(sum(np.linalg.norm(np.roll(path, -1, axis=0) - path, axis=1).sum() for path in region))


def bounds_mm(region: Region) -> tuple[float, float, float, float]:
    """The box: x low, y low, x high, y high; raises ValueError for an empty region."""
    low = np.min([path.min(axis=0) for path in region], axis=0)
    high = np.max([path.max(axis=0) for path in region], axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def islands(region: Region) -> list[Region]:
    """The region's separate pieces, each an outer outline with its holes."""
    clipper = _clipper(region, [])
    tree = clipper.executeTree(pyclipr.Union, pyclipr.FillRule.NonZero)
    pieces: list[Region] = []
    _collect(tree, pieces)
    return pieces


def largest(region: Region, count: int) -> list[Region]:
    """The biggest pieces first."""
    return sorted(islands(region), key=lambda piece: -area_mm2(piece))[:count]


def _collect(node: "pyclipr.PolyTreeD", pieces: list[Region]) -> None:
    for outer in node.children:
        pieces.append([np.asarray(outer.polygon), *(np.asarray(hole.polygon) for hole in outer.children)])
        for hole in outer.children:
            _collect(hole, pieces)


def _boolean(kind: "pyclipr.ClipType", subject: Region, clip: Region) -> Region:
    if not subject:
        return []
    return _cleaned(_clipper(subject, clip).execute(kind, pyclipr.FillRule.NonZero))


def _clipper(subject: Region, clip: Region) -> "pyclipr.Clipper":
    clipper = pyclipr.Clipper()
    clipper.scaleFactor = SCALE
    clipper.addPaths(subject, pyclipr.Subject)
    if clip:
        clipper.addPaths(clip, pyclipr.Clip)
    return clipper


def _cleaned(paths: Iterable[Points]) -> Region:
    return [np.asarray(path, dtype=np.float64) for path in paths if len(path) >= 3]
