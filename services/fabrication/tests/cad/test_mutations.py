"""Good programs, harmed: the verification must see every harm and name it."""

import re
from collections.abc import Callable

import pytest

from .conftest import made

pytestmark = pytest.mark.cad

Lines = list[str]
LAYER = re.compile(r"^;LAYER:(\d+)$")


def layer_bounds(lines: Lines, index: int) -> tuple[int, int]:
    """The lines of one layer, its own comment included."""
    starts = {int(match[1]): number for number, line in enumerate(lines) if (match := LAYER.match(line))}
    end = starts.get(index + 1, lines.index(";END"))
    return starts[index], end


def in_layer(index: int, change: Callable[[str], str]) -> Callable[[Lines], Lines]:
    def harm(lines: Lines) -> Lines:
        start, end = layer_bounds(lines, index)
        return [*lines[:start], *(change(line) for line in lines[start:end]), *lines[end:]]

    return harm


def in_body(change: Callable[[str], str]) -> Callable[[Lines], Lines]:
    def harm(lines: Lines) -> Lines:
        start, end = lines.index(";LAYER:0"), lines.index(";END")
        return [*lines[:start], *(change(line) for line in lines[start:end]), *lines[end:]]

    return harm


def scaled(word: str, factor: float) -> Callable[[str], str]:
    def change(line: str) -> str:
        if not line.startswith("G1 X"):
            return line
        return re.sub(rf"{word}(-?[\d.]+)", lambda match: f"{word}{float(match[1]) * factor:.5f}", line)

    return change


def shifted(word: str, by: float) -> Callable[[str], str]:
    return lambda line: (
        re.sub(rf"(?<= ){word}(-?[\d.]+)", lambda match: f"{word}{float(match[1]) + by:.3f}", line)
        if line.startswith(("G0", "G1"))
        else line
    )


def without_type(kind: str, index: int) -> Callable[[Lines], Lines]:
    """A layer without one kind of bead: its moves no longer extrude."""

    def harm(lines: Lines) -> Lines:
        start, end = layer_bounds(lines, index)
        current, kept = "", []
        for line in lines[start:end]:
            current = line if line.startswith(";TYPE:") else current
            lays = line.startswith("G1 X") and current == f";TYPE:{kind}"
            kept.append(re.sub(r" E-?[\d.]+", "", line) if lays else line)
        return [*lines[:start], *kept, *lines[end:]]

    return harm


def without_layer(index: int) -> Callable[[Lines], Lines]:
    def harm(lines: Lines) -> Lines:
        start, end = layer_bounds(lines, index)
        return [*lines[:start], *lines[end:]]

    return harm


def doubled_layer(index: int) -> Callable[[Lines], Lines]:
    def harm(lines: Lines) -> Lines:
        start, end = layer_bounds(lines, index)
        return [*lines[:end], *lines[start:end], *lines[end:]]

    return harm


def exchanged(old: str, new: str, count: int = 0) -> Callable[[Lines], Lines]:
    return lambda lines: re.sub(old, new, "\n".join(lines), count=count, flags=re.MULTILINE).split("\n")


def inserted(line: str, before: str) -> Callable[[Lines], Lines]:
    def harm(lines: Lines) -> Lines:
        at = lines.index(before)
        return [*lines[:at], line, *lines[at:]]

    return harm


def swapped_layers(lines: Lines) -> Lines:
    (a, b), (_, c) = layer_bounds(lines, 10), layer_bounds(lines, 11)
    return [*lines[:a], *lines[b:c], *lines[a:b], *lines[c:]]


def without_third_unretract(lines: Lines) -> Lines:
    """One of the filament's returns is lost."""
    primes = [number for number, line in enumerate(lines) if re.match(r"^G1 E0\.7", line)]
    return [line for number, line in enumerate(lines) if number != primes[2]]


def bead_beside(lines: Lines) -> Lines:
    at = lines.index(";LAYER:12")
    return [*lines[:at], "G1 X125.000 Y105.000 F3000", "G1 X160.000 Y140.000 E1.5", *lines[at:]]


HARMS: dict[str, tuple[Callable[[Lines], Lines], set[str]]] = {
    "flow 10 % up": (in_body(scaled("E", 1.10)), {"flow", "volume"}),
    "flow 10 % down": (in_body(scaled("E", 0.90)), {"flow", "volume"}),
    "flow 5 % down": (in_body(scaled("E", 0.95)), {"flow", "volume"}),
    "flow of one layer doubled": (in_layer(9, scaled("E", 2.0)), {"layer-volume"}),
    "layer shifted 0.2 mm in x": (in_layer(12, shifted("X", 0.2)), {"beside-the-part"}),
    "layer shifted 0.2 mm in y": (in_layer(12, shifted("Y", -0.2)), {"beside-the-part"}),
    "layer shifted 0.2 mm in z": (in_layer(12, shifted("Z", 0.2)), {"missing-layer"}),
    "layer shifted 0.1 mm in z": (in_layer(12, shifted("Z", 0.1)), {"stray-layer"}),
    "outline lost": (without_type("outer-wall", 12), {"not-covered"}),
    "inner wall lost": (without_type("inner-wall", 12), {"layer-volume"}),
    "skin lost": (without_type("skin", 0), {"not-covered"}),
    "infill lost": (without_type("infill", 9), {"layer-volume"}),
    "nozzle too cold": (exchanged(r"^M104 S215$", "M104 S190"), {"nozzle-temperature", "start-sequence"}),
    "nozzle off half-way": (inserted("M104 S0", ";LAYER:15"), {"cold-extrusion"}),
    "nozzle beyond its limit": (inserted("M104 S300", ";LAYER:15"), {"too-hot"}),
    "bed off half-way": (inserted("M140 S0", ";LAYER:15"), {"bed-temperature"}),
    "out of the volume": (inserted("G0 X260 Y10", ";LAYER:15"), {"out-of-volume"}),
    "below the bed": (inserted("G0 Z-0.5", ";LAYER:15"), {"out-of-volume"}),
    "through the part": (inserted("G0 X100 Y100 Z0.2", ";LAYER:15"), {"below-the-part"}),
    "layer missing": (without_layer(12), {"missing-layer"}),
    "first layer missing": (without_layer(0), {"missing-layer"}),
    "last layer missing": (without_layer(31), {"missing-layer"}),
    "layer doubled": (doubled_layer(12), {"layer-volume"}),
    "layers swapped": (swapped_layers, {"layer-order"}),
    "feed × 3": (in_body(scaled("F", 3.0)), {"flow-limit"}),
    "travel × 3": (exchanged(r"^(G0 X.*) F15000$", r"\1 F45000"), {"too-fast"}),
    "unretraction lost": (without_third_unretract, {"not-primed"}),
    "a bead beside the part": (bead_beside, {"stray-bead"}),
    "relative mode lost": (inserted("M82", ";LAYER:15"), {"retraction"}),
    "position restated": (inserted("G92 X0", ";LAYER:15"), {"stray-bead"}),
    "flow override": (inserted("M221 S50", ";LAYER:15"), {"unknown-word"}),
    "a word unknown": (inserted("G2 X100 Y100 I5 J5 E1", ";LAYER:15"), {"unknown-word"}),
    "half a line": (exchanged(r"^(G1 X[\d.]+ Y)[\d.]+ E.*$", r"\1", 1), {"unreadable-line"}),
    "not a number": (exchanged(r"^G1 X[\d.]+ ", "G1 Xnan ", 1), {"unreadable-line"}),
    "start sequence cut": (exchanged(r"^G28$", "", 1), {"start-sequence"}),
    "end cut off": (lambda lines: lines[: lines.index(";END")], {"end-sequence"}),
    "only half the program": (lambda lines: lines[: len(lines) // 2], {"missing-layer"}),
    "nothing but comments": (lambda lines: [line for line in lines if line.startswith(";")], {"missing-layer"}),
}


def test_the_program_itself_is_good():
    report = made("knob").verified()
    assert report.violations == ()
    assert report.passed


@pytest.mark.parametrize("name", HARMS)
def test_a_harm_is_found(name):
    harm, codes = HARMS[name]
    good = made("knob").text.split("\n")
    bad = harm(good)
    assert bad != good
    report = made("knob").verified("\n".join(bad))
    assert not report.passed
    assert {violation.code for violation in report.violations} & codes, report.violations[:5]


def test_absolute_extrusion_without_its_restart_is_found():
    """An Ender's program counts the extruder absolutely and anew in every layer."""
    good = made("knob", "ender-3-v2")
    assert good.verified().passed
    lines = good.text.split("\n")
    start, end = layer_bounds(lines, 20)
    restart = next(number for number in range(start, end) if lines[number].startswith("G92 E"))
    report = good.verified("\n".join(lines[:restart] + lines[restart + 1 :]))
    assert {"not-primed", "layer-volume"} & {violation.code for violation in report.violations}
