"""Barbed adapter between two hoses, with a hexagon to hold it by.

Printed upright, hose A down. Shoulders that face down are bevelled at 45°.
"""

import cadquery as cq

hose_a = 13.0
hose_b = 10.0
barbs = 3
wall = 2.0
hexagon = 26.0


def lower_barbs(count, top):
    """Outline of hose A's end from its mouth up to `top`, (radius, z): slow ramps out, shoulders that face up."""
    root = hose_a / 2
    points = [(0, 0), (root - 0.4, 0)]
    for number in range(count):
        shoulder = 5.0 * number + 4.6
        points += [(root + 0.8, shoulder), (root, shoulder), (root, shoulder + 0.4)]
    return [*points[:-1], (root, top), (0, top)]


def upper_barbs(count, foot):
    """Outline of hose B's end from `foot` up to the mouth, (radius, z): shoulders of 45°, slow ramps in."""
    root = hose_b / 2
    points = [(0, foot), (root, foot)]
    for number in range(count):
        shoulder = foot + 2.0 + 5.0 * number
        points += [(root, shoulder), (root + 0.8, shoulder + 0.8)]
    top = foot + 2.0 + 5.0 * count
    return [*points, (root - 0.4, top), (0, top)]


def passage(start, top):
    """Bore of both ends, joined by a cone of 45°."""
    first = hose_a / 2 - wall
    second = hose_b / 2 - wall
    points = [(0, 0), (first, 0), (first, start)]
    if abs(first - second) > 0.01:
        points.append((second, start + abs(first - second)))
    points += [(second, top), (0, top)]
    return turned(points)


def grip(start, cone):
    """Hexagon 5 mm thick, carried by a cone of 45° that starts on hose A's neck."""
    prism = cq.Workplane("XY", origin=(0, 0, start)).polygon(6, hexagon).extrude(cone + 5.0)
    top = start + cone + 5.0
    return prism.intersect(
        turned([(0, start), (hose_a / 2, start), (hexagon / 2, start + cone), (hexagon / 2, top), (0, top)])
    )


def turned(outline):
    """The solid of revolution of a half section (radius, z) about the hoses' axis."""
    return cq.Workplane("XZ").polyline(outline).close().revolve(360, (0, 0, 0), (0, 1, 0))


def adapter():
    """Lower end, grip, upper end, and the passage through all of them."""
    count = int(barbs)
    neck = 5.0 * count + 2.0
    cone = (hexagon - hose_a) / 2
    shelf = neck + cone + 5.0
    crown = shelf + 2.0 + 5.0 * count
    ends = turned(lower_barbs(count, neck)).union(turned(upper_barbs(count, shelf)))
    return ends.union(grip(neck, cone)).cut(passage(neck, crown))


result = adapter()
show_object(result)
