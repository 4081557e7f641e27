"""Spur gear with true involute flanks (ISO 53 basic rack: addendum 1.0 m, dedendum 1.25 m).

Printed flat, hub up. Below the base circle the flank runs on radially.
"""

import math

import cadquery as cq

module_mm = 1.5
teeth = 20
face_width = 8.0
bore = 5.0
hub_height = 5.0
pressure_angle_deg = 20.0
backlash = 0.1


def involute(angle):
    """The involute function tan(a) - a, radians."""
    return math.tan(angle) - angle


def half_angle(radius, count):
    """Half of the tooth's thickness at `radius`, as an angle in radians."""
    pressure = math.radians(pressure_angle_deg)
    pitch_radius = module_mm * count / 2
    base = pitch_radius * math.cos(pressure)
    at_pitch = math.pi / (2 * count) - backlash / (2 * pitch_radius)
    return at_pitch + involute(pressure) - involute(math.acos(min(1.0, base / radius)))


def polar(radius, angle):
    return (radius * math.cos(angle), radius * math.sin(angle))


def toothed(count):
    """The toothed outline, closed: for each tooth root arc, rising flank, tip arc, falling flank."""
    tip = module_mm * (count / 2 + 1)
    root = module_mm * (count / 2 - 1.25)
    base = module_mm * count / 2 * math.cos(math.radians(pressure_angle_deg))
    start = max(root, base * 1.0001)
    radii = [start + (tip - start) * step / 5 for step in range(6)]
    foot = half_angle(start, count)
    wire = cq.Workplane("XY").moveTo(*polar(root, -foot))
    for number in range(count):
        middle = 2 * math.pi * number / count
        if start > root + 1e-6:
            wire = wire.lineTo(*polar(start, middle - foot))
        rising = [polar(r, middle - half_angle(r, count)) for r in radii]
        falling = [polar(r, middle + half_angle(r, count)) for r in reversed(radii)]
        wire = wire.spline(rising[1:], includeCurrent=True)
        wire = wire.threePointArc(polar(tip, middle), falling[0])
        wire = wire.spline(falling[1:], includeCurrent=True)
        if start > root + 1e-6:
            wire = wire.lineTo(*polar(root, middle + foot))
        after = middle + 2 * math.pi / count
        wire = wire.threePointArc(polar(root, middle + math.pi / count), polar(root, after - foot))
    return wire.close()


def holes(inner, outer):
    """Holes that lighten the web, where there is room for them."""
    size = min(outer - inner, 0.8 * (outer + inner) / 2)
    return cq.Workplane("XY").polarArray((inner + outer) / 2, 0, 360, 6).circle(size / 2).extrude(face_width)


tooth_count = int(teeth)
root_radius = module_mm * (tooth_count / 2 - 1.25)
hub_radius = min(bore / 2 + 3.0, root_radius - 0.5)
result = toothed(tooth_count).extrude(face_width)
if root_radius - hub_radius > 7.0:
    result = result.cut(holes(hub_radius + 1.5, root_radius - 2.5))
result = result.union(cq.Workplane("XY").circle(hub_radius).extrude(face_width + hub_height))
result = result.cut(cq.Workplane("XY").circle(bore / 2).extrude(face_width + hub_height))
show_object(result)
