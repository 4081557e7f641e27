"""One leaf of a butt hinge; two of them and a pin of steel make the hinge.

Printed flat: the barrel grows out of the bed at 45°, the pin's bore is the only bridge.
"""

import math

import cadquery as cq

length = 50.0
width = 25.0
thickness = 3.0
pin_diameter = 3.0
knuckles = 5
screw = 4.0


def barrel(radius):
    """Knuckle section: a circle on a foot whose flanks touch it at 45°."""
    side = radius / math.sqrt(2)
    foot = radius * (math.sqrt(2) - 1)
    low = radius - side
    wedge = (
        cq.Workplane("XZ", origin=(0, length, 0))
        .polyline([(-foot, 0), (foot, 0), (side, low), (-side, low)])
        .close()
        .extrude(length)
    )
    round_part = cq.Workplane("XZ", origin=(0, length, radius)).circle(radius).extrude(length)
    return round_part.union(wedge)


def gaps(radius, count):
    """Room for the other leaf's knuckles: every second segment, 0.2 mm wider on each inner side."""
    pitch = length / count
    reach = 1.1 * radius + 0.4
    room = cq.Workplane("XY")
    for number in range(1, count, 2):
        segment = cq.Workplane("XY").box(radius + reach, pitch + 0.4, 4 * radius, centered=False)
        room = room.add(segment.translate((-radius, number * pitch - 0.2, -radius)))
    return room.combine()


def pin_hole(middle):
    """Bore along the knuckles: round below, with a roof of 45° and a short flat above."""
    radius = (pin_diameter + 0.3) / 2
    lean, flat = radius / math.sqrt(2), radius * (math.sqrt(2) - 1)
    roof = [(-lean, lean), (-flat, radius), (flat, radius), (lean, lean), (0, 0)]
    plane = cq.Workplane("XZ", origin=(0, length, middle))
    return plane.circle(radius).extrude(length).union(plane.polyline(roof).close().extrude(length))


def screw_hole(x, y):
    """Upright hole, countersunk from above; at least 1 mm of it stays cylindrical."""
    radius = (screw + 0.4) / 2
    sink = min(screw / 2, thickness - 1.0)
    shank = cq.Workplane("XY").center(x, y).circle(radius).extrude(thickness)
    head = cq.Solid.makeCone(radius, radius + sink, sink, cq.Vector(x, y, thickness - sink))
    return shank.union(cq.Workplane(head))


def leaf():
    """Plate and knuckles, less the other leaf's room and the holes."""
    axis = (pin_diameter + 0.3) / 2 + 2.0
    screw_x = (axis + 1.0 + width) / 2
    plate = cq.Workplane("XY").box(width, length, thickness, centered=False).edges("|Z and >X").fillet(3.0)
    solid = plate.union(barrel(axis)).cut(gaps(axis, int(knuckles))).cut(pin_hole(axis))
    return solid.cut(screw_hole(screw_x, 0.2 * length)).cut(screw_hole(screw_x, 0.8 * length))


result = leaf()
show_object(result)
