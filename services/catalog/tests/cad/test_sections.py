"""What level sections of a part show: its bores are as declared, and each layer is carried by the one below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

pytestmark = pytest.mark.cad

Floats = NDArray[np.float64]
LAYER_MM = 0.4
BRIDGE_MM = 10.0
STEP_MM = 1.02 * LAYER_MM + 0.06  # 45°, and the mesh's own error


def triangles(solid: Any) -> Floats:
    """Tessellation within 0.01 mm as an array (count, 3 corners, 3 coordinates), mm."""
    points, faces = solid.tessellate(0.01, 0.15)
    return np.array([point.toTuple() for point in points])[np.array(faces)]


def section(mesh: Floats, z: float) -> BaseGeometry:
    """The material at height z, even-odd; no vertex may lie at z exactly."""
    above = mesh[:, :, 2] > z
    crossing = mesh[above.any(axis=1) & ~above.all(axis=1)]
    ends: list[Floats] = []
    for first, second in ((0, 1), (1, 2), (2, 0)):
        upwards = (crossing[:, first, 2] < crossing[:, second, 2])[:, None]  # neighbours get the same point, to the bit
        start = np.where(upwards, crossing[:, first], crossing[:, second])
        stop = np.where(upwards, crossing[:, second], crossing[:, first])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (z - start[:, 2]) / (stop[:, 2] - start[:, 2])
            point = start[:, :2] + share[:, None] * (stop - start)[:, :2]
        point[(start[:, 2] > z) == (stop[:, 2] > z)] = np.nan
        ends.append(point)
    pairs = np.stack(ends, axis=1)
    pairs = pairs[~np.isnan(pairs)].reshape(-1, 2, 2).round(6)
    pairs = pairs[np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1) > 0]
    rings = [Polygon(ring.exterior) for ring in polygonize(unary_union([LineString(pair) for pair in pairs]))]
    material: BaseGeometry = Polygon()
    for ring in sorted(rings, key=lambda ring: -ring.area):
        material = material.symmetric_difference(ring)
    return material


def pieces(shape: BaseGeometry) -> Iterator[Polygon]:
    """The polygons of a shape that are wider than a hair."""
    opened = shape.buffer(-0.04).buffer(0.04)
    yield from (piece for piece in getattr(opened, "geoms", [opened]) if piece.area > 0.02)


def spans(gap: Polygon, below: BaseGeometry, degrees: float) -> bool:
    """Whether lines in one direction bridge a gap: each short, and both its ends carried.

    Two lines 0.3 mm apart may fail: a slanted end leaves a corner that the outline's own bead carries.
    """
    turned = affinity.rotate(gap, -degrees, origin=(0, 0))
    carried = affinity.rotate(below, -degrees, origin=(0, 0)).buffer(0.12)
    left, low, right, high = turned.bounds
    failures = 0
    for y in np.arange(low + 0.1, high, 0.3):
        cut = turned.intersection(LineString([(left - 1, y), (right + 1, y)]))
        for line in getattr(cut, "geoms", [cut]):
            if line.length > STEP_MM:
                ends = [Point(line.coords[0]), Point(line.coords[-1])]
                failures += line.length > BRIDGE_MM or not all(carried.covers(end) for end in ends)
    return failures <= 2


def hanging(mesh: Floats) -> list[tuple[float, float]]:
    """Heights and areas (mm, mm²) of what neither the layer below nor a bridge of 10 mm carries."""
    found = []
    heights = np.arange(LAYER_MM / 2 + 1e-4, mesh[:, :, 2].max(), LAYER_MM)
    below = section(mesh, heights[0])
    for z in heights[1:]:
        layer = section(mesh, z)
        loose = list(pieces(layer.difference(below.buffer(STEP_MM))))
        if loose:
            gaps = [gap for gap in pieces(layer.difference(below)) if any(gap.intersects(piece) for piece in loose)]
            bad = [gap for gap in gaps if not any(spans(gap, below, angle) for angle in range(0, 180, 15))]
            found += [(round(float(z), 2), round(gap.area, 2)) for gap in bad]
        below = layer
    return found


def test_it_prints_without_supports(design: Any, build: Any) -> None:
    for values in (None, *design.some_corners(2)):
        assert hanging(triangles(build(design, values))) == [], values


def test_its_bores_are_where_and_as_wide_as_declared(design: Any, build: Any, defaults: Any, evaluate: Any) -> None:
    bores = [item for item in design.declaration["characteristics"] if item.get("feature") == "bore"]
    for chosen in ({}, *design.some_corners(3)) if bores else ():
        mesh, values = triangles(build(design, chosen)), {**defaults(design), **chosen}
        for bore in bores:
            x, y = (evaluate(expression, values) for expression in bore["at"])
            material = section(mesh, evaluate(bore["z"], values) + 1e-4)
            middle, nominal = Point(x, y), evaluate(bore["nominal"], values)
            width = 2 * material.distance(middle)
            assert width == pytest.approx(nominal, abs=0.02 + 0.002 * nominal), (bore["name"], values)
            hole = middle.buffer(nominal / 2 + 0.05).difference(material)
            assert hole.area == pytest.approx(np.pi * nominal**2 / 4, rel=0.02), (bore["name"], values)


def test_a_shelf_in_the_air_is_found() -> None:
    import cadquery as cq

    tee = cq.Workplane("XY").box(6, 6, 10, centered=(True, True, False)).faces(">Z").workplane().rect(20, 6).extrude(2)
    assert hanging(triangles(tee.val()))
    arch = cq.Workplane("XY").box(20, 6, 10, centered=(True, True, False)).cut(cq.Workplane("XY").box(9, 6, 10))
    assert hanging(triangles(arch.val())) == []
    wide = cq.Workplane("XY").box(20, 6, 10, centered=(True, True, False)).cut(cq.Workplane("XY").box(13, 6, 10))
    assert hanging(triangles(wide.val()))
