"""What the words of a program make the machine do, read off its beads and its clock."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.simulator.beads import Bead
from hub.simulator.execution import Execution
from hub.simulator.settings import Truth, models

HOT = "M109 S215\nG28\nG90\nM83\nG1 Z0.2 F600\n"
AREA = math.pi * 1.75**2 / 4


@pytest.fixture
def execute(tmp_path: Path) -> Callable[..., Execution]:
    def run(text: str, model: str = "prusa-mk4", truth: Truth | None = None, limit: int = 20) -> Execution:
        path = tmp_path / "program.gcode"
        path.write_text(text)
        execution = Execution(path, models()[model], truth or Truth(), unknown_limit=limit)
        execution.advance(math.inf)
        assert execution.done
        return execution

    return run


def ends(execution: Execution) -> list[tuple[float, float]]:
    return [(round(bead.x1, 3), round(bead.y1, 3)) for bead in execution.deposit.beads]


def fault(execution: Execution) -> str:
    return execution.fault.code if execution.fault else ""


@pytest.mark.parametrize(
    "line",
    [
        "G1 X10 Y20 E1",
        "g1 x10 y20 e1",
        "G1X10Y20E1",
        "N12 G1 X10 Y20 E1*71",
        "G01 X+10. Y20.000 E1 ; remark",
        "G1 (remark) X10 Y20 E1",
        "G2 X10 Y20 R20 E1",
        "  G1   X10\tY20  E1  ",
    ],
)
def test_spellings_of_a_move(execute: Callable[..., Execution], line: str) -> None:
    execution = execute(HOT + line + "\n")
    assert fault(execution) == ""
    assert execution.unknown_words == {}
    assert ends(execution)[-1] == (10, 20)
    assert execution.deposit.volume_mm3 == pytest.approx(AREA, rel=1e-5)


def test_relative_and_absolute_places(execute: Callable[..., Execution]) -> None:
    text = HOT + "G1 X10 Y10 E1\nG91\nM83\nG1 X5 E1\nG1 Y5 E1\nG90\nM83\nG1 X1 Y1 E1\n"
    assert ends(execute(text)) == [(10, 10), (15, 10), (15, 15), (1, 1)]


def test_absolute_extrusion_and_its_renaming(execute: Callable[..., Execution]) -> None:
    text = HOT + "M82\nG92 E0\nG1 X10 E1\nG1 X20 E1.5\nG92 E0\nG1 X30 E0.5\n"
    assert execute(text).deposit.volume_mm3 == pytest.approx(2.0 * AREA, rel=1e-5)


def test_in_marlin_absolute_places_mean_absolute_extrusion_too(execute: Callable[..., Execution]) -> None:
    text = "M109 S215\nG28\nM83\nG90\nG1 Z0.2 F600\nG1 X10 E1\nG1 X20 E1\n"
    assert execute(text).deposit.volume_mm3 == pytest.approx(AREA, rel=1e-5)
    assert execute(text, "voron-2.4-350").deposit.volume_mm3 == pytest.approx(2 * AREA, rel=1e-5)


def test_a_place_can_be_renamed(execute: Callable[..., Execution]) -> None:
    assert ends(execute(HOT + "G1 X50 Y50 F6000\nG92 X0 Y0\nG1 X10 E1\n")) == [(60, 50)]


def test_inches(execute: Callable[..., Execution]) -> None:
    execution = execute(HOT + "G20\nG1 X1 E0.1\n")
    assert ends(execution) == [(25.4, 0)]
    assert execution.deposit.volume_mm3 == pytest.approx(2.54 * AREA, rel=1e-5)


def test_filament_drawn_back_is_paid_before_anything_leaves_the_nozzle(execute: Callable[..., Execution]) -> None:
    text = HOT + "G1 X10 E1\nG1 E-2 F1800\nG1 X20 F6000\nG1 E1.5 F1800\nG1 X30 E1 F1200\n"
    execution = execute(text)
    assert execution.deposit.volume_mm3 == pytest.approx(1.5 * AREA, rel=1e-5)
    assert [round(bead.volume / AREA, 3) for bead in execution.deposit.beads] == [1.0, 0.5]


def test_firmware_retraction_deposits_nothing(execute: Callable[..., Execution]) -> None:
    execution = execute(HOT + "G1 X10 E1\nG10\nG10\nG1 X20\nG11\nG11\nG1 X30 E1\n")
    assert execution.deposit.volume_mm3 == pytest.approx(2 * AREA, rel=1e-5)


def test_flow_and_feed_factors(execute: Callable[..., Execution]) -> None:
    assert execute(HOT + "M221 S90\nG1 X10 E1\n").deposit.volume_mm3 == pytest.approx(0.9 * AREA, rel=1e-5)
    slow = execute(HOT + "G1 X200 F600\n").clock_s
    assert execute(HOT + "M220 S50\nG1 X200 F600\n").clock_s - slow == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize(
    ("line", "sweep"),
    [
        ("G3 X30 Y20 I-10 J0 E1 F1200", 1),
        ("G2 X30 Y20 I-10 J0 E1 F1200", 3),
        ("G3 X30 Y20 R10 E1 F1200", 1),
        ("G2 X30 Y20 R-10 E1 F1200", 3),
    ],
)
def test_arcs_run_on_their_circle(execute: Callable[..., Execution], line: str, sweep: int) -> None:
    execution = execute(HOT + "G1 X40 Y10 F6000\n" + line + "\n")
    beads = list(execution.deposit.beads)
    assert fault(execution) == ""
    length = sum(math.hypot(bead.x1 - bead.x0, bead.y1 - bead.y0) for bead in beads)
    assert length == pytest.approx(sweep * math.pi / 2 * 10, rel=1e-3)
    centre = (30, 10)
    assert all(math.hypot(bead.x1 - centre[0], bead.y1 - centre[1]) == pytest.approx(10, abs=1e-3) for bead in beads)
    assert execution.deposit.volume_mm3 == pytest.approx(AREA, rel=1e-4)


def test_a_full_circle(execute: Callable[..., Execution]) -> None:
    beads: list[Bead] = list(execute(HOT + "G1 X40 Y30 F6000\nG2 I-10 E1 F1200\n").deposit.beads)
    length = sum(math.hypot(bead.x1 - bead.x0, bead.y1 - bead.y0) for bead in beads)
    assert length == pytest.approx(20 * math.pi, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("G28\nG90\nG1 X10 Y10 E1\n", "cold-extrusion"),
        ("M104 S215\nG28\nM83\nG1 X10 E1\n", "cold-extrusion"),
        ("M109 S215\nM104 S0\nG28\nG4 S600\nM83\nG1 X10 E1\n", "cold-extrusion"),
        ("G90\nG1 X10\n", "not-homed"),
        ("G28 X Y\nG1 Z5\n", "not-homed"),
        ("G29\n", "not-homed"),
        ("G28\nG1 X251\n", "out-of-volume"),
        ("G28\nG1 Z-0.1\n", "out-of-volume"),
        ("G28\nG91\nG1 Y150\nG1 Y150\n", "out-of-volume"),
        ("G28\nG1 X200 Y200 F6000\nG2 I40\n", "out-of-volume"),
        ("G28\nG1 X1..2\n", "malformed-line"),
        ("G28\nG1 Xnan\n", "malformed-line"),
        ("G28\nG1 X1e300\n", "malformed-line"),
        ("G28\nG2 X10 R1\n", "malformed-line"),
        ("M104 S999\n", "temperature-limit"),
        ("M190 S-5\n", "temperature-limit"),
        ("M600\n", "needs-hands"),
        ("M112\n", "emergency-stop"),
    ],
)
def test_what_the_machine_refuses(execute: Callable[..., Execution], text: str, code: str) -> None:
    assert fault(execute(text)) == code


def test_what_was_commanded_before_a_fault_is_done(execute: Callable[..., Execution]) -> None:
    execution = execute(HOT + "G1 X10 E1\nG1 X20 E1\nG1 X999\nG1 X30 E1\n")
    assert fault(execution) == "out-of-volume"
    assert ends(execution) == [(10, 0), (20, 0)]


def test_unknown_words_are_counted_and_too_many_end_the_program(execute: Callable[..., Execution]) -> None:
    few = execute("G28\n" + "M9876 S1\nFROBNICATE X=1\n" * 3, limit=10)
    assert fault(few) == ""
    assert few.unknown_words == {"M9876": 3, "FROBNICATE": 3}
    assert fault(execute("G28\n" + "M9876\n" * 11, limit=10)) == "unknown-words"


def test_a_program_for_klipper_is_foreign_to_marlin(execute: Callable[..., Execution]) -> None:
    text = "G28\nSET_VELOCITY_LIMIT ACCEL=500\nSET_PRESSURE_ADVANCE ADVANCE=0.04\n"
    assert execute(text, "voron-2.4-350").unknown_words == {}
    assert set(execute(text, "prusa-mk4").unknown_words) == {"SET_VELOCITY_LIMIT", "SET_PRESSURE_ADVANCE"}


@pytest.mark.parametrize("line", ["PRINT_START BED=60 EXTRUDER=215", "START_PRINT BED_TEMP=60 EXTRUDER_TEMP=215"])
def test_a_start_macro_heats_and_homes(execute: Callable[..., Execution], line: str) -> None:
    execution = execute(line + "\nM83\nG1 Z0.2 F600\nG1 X10 E1 F1200\nPRINT_END\n", "voron-2.4-350")
    assert fault(execution) == ""
    assert ends(execution) == [(10, 0)]
    assert execution.clock_s > 200


def test_velocity_limits_slow_klipper_down(execute: Callable[..., Execution]) -> None:
    move = "G1 X300 F18000\n"
    fast = execute("G28\n" + move, "voron-2.4-350").clock_s
    slow = execute("G28\nSET_VELOCITY_LIMIT VELOCITY=30 ACCEL=1000\n" + move, "voron-2.4-350").clock_s
    assert slow - fast == pytest.approx((300 / 30 + 30 / 1000) - (300 / 300 + 300 / 3000), rel=0.01)


def test_an_axis_is_never_faster_than_it_can_be(execute: Callable[..., Execution]) -> None:
    rest = execute("G28\n").clock_s
    assert execute("G28\nG1 Z120 F60000\n").clock_s - rest == pytest.approx(120 / 40, rel=0.01)


def test_waiting_for_heat_takes_the_heaters_time(execute: Callable[..., Execution]) -> None:
    assert execute("M104 S215\n").clock_s == 0.0
    assert execute("M109 S215\n").clock_s == pytest.approx(100 * math.log((445 - 22) / (445 - 214)))


def test_more_than_the_hotend_melts_does_not_come_out(execute: Callable[..., Execution]) -> None:
    # 100 mm in a second with 20 mm of filament are 48 mm³/s; 15 is what melts
    execution = execute(HOT + "G1 X200 E40 F6000\n")
    moving_s = 200 / 100 + 100 / 4000
    assert execution.deposit.volume_mm3 == pytest.approx(15 * moving_s, rel=0.01)


def test_the_machines_own_error_is_in_its_beads(execute: Callable[..., Execution]) -> None:
    truth = Truth(scale=(1.01, 0.99, 1.0), flow=0.9)
    execution = execute(HOT + "G1 X100 Y100 E1 F1200\n", truth=truth)
    (bead,) = execution.deposit.beads
    assert (bead.x1, bead.y1) == (pytest.approx(101, rel=1e-6), pytest.approx(99, rel=1e-6))
    assert execution.deposit.volume_mm3 == pytest.approx(0.9 * AREA, rel=1e-6)


def test_a_jam_lays_nothing_and_takes_as_long(execute: Callable[..., Execution], tmp_path: Path) -> None:
    path = tmp_path / "p.gcode"
    path.write_text(HOT + "G1 X100 E5 F1200\n")
    jammed = Execution(path, models()["prusa-mk4"], Truth(), unknown_limit=0)
    jammed.jammed = True
    jammed.advance(math.inf)
    assert len(jammed.deposit.beads) == 0
    assert jammed.clock_s == execute(path.read_text()).clock_s


def test_it_runs_as_far_as_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "p.gcode"
    path.write_text("G28\n" + "G1 X200 F6000\nG1 X0 F6000\n" * 100)
    execution = Execution(path, models()["prusa-mk4"], Truth(), unknown_limit=0)
    execution.advance(100.0)
    assert 100.0 <= execution.clock_s < 110.0
    assert 0.1 < execution.fraction < 0.5
    assert not execution.done
    execution.advance(math.inf)
    assert execution.done
    assert execution.fraction == 1.0


def test_a_failure_on_order_comes_at_its_fraction(tmp_path: Path) -> None:
    path = tmp_path / "p.gcode"
    path.write_text("G28\n" + "G1 X200 F6000\nG1 X0 F6000\n" * 100)
    execution = Execution(path, models()["prusa-mk4"], Truth(), unknown_limit=0)
    execution.fail_at = 0.4
    execution.advance(math.inf)
    assert fault(execution) == "machine-fault"
    assert execution.fraction == pytest.approx(0.4, abs=0.01)


def test_any_bytes_end_in_an_outcome(tmp_path: Path) -> None:
    path = tmp_path / "p.gcode"
    path.write_bytes(bytes(range(256)) * 40 + b"\nG1" + b"X" * 9000 + b"\n\x00\xff\n")
    execution = Execution(path, models()["prusa-mk4"], Truth(), unknown_limit=5)
    execution.advance(math.inf)
    assert execution.done
