"""Wheel for a dishwasher's rack: rim with a running groove, spokes, long hub. Printed flat."""

import cadquery as cq

diameter = 32.0
width = 8.0
bore = 5.0
rim = 3.0
spokes = 5
hub_overhang = 2.0


def spoke_star(count, reach):
    """Spokes from the axis to the inside of the rim, 2.4 mm thick."""
    return cq.Workplane("XY").polarArray(reach / 2, 0, 360, count).rect(reach, 2.4).extrude(0.7 * width)


def groove():
    """V-shaped groove of 45° round the tread."""
    deep = min(1.5, 0.4 * rim)
    return (
        cq.Workplane("XZ")
        .polyline(
            [
                (diameter / 2 - deep, width / 2),
                (diameter / 2 + 1.0, width / 2 - deep - 1.0),
                (diameter / 2 + 1.0, width / 2 + deep + 1.0),
            ]
        )
        .close()
        .revolve(360, (0, 0, 0), (0, 1, 0))
    )


hub = bore / 2 + 2.4
tyre = cq.Workplane("XY").circle(diameter / 2).circle(diameter / 2 - rim).extrude(width)
result = (
    tyre.cut(groove())
    .union(spoke_star(int(spokes), diameter / 2 - rim + 0.3))
    .union(cq.Workplane("XY").circle(hub).extrude(width + hub_overhang))
    .faces(">Z")
    .edges()
    .chamfer(0.5)
    .cut(cq.Workplane("XY").circle(bore / 2).extrude(width + hub_overhang))
)
show_object(result)
