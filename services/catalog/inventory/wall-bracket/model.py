"""Angle bracket with a gusset.

Printed on the flange that carries; the gusset's slope faces up, so nothing hangs over.
"""

import cadquery as cq

depth = 40.0
rise = 40.0
width = 28.0
thickness = 4.0
screw = 4.0


def angle():
    """The two flanges; the corners far from the bend are rounded."""
    carrier = (
        cq.Workplane("XY").box(depth, width, thickness, centered=(False, True, False)).edges("|Z and >X").fillet(4.0)
    )
    upright = (
        cq.Workplane("XY").box(thickness, width, rise, centered=(False, True, False)).edges("|X and >Z").fillet(4.0)
    )
    return carrier.union(upright)


def gusset():
    """Triangular rib in the middle plane, as thick as the flanges."""
    return (
        cq.Workplane("XZ", origin=(0, thickness / 2, 0))
        .polyline([(0, 0), (0.9 * depth, 0), (0.9 * depth, thickness), (thickness, 0.9 * rise), (0, 0.9 * rise)])
        .close()
        .extrude(thickness)
    )


def carrier_holes(side):
    """Two upright screw holes beside the gusset."""
    points = [(0.65 * depth, side), (0.65 * depth, -side)]
    return cq.Workplane("XY").pushPoints(points).circle((screw + 0.4) / 2).extrude(thickness)


def wall_holes(side):
    """Two level screw holes: round below, with a roof of 45° and a short flat above."""
    radius = (screw + 0.4) / 2
    lean, flat = 0.7071 * radius, 0.4142 * radius
    roof = [(-lean, lean), (-flat, radius), (flat, radius), (lean, lean), (0, 0)]
    hole = cq.Workplane("YZ").circle(radius).extrude(thickness)
    hole = hole.union(cq.Workplane("YZ").polyline(roof).close().extrude(thickness))
    middle = 0.65 * rise
    return hole.translate((0, side, middle)).union(hole.translate((0, -side, middle)))


result = angle().union(gusset()).cut(carrier_holes(0.3 * width)).cut(wall_holes(0.3 * width))
show_object(result)
