"""Cleat for a blind's cord: a foot with two horns.

Printed on its side; only the roofs of the screws' holes are bridges.
"""

import cadquery as cq

length = 60.0
height = 22.0
width = 11.0
screw = 3.5


def half():
    """Right half of the section: foot, a spline under the horn, its round tip, a hollow back."""
    foot = 0.2 * length
    tip = 0.11 * height + 0.6
    end = length / 2
    return (
        cq.Workplane("XY")
        .moveTo(0, 0)
        .lineTo(foot, 0)
        .lineTo(0.92 * foot, 0.18 * height)
        .spline(
            [(0.95 * foot, 0.42 * height), (end - 3.0 * tip, 0.72 * height), (end - tip, height - 2 * tip)],
            includeCurrent=True,
        )
        .threePointArc((end, height - tip), (end - tip, height))
        .threePointArc((0.55 * end, 0.86 * height), (0, 0.8 * height))
        .close()
        .extrude(width)
    )


def holes():
    """Two holes for screws across the foot; above 45° their round is replaced by a roof with a short flat."""
    radius = (screw + 0.4) / 2
    lean, flat = 0.7071 * radius, 0.4142 * radius
    points = [(0.1 * length, width / 2), (-0.1 * length, width / 2)]
    hole = cq.Workplane("XZ").pushPoints(points).circle(radius).extrude(-height)
    for x, z in points:
        corners = [(x - lean, z + lean), (x - flat, z + radius), (x + flat, z + radius), (x + lean, z + lean)]
        hole = hole.union(cq.Workplane("XZ").polyline(corners).close().extrude(-height))
    return hole


right = half()
result = right.union(right.mirror("YZ")).cut(holes())
show_object(result)
