"""Ventilation grille: a flat panel with a raised frame, slots and four screw holes."""

import cadquery as cq

width = 60.0
height = 60.0
thickness = 2.4
slot_width = 4.0
rib = 2.4
screw = 3.5


def slots():
    """As many round-ended slots as fit within the frame; they end short of the screws."""
    pitch = slot_width + rib
    count = int((height - 16.0 + rib) / pitch)
    long = width - 2 * (2 * screw + 5.0)
    return cq.Workplane("XY").rarray(1, pitch, 1, count).slot2D(long, slot_width).extrude(thickness)


def holes():
    """Screw holes in the corners."""
    across, along = width - 2 * (screw + 4.0), height - 2 * (screw + 4.0)
    return cq.Workplane("XY").rect(across, along, forConstruction=True).vertices().circle(screw / 2).extrude(thickness)


panel = cq.Workplane("XY").box(width, height, thickness, centered=(True, True, False)).edges("|Z").fillet(3.0)
frame = (
    cq.Workplane("XY", origin=(0, 0, thickness))
    .rect(width - 3.0, height - 3.0)
    .rect(width - 6.0, height - 6.0)
    .extrude(1.2)
)
result = panel.union(frame).cut(slots()).cut(holes())
show_object(result)
