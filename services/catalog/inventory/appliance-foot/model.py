"""Screw-on foot with a captive nut.

Printed as it stands: tread on the bed, pocket for the nut on top.
"""

import math

import cadquery as cq

base_diameter = 32.0
height = 16.0
bolt = 6


def nut(size):
    """Width across flats and height of a hexagon nut, mm (ISO 4032), as `(flats, tall)`."""
    return {4: (7.0, 3.2), 5: (8.0, 4.7), 6: (10.0, 5.2), 8: (13.0, 6.8)}[int(size)]


def cone(flats):
    """Tapered body; the top keeps 2.4 mm round the nut's corners."""
    corners = (flats + 0.4) / math.cos(math.radians(30))
    top = max(0.72 * base_diameter, corners + 4.8)
    slant = math.degrees(math.atan2((base_diameter - top) / 2, height))
    return cq.Workplane("XY").circle(base_diameter / 2).extrude(height, taper=slant).faces(">Z").edges().fillet(0.8)


def tread():
    """Parallel grooves under the foot, 2 mm wide and 1 mm deep; they spare the edge and the bolt's hole."""
    count = int((base_diameter - 8) / 5)
    grooves = cq.Workplane("XY").rarray(5.0, 1, count, 1).rect(2.0, base_diameter).extrude(1.0)
    room = cq.Workplane("XY").circle(base_diameter / 2 - 2.0).circle(bolt / 2 + 2.0).extrude(1.0)
    return grooves.intersect(room)


across_flats, tall = nut(bolt)
result = (
    cone(across_flats)
    .cut(tread())
    .faces(">Z")
    .workplane()
    .hole(bolt + 0.5)
    .faces(">Z")
    .workplane()
    .polygon(6, (across_flats + 0.4) / math.cos(math.radians(30)))
    .cutBlind(-tall)
)
show_object(result)
