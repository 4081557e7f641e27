"""Peg that carries a refrigerator's shelf.

Printed on its front: a round lip keeps the shelf in, a flat above it carries, the ribbed pin points up.
"""

import cadquery as cq

pin_diameter = 5.0
pin_length = 10.0
head_diameter = 16.0
rest_length = 10.0
crush_ribs = 4


def head():
    """Lip 2 mm thick, then the D-shaped rest whose flat lies a quarter of the diameter off the axis."""
    lip = cq.Workplane("XY").circle(head_diameter / 2).extrude(2.0)
    rest = cq.Workplane("XY", origin=(0, 0, 2.0)).circle(head_diameter / 2).extrude(rest_length)
    away = (
        cq.Workplane("XY", origin=(0, 0, 2.0))
        .center(0, 0.75 * head_diameter)
        .rect(2 * head_diameter, head_diameter)
        .extrude(rest_length)
    )
    return lip.faces("<Z").edges().chamfer(0.6).union(rest.cut(away))


def pin(foot):
    """Pin with ribs that are crushed when it is pressed in; its tip is tapered."""
    core = cq.Workplane("XY", origin=(0, 0, foot)).circle(pin_diameter / 2 - 0.3).extrude(pin_length)
    ribs = (
        cq.Workplane("XY", origin=(0, 0, foot))
        .polarArray(pin_diameter / 4, 0, 360, int(crush_ribs))
        .rect(pin_diameter / 2, 0.9)
        .extrude(pin_length)
    )
    turned = (
        cq.Workplane("XY", origin=(0, 0, foot)).circle(pin_diameter / 2).extrude(pin_length).faces(">Z").chamfer(0.9)
    )
    return core.union(ribs).intersect(turned)


result = head().union(pin(rest_length + 2.0))
show_object(result)
