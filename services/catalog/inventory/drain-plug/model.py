"""Drain plug with sealing ribs.

Printed flange down; the cup inside is open at the top, so a soft material can give.
"""

import math

import cadquery as cq

drain_diameter = 38.0
plug_depth = 14.0
flange_overlap = 6.0
taper_deg = 4.0
ribs = 2
cord_hole = 3.0


def outline(flange_top):
    """Half section of flange and plug: V-shaped ribs of 45° stand out 0.8 mm from the taper."""
    slope = math.tan(math.radians(taper_deg))
    rim = drain_diameter / 2 + flange_overlap

    def plug_radius(z):
        return drain_diameter / 2 - 0.6 - slope * (z - flange_top)

    points = [(0, 0), (rim - 1.0, 0), (rim, 1.0), (rim, flange_top - 0.5), (rim - 0.5, flange_top)]
    points.append((plug_radius(flange_top), flange_top))
    count = int(ribs)
    for number in range(1, count + 1):
        z = flange_top + plug_depth * number / (count + 1)
        points += [
            (plug_radius(z - 0.8), z - 0.8),
            (plug_radius(z) + 0.8, z),
            (plug_radius(z + 0.8), z + 0.8),
        ]
    top = flange_top + plug_depth
    points += [(plug_radius(top), top), (0, top)]
    return points


def cup(flange_top):
    """The hollow, tapered with the plug so that its wall is 3 mm everywhere."""
    slope = math.tan(math.radians(taper_deg))
    mouth = drain_diameter / 2 - 0.6 - slope * plug_depth - 3.0
    floor = flange_top + 1.5
    return (
        cq.Workplane("XY", origin=(0, 0, floor))
        .circle(mouth + slope * (plug_depth - 1.5))
        .workplane(offset=plug_depth - 1.5)
        .circle(mouth)
        .loft()
    )


def plug():
    """Flange of 3 mm, plug, cup and the hole for the cord."""
    flange = 3.0
    turned = cq.Workplane("XZ").polyline(outline(flange)).close().revolve(360, (0, 0, 0), (0, 1, 0))
    return turned.cut(cup(flange)).faces("<Z").workplane().hole(cord_hole)


result = plug()
show_object(result)
