"""Clip for one cable, screwed down beside it.

Printed as it is mounted: the ring stands on a foot of 45° and is cut off level, so that the gap is 0.8 of the cable.
"""

import math

import cadquery as cq

cable = 8.0
wall = 2.2
width = 10.0
screw = 4.0


def ring(inner, outer):
    """The open ring, its axis along Y; the cable is pressed in from above."""
    full = cq.Workplane("XZ", origin=(0, width / 2, outer)).circle(outer).extrude(width)
    side, foot = outer / math.sqrt(2), outer * (math.sqrt(2) - 1)
    wedge = (
        cq.Workplane("XZ", origin=(0, width / 2, 0))
        .polyline([(-foot, 0), (foot, 0), (side, outer - side), (-side, outer - side)])
        .close()
        .extrude(width)
    )
    mouth = cq.Workplane("XY", origin=(0, 0, outer + 0.6 * inner)).rect(4 * outer, 2 * width).extrude(2 * outer)
    channel = cq.Workplane("XZ", origin=(0, width / 2, outer)).circle(inner).extrude(width)
    return full.union(wedge).cut(channel).cut(mouth)


def tongue(hole_x):
    """Flat tongue with a round end for the screw, to the right of the ring."""
    strip = cq.Workplane("XY").box(hole_x, width, wall, centered=(False, True, False))
    end = cq.Workplane("XY").center(hole_x, 0).circle(max(width / 2, screw / 2 + 2.0)).extrude(wall)
    hole = cq.Workplane("XY").center(hole_x, 0).circle((screw + 0.4) / 2).extrude(wall)
    return strip.union(end).cut(hole)


outer_radius = cable / 2 + wall
result = ring(cable / 2, outer_radius).union(tongue(outer_radius + screw + 2.0))
show_object(result)
