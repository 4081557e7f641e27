"""The same motion in both dialects: golden words, balanced filament, the same bytes each time."""

import re

import pytest

from fabrication.data.library import machine_profile, material
from fabrication.domain.toolpath import Bead, Feature, ObjectRun, ToolLayer, Toolpath
from fabrication.postprocessors.dialects import writer_for
from fabrication.postprocessors.gcode import ProgramHeader

IDENTITY = ((1.0, 0.0, 0.0, 50.0), (0.0, 1.0, 0.0, 50.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
HEADER = ProgramHeader("test 1", (("infill", "0.15"),), (IDENTITY,), (-5.0, -5.0, 0.0), (5.0, 5.0, 0.4))
RING = ((45.0, 45.0), (55.0, 45.0), (55.0, 55.0), (45.0, 45.0))


def layer(index: int) -> ToolLayer:
    wall = Bead(Feature.OUTER_WALL, RING, (0.8, 0.8, 1.2), 30.0, retract_before=True)
    thread = Bead(Feature.BRIDGE, ((46.0, 46.0), (54.0, 46.0)), (0.7,), 20.0, retract_before=False)
    run = ObjectRun(0, (wall, thread))
    return ToolLayer(index, 0.2 * (index + 1), 0.2, 0.5 * index, 1.0, 800.0, 215.0, (run,))


PATH = Toolpath((layer(0), layer(1), layer(2)), 1)


def written(machine: str) -> list[str]:
    return writer_for(machine_profile(machine), material("pla")).write(PATH, HEADER).splitlines()


@pytest.mark.parametrize("machine", ["prusa-mk4", "ender-3-v2", "voron-2.4-350"])
def test_the_filament_adds_up(machine):
    """Beads' volumes come out as filament, retractions come back, but for the last."""
    lines = written(machine)
    body = lines[lines.index(";LAYER:0") : lines.index(";END")]
    profile = machine_profile(machine)
    total = place = 0.0
    for line in body:
        if match := re.match(r"G92 E(-?[\d.]+)", line):
            place = float(match[1])
        elif match := re.search(r" E(-?[\d.]+)", line):
            step = float(match[1]) - (place if profile.extrusion == "absolute" else 0.0)
            place += step if profile.extrusion == "absolute" else 0.0
            total += step
    filament_mm2 = 3.14159265 * profile.nozzle.filament_diameter_mm**2 / 4
    assert total == pytest.approx(3 * 3.5 / filament_mm2 - profile.retraction.length_mm, abs=1e-3)


@pytest.mark.parametrize("machine", ["prusa-mk4", "ender-3-v2", "voron-2.4-350"])
def test_the_same_motion_gives_the_same_bytes(machine):
    assert written(machine) == written(machine)
    assert not any(re.search(r"20\d\d-\d\d-\d\d", line) for line in written(machine))


def test_marlins_words():
    lines = written("prusa-mk4")
    assert "M204 P800 T4000" in lines
    assert "M900 K0.05" in lines
    assert lines[lines.index("M486 S0") - 1].startswith("M204")
    assert lines.count("M486 S-1") == 3


def test_klippers_words():
    lines = written("voron-2.4-350")
    assert "SET_VELOCITY_LIMIT ACCEL=800 SQUARE_CORNER_VELOCITY=5" in lines
    assert "SET_PRESSURE_ADVANCE ADVANCE=0.04" in lines
    corners = "[[45.00,45.00],[55.00,45.00],[55.00,55.00],[45.00,55.00]]"
    assert f"EXCLUDE_OBJECT_DEFINE NAME=copy_0 CENTER=50.00,50.00 POLYGON={corners}" in lines
    assert not any(line.startswith(("M204", "M900", "M486")) for line in lines)


def test_the_first_layer_has_its_golden_moves():
    lines = written("prusa-mk4")
    start = lines.index("M486 S0")
    assert lines[start : start + 12] == [
        "M486 S0",
        "M107",
        "G1 E-0.7 F2100",
        "G0 Z0.4 F720",
        "G0 X45 Y45 F15000",
        "G0 Z0.2 F720",
        "G1 E0.7 F2100",
        ";TYPE:outer-wall",
        "G1 X55 Y45 E0.3326 F1800",
        "G1 X55 Y55 E0.3326",
        "G1 X45 Y45 E0.4989",
        "M106 S255",
    ]


def test_temperature_changes_once_after_the_first_layer():
    lines = written("ender-3-v2")
    body = lines[lines.index(";LAYER:0") : lines.index(";END")]
    assert [line for line in body if line.startswith("M104")] == ["M104 S215"]
