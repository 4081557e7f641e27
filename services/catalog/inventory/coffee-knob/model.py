"""Knob for a D-shaped spindle.

Printed face down: the front lies on the bed, the socket for the spindle opens upwards, the body is hollow.
"""

import math

import cadquery as cq

diameter = 36.0
height = 18.0
shaft_diameter = 6.0
shaft_flat = 1.5
clearance = 0.2
grips = 10


def body(radius, flange):
    """Turned outside: bevelled front edge, full flange, then a barrel that narrows towards the back."""
    outline = [
        (0, 0),
        (radius - 1.2, 0),
        (radius, 1.2),
        (radius, flange),
        (radius - 1.0, flange + 1.0),
        (radius - 1.2, height),
        (0, height),
    ]
    return cq.Workplane("XZ").polyline(outline).close().revolve(360, (0, 0, 0), (0, 1, 0))


def scallops(radius, flange, count):
    """Finger hollows round the barrel; the flange stays whole, so the diameter can be measured anywhere."""
    spacing = 2 * math.pi * radius / count
    hollow = min(3.0, 0.3 * spacing)
    return (
        cq.Workplane("XY", origin=(0, 0, flange + 1.0))
        .polarArray(radius - 1.0 + 0.4 * hollow, 180 / count, 360, count)
        .circle(hollow)
        .extrude(height)
    )


def cavity(radius, hub, floor):
    """The room between hub and skirt, less three ribs."""
    ring = cq.Workplane("XY", origin=(0, 0, floor)).circle(radius - 4.4).circle(hub).extrude(height)
    ribs = cq.Workplane("XY", origin=(0, 0, floor)).polarArray(radius / 2, 60, 360, 3).rect(radius, 1.8).extrude(height)
    return ring.cut(ribs)


def socket(floor):
    """D-shaped hole with a round lead-in of 2.5 mm at the back."""
    bore = (shaft_diameter + clearance) / 2
    flat = min(shaft_flat, 0.3 * shaft_diameter)
    hole = cq.Workplane("XY", origin=(0, 0, floor)).circle(bore).extrude(height)
    key = (
        cq.Workplane("XY", origin=(0, 0, floor))
        .center(2 * bore - flat, 0)
        .rect(2 * bore, 4 * bore)
        .extrude(height - 2.5 - floor)
    )
    return hole.cut(key)


def pointer(radius):
    """Groove in the front, from the middle outwards, opposite the spindle's flat."""
    return cq.Workplane("XY").center(-0.65 * radius, 0).rect(0.5 * radius, 2.0).extrude(0.8)


def knob():
    """Turned body less everything that is cut out of it; front 2.6 mm thick, flange 3 mm."""
    radius, flange, floor = diameter / 2, 3.0, 2.6
    hub = (shaft_diameter + clearance) / 2 + 3.0
    solid = body(radius, flange).cut(scallops(radius, flange, int(grips)))
    return solid.cut(cavity(radius, hub, floor)).cut(socket(floor)).cut(pointer(radius))


result = knob()
show_object(result)
