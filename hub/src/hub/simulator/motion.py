"""From the words of a move to moves: positions, modes and the machine's limits."""

from __future__ import annotations

import math

from hub.simulator.arcs import centre_of, chords
from hub.simulator.extruder import Extruder
from hub.simulator.faults import ProgramFault
from hub.simulator.kinematics import Move, Planner
from hub.simulator.settings import Model
from hub.simulator.words import numbers

_SLACK_MM = 1e-3
_BIGGEST = 1e7
_AXES = "XYZ"


class Motion:
    """Where the nozzle is commanded to be, in machine coordinates (mm), and how it goes to the next place."""

    def __init__(self, model: Model, planner: Planner, extruder: Extruder) -> None:
        self._model = model
        self._planner = planner
        self.extruder = extruder
        self.position = [0.0, 0.0, 0.0]
        self._shift = [0.0, 0.0, 0.0]
        self._homed = [False, False, False]
        self._low = [each - _SLACK_MM for each in model.reach_min_mm]
        self._high = [each + _SLACK_MM for each in model.volume_mm]
        self.relative = False
        self.unit_mm = 1.0
        self.feed_mm_per_s = 20.0
        self.feed_factor = 1.0
        self.max_feed = list(model.max_feed_mm_per_s)
        self.print_acceleration = model.acceleration_mm_per_s2
        self.travel_acceleration = model.acceleration_mm_per_s2
        self.is_part = False
        self.offset = 0

    @property
    def homed(self) -> bool:
        """Whether every axis knows where it is."""
        return all(self._homed)

    def home(self, axes: str) -> None:
        """G28: the axes named, or all, are at 0 and known."""
        for axis in range(3):
            if not axes or _AXES[axis] in axes:
                self._homed[axis] = True
                self.position[axis] = self._shift[axis] = 0.0

    def rename(self, args: list[str]) -> None:
        """G92: the place where it stands gets these coordinates."""
        for letter, value in numbers(args).items():
            if letter == "E":
                self.extruder.position_mm = value * self.unit_mm
            elif letter in _AXES:
                axis = _AXES.index(letter)
                self._shift[axis] = self.position[axis] - value * self.unit_mm

    def limit_feed(self, args: list[str]) -> None:
        """M203: lower the greatest feed of an axis; its drawing's limit stays."""
        for letter, value in numbers(args).items():
            if letter in _AXES and value > 0:
                axis = _AXES.index(letter)
                self.max_feed[axis] = min(value, self._model.max_feed_mm_per_s[axis])

    def accelerate(self, *, printing: float | None = None, travelling: float | None = None) -> None:
        """M204: accelerations in mm/s², within the machine's."""
        most = self._model.acceleration_mm_per_s2
        if printing and printing > 0:
            self.print_acceleration = min(printing, most)
        if travelling and travelling > 0:
            self.travel_acceleration = min(travelling, most)

    def straight(self, args: list[str]) -> None:
        """G0 and G1. Raises ProgramFault."""
        end = self.position[:]
        turn_mm = 0.0
        for each in args:
            letter = each[0]
            try:
                value = float(each[1:])
            except ValueError as error:
                raise ProgramFault("malformed-line", str(error)) from error
            if not -_BIGGEST < value < _BIGGEST:
                raise ProgramFault("malformed-line", f"{each!r} is no place to go")
            if letter == "F":
                self.feed(value)
            elif letter == "E":
                turn_mm = self.extruder.turn_to(value * self.unit_mm)
            elif letter in _AXES:
                axis = _AXES.index(letter)
                origin = self.position[axis] if self.relative else self._shift[axis]
                end[axis] = value * self.unit_mm + origin
        self._go(end, turn_mm)

    def arc(self, args: list[str], *, clockwise: bool) -> None:
        """G2 and G3, by centre (I, J) or radius (R). Raises ProgramFault."""
        words = numbers(args)
        if not all(-_BIGGEST < value < _BIGGEST for value in words.values()):
            raise ProgramFault("malformed-line", "an arc that leads nowhere")
        self.feed(words.get("F", 0.0))
        start = (self.position[0], self.position[1], self.position[2])
        end = [
            words[letter] * self.unit_mm + (self.position[axis] if self.relative else self._shift[axis])
            if letter in words
            else self.position[axis]
            for axis, letter in enumerate(_AXES)
        ]
        turn_mm = self.extruder.turn_to(words["E"] * self.unit_mm) if "E" in words else 0.0
        if "R" in words:
            radius = words["R"] * self.unit_mm
            offset = centre_of(start[:2], (end[0], end[1]), radius, clockwise=clockwise)
        else:
            offset = [words.get("I", 0.0) * self.unit_mm, words.get("J", 0.0) * self.unit_mm]
        before = 0.0
        for x, y, z, done in chords(start, (end[0], end[1], end[2]), offset, clockwise=clockwise):
            self._go([x, y, z], turn_mm * (done - before))
            before = done

    def feed(self, value: float) -> None:
        """An F word: units a minute, kept for the moves after it."""
        if value > 0:
            self.feed_mm_per_s = value * self.unit_mm / 60.0

    def turn(self, turn_mm: float) -> None:
        """Turn the extruder where it stands."""
        self._go(self.position[:], turn_mm)

    def _go(self, end: list[float], turn_mm: float) -> None:
        start = self.position
        for axis in range(3):
            if end[axis] == start[axis]:
                continue
            if not self._homed[axis]:
                raise ProgramFault("not-homed", f"{_AXES[axis]} is moved before it was homed")
            if not self._low[axis] <= end[axis] <= self._high[axis]:
                raise ProgramFault("out-of-volume", f"{_AXES[axis]}{end[axis]:.3f} is outside the machine")
        filament_mm = self.extruder.deposit(turn_mm) if turn_mm else 0.0
        move = Move(
            (start[0], start[1], start[2]),
            (end[0], end[1], end[2]),
            speed=self.feed_mm_per_s * self.feed_factor,
            acceleration=self.print_acceleration if turn_mm > 0.0 else self.travel_acceleration,
            filament_mm=filament_mm,
            turn_mm=abs(turn_mm),
        )
        self.position = end
        if move.length:
            self._limit(move, abs(turn_mm))
            move.is_part = self.is_part
            move.offset = self.offset
            self._planner.put(move)

    def _limit(self, move: Move, turn_mm: float) -> None:
        """Slow the move down to what each axis and the extruder can do."""
        if move.travels:
            x, y, z = self.max_feed
            ux, uy, uz = abs(move.ux), abs(move.uy), abs(move.uz)
            if move.speed * ux > x:
                move.speed = x / ux
            if move.speed * uy > y:
                move.speed = y / uy
            if move.speed * uz > z:
                move.speed = z / uz
        extruder = self._model.max_extruder_mm_per_s
        if move.speed * turn_mm > extruder * move.length:
            move.speed = extruder * move.length / turn_mm


def finite(value: float, what: str) -> float:
    """`value` where it is a number one can work with. Raises ProgramFault."""
    if not math.isfinite(value) or abs(value) > _BIGGEST:
        raise ProgramFault("malformed-line", f"{what} {value}")
    return value
