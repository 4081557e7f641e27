"""Two-part box for a small circuit board: base and lid, printed side by side.

The lid lies with its outside on the bed, so that its lip points up.
"""

import cadquery as cq

length = 50.0
width = 36.0
height = 20.0
wall = 1.8
screw_pilot = 2.2
cable = 5.0


def post_points():
    """Middles of the four screw posts, relative to the middle of a half."""
    inset = wall + screw_pilot / 2 + 1.2
    x, y = length / 2 - inset, width / 2 - inset
    return [(x, y), (-x, y), (x, -y), (-x, -y)]


def base():
    """Tray with four posts and a slot for the cable, open at the top."""
    inner = max(0.6, 3.0 - wall)
    tray = cq.Workplane("XY").box(length, width, height, centered=(True, True, False)).edges("|Z").fillet(3.0)
    room = (
        cq.Workplane("XY", origin=(0, 0, wall))
        .box(length - 2 * wall, width - 2 * wall, height, centered=(True, True, False))
        .edges("|Z")
        .fillet(inner)
    )
    posts = cq.Workplane("XY").pushPoints(post_points()).circle(screw_pilot / 2 + 1.8).extrude(height)
    pilots = (
        cq.Workplane("XY", origin=(0, 0, height - 9.0)).pushPoints(post_points()).circle(screw_pilot / 2).extrude(9.0)
    )
    middle = height - 2.0 - cable / 2
    notch = cq.Workplane("YZ", origin=(length / 2 - 2 * wall, 0, middle)).circle(cable / 2).extrude(3 * wall)
    above = cq.Workplane("XY", origin=(length / 2 - wall / 2, 0, middle)).rect(3 * wall, cable).extrude(height)
    return tray.cut(room).union(posts.intersect(tray)).cut(pilots).cut(notch).cut(above)


def lid():
    """Plate with a lip that enters the tray; countersunk holes for the screws."""
    plate = cq.Workplane("XY").box(length, width, 2.0, centered=(True, True, False)).edges("|Z").fillet(3.0)
    gap = wall + 0.25
    lip = (
        cq.Workplane("XY", origin=(0, 0, 2.0))
        .rect(length - 2 * gap, width - 2 * gap)
        .rect(length - 2 * gap - 3.0, width - 2 * gap - 3.0)
        .extrude(2.0)
    )
    room = cq.Workplane("XY", origin=(0, 0, 2.0)).pushPoints(post_points()).circle(screw_pilot / 2 + 2.2).extrude(2.0)
    heads = cq.Workplane("XY").pushPoints(post_points()).circle(screw_pilot / 2 + 0.3).extrude(2.0)
    for x, y in post_points():
        sink = cq.Solid.makeCone(screw_pilot / 2 + 1.5, screw_pilot / 2 + 0.3, 1.2)
        heads = heads.union(cq.Workplane(sink.translate(cq.Vector(x, y, 0))))
    return plate.union(lip.cut(room)).cut(heads)


offset = width / 2 + 3.0
result = cq.Workplane(
    cq.Compound.makeCompound([base().translate((0, -offset, 0)).val(), lid().translate((0, offset, 0)).val()])
)
show_object(result)
