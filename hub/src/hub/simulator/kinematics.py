"""The machine's own clock: trapezoidal motion with look-ahead.

Along each move: constant acceleration to the cruise speed, and constant deceleration to the speed of the next corner. A
corner is taken at the speed at which the centripetal acceleration of a fictive arc stays within the machine's, the arc
being as far from the corner as `square_corner_mm_per_s` allows at 90° (Klipper documentation, "Kinematics", look-ahead;
the same law as Marlin's junction deviation).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

Point = tuple[float, float, float]
_LOOK_AHEAD = 128
_SQRT2_MINUS_1 = math.sqrt(2.0) - 1.0


class Move:
    """One straight move. Lengths in mm, speeds in mm/s.

    `filament_mm` is what it deposits (`is_part`: on the part, not on a skirt), `offset` the byte of the program at
    which it stands. One that only turns the extruder has `turn_mm` of filament for its length.
    """

    __slots__ = (
        "acceleration", "corner2", "duration_s", "filament_mm", "is_part", "length", "offset", "speed", "travels",
        "ux", "uy", "uz", "x0", "x1", "y0", "y1", "z0", "z1",
    )  # fmt: skip

    def __init__(
        self, start: Point, end: Point, *, speed: float, acceleration: float, filament_mm: float, turn_mm: float = 0.0
    ) -> None:
        self.x0, self.y0, self.z0 = start
        self.x1, self.y1, self.z1 = end
        dx, dy, dz = self.x1 - self.x0, self.y1 - self.y0, self.z1 - self.z0
        length = math.sqrt(dx * dx + dy * dy + dz * dz)
        self.travels = length > 0.0
        if length > 0.0:
            self.ux, self.uy, self.uz = dx / length, dy / length, dz / length
        self.length = length or turn_mm
        self.speed = speed
        self.acceleration = acceleration
        self.filament_mm = filament_mm
        self.is_part = True
        self.offset = 0
        self.corner2 = 0.0
        self.duration_s = 0.0


def trapezoid_s(length: float, entry: float, cruise: float, leave: float, acceleration: float) -> float:
    """Seconds for `length` mm from speed `entry` to `leave`, at most at `cruise` (mm/s, mm/s²)."""
    ramps = (2.0 * cruise * cruise - entry * entry - leave * leave) / (2.0 * acceleration)
    if ramps <= length:
        return (2.0 * cruise - entry - leave) / acceleration + (length - ramps) / cruise
    peak = math.sqrt(acceleration * length + 0.5 * (entry * entry + leave * leave))
    return (2.0 * peak - entry - leave) / acceleration


class Planner:
    """Takes moves in order and gives them back with their durations.

    Anything else put in between (`put_action`) comes out at its place and time; motion does not stop for it.
    """

    def __init__(self, square_corner_mm_per_s: float) -> None:
        self.square_corner_mm_per_s = square_corner_mm_per_s
        self._queue: list[Move] = []
        self._actions: dict[int, list[Any]] = {}
        self._last: Move | None = None
        self._entry2 = 0.0

    def put(self, move: Move) -> None:
        """Queue a move."""
        if self._last is not None and move.travels and self._last.travels:
            move.corner2 = self._corner2(self._last, move)
        self._last = move
        self._queue.append(move)

    def put_action(self, action: Any) -> None:
        """Queue something that happens when all moves before it are done."""
        self._actions.setdefault(len(self._queue), []).append(action)

    @property
    def full(self) -> bool:
        """Whether enough moves are queued to plan the first of them for good."""
        return len(self._queue) >= _LOOK_AHEAD

    def drain(self, *, stop: bool) -> Iterator[Any]:
        """Moves with their durations, and actions, in order: half of the queue, or with `stop` all to standstill."""
        queue, actions = self._queue, self._actions
        count = len(queue) if stop else len(queue) // 2
        entries2 = [0.0] * (len(queue) + 1)
        for index in range(len(queue) - 1, 0, -1):
            move = queue[index]
            entries2[index] = min(move.corner2, entries2[index + 1] + 2.0 * move.acceleration * move.length)
        entry2 = self._entry2
        for index in range(count):
            move = queue[index]
            leave2 = min(entries2[index + 1], entry2 + 2.0 * move.acceleration * move.length)
            move.duration_s = trapezoid_s(
                move.length, math.sqrt(entry2), move.speed, math.sqrt(leave2), move.acceleration
            )
            entry2 = leave2
            yield from actions.get(index, ())
            yield move
        if stop:
            yield from actions.get(count, ())
            self._last = None
        self._queue = queue[count:]
        self._actions = {} if stop else {at - count: each for at, each in actions.items() if at >= count}
        self._entry2 = 0.0 if stop else entry2

    def _corner2(self, before: Move, after: Move) -> float:
        """The square of the greatest speed at the corner between two moves."""
        against = -(before.ux * after.ux + before.uy * after.uy + before.uz * after.uz)
        limit2 = min(before.speed, after.speed) ** 2
        if against > 0.999999:
            return 0.0
        sine = math.sqrt(0.5 * (1.0 - against))
        if sine > 0.999999:
            return limit2
        acceleration = min(before.acceleration, after.acceleration)
        deviation2 = self.square_corner_mm_per_s**2 * _SQRT2_MINUS_1 * sine / (1.0 - sine)
        tangent = 0.5 * sine / math.sqrt(0.5 * (1.0 + against))
        centripetal2 = min(before.length, after.length) * tangent * acceleration
        return min(limit2, deviation2, centripetal2)
