"""Clip that holds a drawer front to its slide's rail, with a lug for a pin and a release lever.

Printed on its side: the whole section lies in the bed's plane.
"""

import cadquery as cq

rail_width = 13.0
rail_thickness = 1.5
wall = 2.0
length = 18.0
hook = 1.0
pin_diameter = 3.2
lever = 14.0


def section():
    """Channel round the rail: back, two arms, hooks with a lead-in; its back outer corner is the origin."""
    inner_top = wall + rail_thickness + 0.3
    tip = inner_top + 2.2
    right = rail_width + 0.4 + 2 * wall
    return [
        (0, 0),
        (right, 0),
        (right, tip),
        (right - wall, tip),
        (right - wall - hook, inner_top + 0.6),
        (right - wall - hook, inner_top),
        (right - wall, inner_top),
        (right - wall, wall),
        (wall, wall),
        (wall, inner_top),
        (wall + hook, inner_top),
        (wall + hook, inner_top + 0.6),
        (wall, tip),
        (0, tip),
    ]


def release():
    """Lever that bends the left arm away: a bar that thins towards a round thumb end."""
    bar = cq.Workplane("XY").polyline([(0, 0), (0, wall + 1.5), (-lever, wall), (-lever, 0)]).close().extrude(length)
    thumb = cq.Workplane("XY").center(-lever, wall).circle(wall).extrude(length)
    return bar.union(thumb)


def lug(right):
    """Eye for the pin at the right end of the back."""
    outer = pin_diameter / 2 + 2.2
    arm = cq.Workplane("XY").center(right + outer / 2 - 0.5, outer).rect(outer + 1.0, 2 * outer).extrude(length)
    eye = cq.Workplane("XY").center(right + outer, outer).circle(outer).extrude(length)
    pin = cq.Workplane("XY").center(right + outer, outer).circle(pin_diameter / 2).extrude(length)
    return arm.union(eye).cut(pin)


total_width = rail_width + 0.4 + 2 * wall
result = cq.Workplane("XY").polyline(section()).close().extrude(length).union(release()).union(lug(total_width)).clean()
show_object(result)
