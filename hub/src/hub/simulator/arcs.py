"""G2 and G3: arcs in the XY plane, helical with Z, as chords within 5 µm of the circle."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hub.simulator.faults import ProgramFault

_SAGITTA_MM = 0.005
_LONGEST_CHORD_MM = 1.0
_MOST_CHORDS = 100_000
_FULL_CIRCLE = 1e-9


def centre_of(start: tuple[float, float], end: tuple[float, float], radius: float, *, clockwise: bool) -> list[float]:
    """The centre's offset from the start for an arc given by its radius; a negative one takes the longer way."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    chord = math.hypot(dx, dy)
    if not chord or abs(radius) < chord / 2 - 1e-3:
        raise ProgramFault("malformed-line", f"no arc of radius {radius:g} joins points {chord:g} mm apart")
    height = math.sqrt(max(0.0, radius * radius - chord * chord / 4))
    side = height if clockwise != (radius > 0) else -height
    return [dx / 2 - side * dy / chord, dy / 2 + side * dx / chord]


def chords(
    start: tuple[float, float, float], end: tuple[float, float, float], offset: list[float], *, clockwise: bool
) -> Iterator[tuple[float, float, float, float]]:
    """The ends of the chords (x, y, z in mm) and the part of the arc done at each. Raises ProgramFault."""
    radius = math.hypot(*offset)
    if radius < 1e-6:
        raise ProgramFault("malformed-line", "an arc without a centre")
    cx, cy = start[0] + offset[0], start[1] + offset[1]
    begin = math.atan2(-offset[1], -offset[0])
    sweep = (math.atan2(end[1] - cy, end[0] - cx) - begin) % math.tau
    if min(sweep, math.tau - sweep) < _FULL_CIRCLE:
        sweep = math.tau
    elif clockwise:
        sweep -= math.tau
    if clockwise and sweep > 0:
        sweep = -sweep
    chord = min(_LONGEST_CHORD_MM, math.sqrt(8.0 * radius * _SAGITTA_MM))
    count = max(1, math.ceil(radius * abs(sweep) / chord))
    if count > _MOST_CHORDS:
        raise ProgramFault("malformed-line", f"an arc of {count} chords")
    for number in range(1, count):
        part = number / count
        angle = begin + part * sweep
        z = start[2] + part * (end[2] - start[2])
        yield cx + radius * math.cos(angle), cy + radius * math.sin(angle), z, part
    yield *end, 1.0
