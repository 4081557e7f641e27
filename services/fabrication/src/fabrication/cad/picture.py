"""A picture of a toolpath for people: the whole plate from a corner, and three layers from above."""

import io
import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from fabrication.domain.toolpath import Bead, Feature, ToolLayer, Toolpath
from fabrication.processes.mesh import Points

WIDE, TALL, EDGE = 1280, 960, 24
PAPER, INK = (250, 250, 248), (40, 40, 40)
COLOURS = {
    Feature.SKIRT: (150, 150, 150),
    Feature.BRIM: (150, 150, 150),
    Feature.OUTER_WALL: (226, 121, 46),
    Feature.INNER_WALL: (240, 180, 70),
    Feature.SKIN: (70, 120, 190),
    Feature.BRIDGE: (200, 40, 120),
    Feature.GAP: (20, 150, 140),
    Feature.INFILL: (150, 60, 60),
}
SEEN_FROM_OUTSIDE = {Feature.OUTER_WALL, Feature.SKIN, Feature.BRIDGE, Feature.GAP, Feature.SKIRT, Feature.BRIM}


def picture(toolpath: Toolpath) -> bytes:
    """A PNG; the same toolpath gives the same bytes."""
    image = Image.new("RGB", (WIDE, TALL), PAPER)
    draw = ImageDraw.Draw(image)
    half = WIDE // 2
    _draw_whole(draw, toolpath, (0, 0, half + 120, TALL))
    count = len(toolpath.layers)
    chosen = sorted({0, count // 2, count - 1})
    for row, index in enumerate(chosen):
        box = (half + 120, row * TALL // 3, WIDE, (row + 1) * TALL // 3)
        _draw_layer(draw, toolpath.layers[index], box)
    _draw_key(draw, toolpath)
    stored = io.BytesIO()
    image.save(stored, "PNG")
    return stored.getvalue()


def _draw_whole(draw: ImageDraw.ImageDraw, toolpath: Toolpath, box: tuple[int, int, int, int]) -> None:
    stacked = [(layer, bead) for layer in toolpath.layers for bead in _walls_last(layer)]
    low_z, high_z = 0.0, toolpath.layers[-1].z_mm
    seen = [_from_corner(np.array(bead.points), layer.z_mm) for layer, bead in stacked]
    scale, shift = _fitted(np.vstack(seen), box)
    for (layer, bead), points in zip(stacked, seen, strict=True):
        light = 0.55 + 0.45 * (layer.z_mm - low_z) / max(high_z - low_z, 1e-9)
        colour = tuple(int(light * channel) for channel in COLOURS[bead.feature])
        draw.line(_pixels(points, scale, shift), fill=colour, width=1 + math.ceil(scale * layer.height_mm))


def _draw_layer(draw: ImageDraw.ImageDraw, layer: ToolLayer, box: tuple[int, int, int, int]) -> None:
    flat = [(bead, np.array(bead.points) * (1.0, -1.0)) for bead in _beads(layer)]
    if not flat:
        return
    scale, shift = _fitted(np.vstack([points for _, points in flat]), box)
    for bead, points in flat:
        volume, length = sum(bead.volumes_mm3), np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
        width = volume / max(length * layer.height_mm, 1e-9)
        draw.line(_pixels(points, scale, shift), fill=COLOURS[bead.feature], width=max(1, round(0.8 * scale * width)))
    draw.text((box[0] + EDGE, box[1] + 4), f"layer {layer.index + 1}, z {layer.z_mm:g} mm", fill=INK)


def _draw_key(draw: ImageDraw.ImageDraw, toolpath: Toolpath) -> None:
    used = {bead.feature for layer in toolpath.layers for bead in _beads(layer)}
    for row, feature in enumerate(feature for feature in Feature if feature in used):
        top = TALL - EDGE - 16 * (row + 1)
        draw.rectangle((EDGE, top, EDGE + 12, top + 10), fill=COLOURS[feature])
        draw.text((EDGE + 18, top), feature.value, fill=INK)


def _beads(layer: ToolLayer) -> Iterator[Bead]:
    for run in layer.runs:
        yield from run.beads


def _walls_last(layer: ToolLayer) -> list[Bead]:
    """The beads seen from outside, so that a wall hides what lies behind it."""
    seen = [bead for bead in _beads(layer) if bead.feature in SEEN_FROM_OUTSIDE]
    return sorted(seen, key=lambda bead: bead.feature is Feature.OUTER_WALL)


def _from_corner(points: Points, z_mm: float) -> Points:
    """Isometric: x to the right and down, y to the right and up, z up (in picture coordinates, down positive)."""
    x, y = points[:, 0], points[:, 1]
    return np.column_stack([(x + y) * 0.8660254, (x - y) * 0.5 - z_mm])


def _fitted(points: Points, box: tuple[int, int, int, int]) -> tuple[float, Points]:
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([box[2] - box[0] - 2 * EDGE, box[3] - box[1] - 2 * EDGE])
    scale = float((room / np.maximum(high - low, 1e-6)).min())
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return scale, np.asarray(middle - scale * (low + high) / 2)


def _pixels(points: Points, scale: float, shift: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in (points * scale + shift).tolist()]
