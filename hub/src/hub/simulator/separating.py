"""Which bead belongs to which copy on the plate, when the job is taken off the machine.

A skirt, a brim, a prime line and supports come off first. Where the program says what each bead is (`;TYPE:` remarks),
that decides. Where it says nothing, it is what stands apart: a patch of the bed on which nothing lies above the lowest
layer, if anything else is left.

What hangs together, seen from above, belongs to one copy. The copies are congruent, so their centroid c in model
coordinates is the same in each and follows from that of all beads, m = mean(Rᵢ)·c + mean(tᵢ); a patch belongs to the
copy whose centroid is nearest to its own.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence

from hub.simulator.beads import Bead, Beads
from hub.simulator.placement import Placement

_CELL_MM = 1.0

Cell = tuple[int, int]


def parts_of(beads: Beads, placements: Sequence[Placement], *, has_types: bool) -> list[Beads]:
    """The beads of each copy, in the order of the placements."""
    if has_types:
        kept = beads.select(index for index, bead in enumerate(beads) if bead.is_part)
    else:
        kept = without_skirt(beads)
    if len(placements) <= 1 or not len(kept):
        return [kept, *(Beads() for _ in placements[1:])]
    middles = _middles(kept, placements)
    patch_of = _patches(kept)
    patches: dict[int, array[int]] = {}
    for index, bead in enumerate(kept):
        patches.setdefault(patch_of[_cell(bead.x0, bead.y0)], array("l")).append(index)
    owned: list[list[int]] = [[] for _ in placements]
    if len(patches) < len(placements):  # a brim that nobody named has grown them together
        for index, bead in enumerate(kept):
            owned[_nearest((bead.x0, bead.y0), middles)].append(index)
    else:
        for patch in patches.values():
            owned[_nearest(_centroid(kept.select(patch)), middles)].extend(patch)
    return [kept.select(sorted(indexes)) for indexes in owned]


def without_skirt(beads: Beads) -> Beads:
    """All beads but those of patches in which nothing lies above the lowest layer; all, where that leaves none."""
    if not len(beads):
        return beads
    floor = min(bead.z for bead in beads) + 0.15
    patch_of = _patches(beads)
    tall = {patch_of[_cell(bead.x0, bead.y0)] for bead in beads if bead.z > floor}
    kept = beads.select(at for at, bead in enumerate(beads) if patch_of[_cell(bead.x0, bead.y0)] in tall)
    return kept if len(kept) else beads


def _patches(beads: Iterable[Bead]) -> dict[Cell, int]:
    """The covered cells of the bed and the number of the connected patch that each is in."""
    cells: set[Cell] = set()
    for bead in beads:
        steps = max(1, math.ceil(math.hypot(bead.x1 - bead.x0, bead.y1 - bead.y0) / (0.5 * _CELL_MM)))
        dx, dy = (bead.x1 - bead.x0) / steps, (bead.y1 - bead.y0) / steps
        cells.update(_cell(bead.x0 + dx * step, bead.y0 + dy * step) for step in range(steps + 1))
    patch_of: dict[Cell, int] = {}
    for number, seed in enumerate(sorted(cells)):
        if seed in patch_of:
            continue
        front = [seed]
        patch_of[seed] = number
        while front:
            x, y = front.pop()
            for near in ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
                if near in cells and near not in patch_of:
                    patch_of[near] = number
                    front.append(near)
    return patch_of


def _cell(x: float, y: float) -> Cell:
    return int(x // _CELL_MM), int(y // _CELL_MM)


def _middles(beads: Beads, placements: Sequence[Placement]) -> list[tuple[float, float]]:
    """Where each copy's centroid is on the machine, seen from above."""
    count = len(placements)
    a, b, c, d = (sum(each.rows[i][j] for each in placements) / count for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)))
    mx, my = _centroid(beads)
    rx = mx - sum(each.shift[0] for each in placements) / count
    ry = my - sum(each.shift[1] for each in placements) / count
    determinant = a * d - b * c
    x = y = 0.0
    if abs(determinant) > 1e-3:  # else turned against each other: each is taken to stand about its own origin
        x, y = (d * rx - b * ry) / determinant, (a * ry - c * rx) / determinant
    return [each.to_machine((x, y, 0.0))[:2] for each in placements]


def _centroid(beads: Beads) -> tuple[float, float]:
    volume = beads.volume_mm3 or 1.0
    x = math.fsum(bead.volume * (bead.x0 + bead.x1) for bead in beads)
    y = math.fsum(bead.volume * (bead.y0 + bead.y1) for bead in beads)
    return x / (2.0 * volume), y / (2.0 * volume)


def _nearest(point: tuple[float, float], middles: Sequence[tuple[float, float]]) -> int:
    return min(range(len(middles)), key=lambda at: math.dist(point, middles[at]))
