"""The solid that a program is compared with: an STL's triangles and their sections, by shapely."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fabrication.domain.errors import CadRefused
from fabrication.verification.replay import Floats

HEADER_BYTES, FACET_BYTES = 84, 50
SNAP_MM = 1e-4
AGREE = 0.01


def read_stl(content: bytes) -> Floats:
    """The corners (n, 3, 3) in mm of a binary STL; raises CadRefused (unreadable-solid)."""
    count = int.from_bytes(content[80:HEADER_BYTES], "little") if len(content) >= HEADER_BYTES else 0
    if count == 0 or len(content) != HEADER_BYTES + FACET_BYTES * count:
        raise CadRefused("unreadable-solid", "the file is not a binary STL")
    rows = np.frombuffer(content, dtype=np.uint8, offset=HEADER_BYTES).reshape(count, FACET_BYTES)
    corners = rows[:, 12:48].copy().view("<f4").reshape(count, 3, 3)
    return np.asarray(corners, dtype=np.float64)


def placed(corners: Floats, matrix: Floats) -> Floats:
    """The corners under a 4×4 transform."""
    return np.asarray(corners @ matrix[:3, :3].T + matrix[:3, 3])


def section(corners: Floats, height_mm: float) -> BaseGeometry:
    """The area of the solid at a height; corners on the plane count as above it."""
    above = corners[:, :, 2] >= height_mm
    met = above.any(axis=1) & ~above.all(axis=1)
    if not met.any():
        return shapely.Polygon()
    segments = _crossings(corners[met], above[met], height_mm)
    area = shapely.build_area(shapely.MultiLineString(list(shapely.linestrings(segments))))
    walked = 0.5 * float((segments[:, 0, 0] * segments[:, 1, 1] - segments[:, 1, 0] * segments[:, 0, 1]).sum())
    if abs(area.area - walked) > AGREE * max(abs(walked), 1.0):
        return _by_rings(segments)
    return area


def _crossings(corners: Floats, above: np.ndarray[tuple[int, int], np.dtype[np.bool_]], height_mm: float) -> Floats:
    """One directed segment (n, 2, 2) a triangle, the solid on its left."""
    following = np.roll(above, -1, axis=1)
    rows = np.arange(len(corners))
    points = []
    for edge in (np.argmax(above & ~following, axis=1), np.argmax(~above & following, axis=1)):
        a, b = corners[rows, edge], corners[rows, (edge + 1) % 3]
        swap = a[:, 2] > b[:, 2]
        low, high = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
        share = (height_mm - low[:, 2]) / (high[:, 2] - low[:, 2])
        points.append(low[:, :2] + share[:, None] * (high[:, :2] - low[:, :2]))
    segments = np.round(np.stack(points, axis=1) / SNAP_MM) * SNAP_MM
    return segments[np.any(segments[:, 0] != segments[:, 1], axis=1)]


def _by_rings(segments: Floats) -> BaseGeometry:
    """Bodies that share space: every closed ring by itself, those that run clockwise taken away."""
    rings = shapely.get_parts(shapely.polygonize([shapely.node(shapely.MultiLineString(list(segments)))]))
    inside = [ring for ring in rings if _winding(ring.representative_point(), segments) > 0]
    return shapely.union_all(inside)


def _winding(point: shapely.Point, segments: Floats) -> int:
    """How often the segments run round the point (Alciatore and Miranda, 1995: signed crossings of a ray)."""
    x, y = point.x, point.y
    a, b = segments[:, 0], segments[:, 1]
    side = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (x - a[:, 0]) * (b[:, 1] - a[:, 1])
    up = (a[:, 1] <= y) & (b[:, 1] > y) & (side > 0)
    down = (a[:, 1] > y) & (b[:, 1] <= y) & (side < 0)
    return int(up.sum() - down.sum())
