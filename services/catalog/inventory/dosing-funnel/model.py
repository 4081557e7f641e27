"""Dosing funnel that centres itself in a portafilter's basket.

Printed wide rim down: the wall closes in upwards and the spigot that enters the basket is on top.
"""

import cadquery as cq

basket_diameter = 51.0
height = 18.0
flare = 3.0
wall = 2.0
wing = 7.0


def shell(spigot, shoulder, rim):
    """The turned funnel: rim, cone, shoulder that rests on the basket, spigot 5 mm long."""
    top = height + 5.0
    outline = [
        (rim - wall, 0),
        (rim, 0),
        (shoulder, height - 3.0),
        (shoulder, height),
        (spigot, height),
        (spigot, top - 0.8),
        (spigot - 0.6, top),
        (spigot - wall, top),
        (spigot - wall, height - 3.0),
    ]
    return cq.Workplane("XZ").polyline(outline).close().revolve(360, (0, 0, 0), (0, 1, 0))


def wings(rim):
    """Two finger rests beside the rim, 3 mm thick, flat on the bed."""
    plate = cq.Workplane("XY").slot2D(2 * (rim + wing), 22.0).extrude(3.0)
    opening = cq.Workplane("XY").circle(rim - wall / 2).extrude(3.0)
    return plate.cut(opening)


spigot_radius = (basket_diameter - 0.5) / 2
shoulder_radius = basket_diameter / 2 + 1.8
rim_radius = shoulder_radius + flare
result = shell(spigot_radius, shoulder_radius, rim_radius).union(wings(rim_radius))
show_object(result)
