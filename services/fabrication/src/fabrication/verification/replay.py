"""What a program makes a machine do, move by move: an interpreter of the FDM words, written from the firmware manuals.

Moves are kept as arrays, one row a G0 or G1. Whatever the interpreter cannot read is a violation, never skipped.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fabrication.domain.programs import Violation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START, BODY, END = 0, 1, 2


@dataclass(frozen=True)
class Replay:
    """The moves of a program.

    `line` (n,) counts from 1; `start`, `end` (n, 3) in mm; `extruded` (n,) mm of filament; `feed` (n,) mm/s; `nozzle`,
    `bed` (n,) the targets in °C; `hot` (n,) whether the nozzle had been waited for; `section` (n,) one of START, BODY,
    END.
    """

    line: Ints
    start: Floats
    end: Floats
    extruded: Floats
    feed: Floats
    nozzle: Floats
    bed: Floats
    hot: NDArray[np.bool_]
    section: Ints
    violations: tuple[Violation, ...]

    @cached_property
    def lengths_mm(self) -> Floats:
        """How far each move goes."""
        return np.asarray(np.linalg.norm(self.end - self.start, axis=1))

    @cached_property
    def laying(self) -> NDArray[np.bool_]:
        """Which moves of the body lay a bead: across the plate while plastic comes out."""
        across = np.linalg.norm((self.end - self.start)[:, :2], axis=1) > 0.0
        return np.asarray((self.section == BODY) & (self.extruded > 0.0) & across)


@dataclass(slots=True)
class _Machine:
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    shift: dict[str, float] = field(default_factory=lambda: dict.fromkeys("xyz", 0.0))
    e: float = 0.0
    feed: float = 0.0
    absolute: bool = True
    absolute_e: bool = True
    nozzle: float = 0.0
    bed: float = 0.0
    hot: bool = False


HARMLESS = frozenset(
    {
        "G21",
        "G29",
        "G80",
        "M17",
        "M84",
        "M106",
        "M107",
        "M117",
        "M204",
        "M205",
        "M486",
        "M572",
        "M73",
        "M900",
        "QUAD_GANTRY_LEVEL",
        "Z_TILT_ADJUST",
        "BED_MESH_CALIBRATE",
        "SET_VELOCITY_LIMIT",
        "SET_PRESSURE_ADVANCE",
        "EXCLUDE_OBJECT_DEFINE",
        "EXCLUDE_OBJECT_START",
        "EXCLUDE_OBJECT_END",
    }
)
"""Words that move nothing this replay follows and change none of its figures."""

SCALING: dict[str, float] = {"M220": 100.0, "M221": 100.0}


class Interpreter:
    """Runs program text line by line."""

    def __init__(self) -> None:
        self._machine = _Machine()
        self._rows: list[tuple[float, ...]] = []
        self._violations: list[Violation] = []

    def run(self, lines: list[str], sections: list[int]) -> Replay:
        """Replay the lines; `sections` says for each whether it is of the start, the body or the end."""
        for number, (line, section) in enumerate(zip(lines, sections, strict=True), start=1):
            words = line.partition(";")[0].split()
            if words:
                self._line(number, words, section)
        rows = np.array(self._rows, dtype=np.float64).reshape(-1, 13)
        return Replay(
            line=rows[:, 0].astype(np.int64),
            start=rows[:, 1:4],
            end=rows[:, 4:7],
            extruded=rows[:, 7],
            feed=rows[:, 8],
            nozzle=rows[:, 9],
            bed=rows[:, 10],
            hot=rows[:, 11] > 0.5,
            section=rows[:, 12].astype(np.int64),
            violations=tuple(self._violations),
        )

    def _line(self, number: int, words: list[str], section: int) -> None:
        code = words[0].upper()
        if code in HARMLESS:
            return
        try:
            values = {word[0].upper(): float(word[1:]) if len(word) > 1 else None for word in words[1:]}
        except ValueError:
            self._violate("unreadable-line", f"{' '.join(words)!r} is not a word and a number", number)
            return
        if not all(value is None or np.isfinite(value) for value in values.values()):
            self._violate("unreadable-line", f"{' '.join(words)!r} is not finite", number)
        elif code in ("G0", "G1"):
            self._move(number, values, section)
        elif not self._set(code, values):
            self._violate("unknown-word", f"{code} is not known here", number)

    def _move(self, number: int, values: dict[str, float | None], section: int) -> None:
        machine = self._machine
        unknown = set(values) - set("XYZEF")
        if unknown or None in values.values():
            self._violate("unreadable-line", f"a move with {', '.join(sorted(unknown)) or 'no number'}", number)
            return
        given = {axis: value for axis, value in values.items() if value is not None}
        before = (machine.x, machine.y, machine.z)
        for axis in "xyz":
            value = given.get(axis.upper())
            if value is not None:
                origin = machine.shift[axis] if machine.absolute else getattr(machine, axis)
                setattr(machine, axis, origin + value)
        extruded = given.get("E", machine.e if machine.absolute_e else 0.0)
        delta = extruded - machine.e if machine.absolute_e else extruded
        machine.e += delta
        machine.feed = given.get("F", 60.0 * machine.feed) / 60.0
        after = (machine.x, machine.y, machine.z)
        state = (machine.feed, machine.nozzle, machine.bed, float(machine.hot), float(section))
        self._rows.append((float(number), *before, *after, delta, *state))

    def _set(self, code: str, values: dict[str, float | None]) -> bool:
        machine, temperature = self._machine, values.get("S")
        if temperature is None:
            temperature = values.get("R")
        if code in ("M104", "M109") and temperature is not None:
            machine.nozzle = temperature
            machine.hot = temperature > 0.0 and (machine.hot or code == "M109")
        elif code in ("M140", "M190") and temperature is not None:
            machine.bed = temperature
        elif code in SCALING:
            return values.get("S") == SCALING[code]
        elif code == "G92":
            self._restate(values)
        elif code == "G28":
            for axis in set(values) & set("XYZ") or set("XYZ"):
                setattr(machine, axis.lower(), 0.0)
                machine.shift[axis.lower()] = 0.0
        elif code in ("G90", "G91"):
            machine.absolute = machine.absolute_e = code == "G90"
        elif code in ("M82", "M83"):
            machine.absolute_e = code == "M82"
        else:
            return False
        return True

    def _restate(self, values: dict[str, float | None]) -> None:
        """G92: the machine stays where it is and calls that place by another number."""
        machine = self._machine
        for axis, value in values.items():
            if axis == "E":
                machine.e = value or 0.0
            elif axis in "XYZ":
                machine.shift[axis.lower()] = getattr(machine, axis.lower()) - (value or 0.0)

    def _violate(self, code: str, message: str, line: int) -> None:
        self._violations.append(Violation(code, message, line))
