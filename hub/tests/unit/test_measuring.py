"""Parts of known size come out as large as they are."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.simulator.beads import Beads
from hub.simulator.execution import Execution
from hub.simulator.faults import BadRequest
from hub.simulator.measuring import Feature, Gauges, bore, extent
from hub.simulator.placement import Placement
from hub.simulator.separating import parts_of
from hub.simulator.settings import Truth, models

BEAD_MM = 0.45


def at(x: float, y: float, turn_deg: float = 0.0) -> Placement:
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return Placement.from_matrix([c, -s, 0, x, s, c, 0, y, 0, 0, 1, 0, 0, 0, 0, 1])


@pytest.fixture
def deposit(tmp_path: Path) -> Callable[..., Beads]:
    def run(text: str, truth: Truth | None = None) -> Beads:
        path = tmp_path / "program.gcode"
        path.write_text(text)
        execution = Execution(path, models()["prusa-mk4"], truth or Truth(), unknown_limit=0)
        execution.advance(math.inf)
        assert execution.fault is None
        return execution.deposit.beads

    return run


def part(beads: Beads, placement: Placement) -> Beads:
    return parts_of(beads, [placement], has_types=True)[0]


def test_a_square_tower_measures_its_outer_size(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement = at(100, 100)
    beads = part(deposit(ring(outer=(30.0, 20.0), layers=10)), placement)
    assert extent(beads, placement, 0) == pytest.approx(30.0, abs=0.001)
    assert extent(beads, placement, 1) == pytest.approx(20.0, abs=0.001)
    assert extent(beads, placement, 2) == pytest.approx(2.0, abs=0.001)
    assert bore(beads, placement, (0.0, 0.0, 1.0)) == pytest.approx(20.0 - 2 * BEAD_MM, abs=0.005)


def test_a_turned_copy_is_measured_along_its_own_axes(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement = at(100, 100, 90)
    beads = part(deposit(ring(outer=(30.0, 20.0))), placement)
    assert extent(beads, placement, 0) == pytest.approx(20.0, abs=0.001)
    assert extent(beads, placement, 1) == pytest.approx(30.0, abs=0.001)


def test_the_machines_scale_and_flow_show_in_the_part(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement = at(100, 100)
    beads = part(deposit(ring(), Truth(scale=(1.01, 1.0, 1.0))), placement)
    # the walls' middles are 19.55 mm apart, and only they are stretched
    assert extent(beads, placement, 0) == pytest.approx(19.55 * 1.01 + BEAD_MM, abs=0.001)
    assert extent(beads, placement, 1) == pytest.approx(20.0, abs=0.001)
    fat = part(deposit(ring(), Truth(flow=1.1)), placement)
    spacing = BEAD_MM - 0.2 * (1 - math.pi / 4)
    assert extent(fat, placement, 0) == pytest.approx(20.0 + 0.1 * spacing, abs=0.001)


def test_a_bore_is_found_where_the_machine_put_it(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement = at(100, 100)
    beads = part(deposit(ring()), placement)
    for x, y in ((0.0, 0.0), (0.5, 0.3), (-0.4, 0.6)):
        assert bore(beads, placement, (x, y, 0.5)) == pytest.approx(20.0 - 2 * BEAD_MM, abs=0.005)
    assert bore(beads, placement, (10.0 - BEAD_MM / 2, 0.0, 0.5)) == 0.0
    assert bore(beads, placement, (0.0, 0.0, 9.0)) is None


def test_a_round_bore(deposit: Callable[..., Beads]) -> None:
    text = "M109 S215\nG28\nG90\nM83\nG1 Z0.2 F600\nG1 X110 Y100 F6000\nG2 I-10 J0 E2.2 F1200\n"
    placement = at(100, 100)
    beads = deposit(text)
    width = next(iter(beads)).width
    assert bore(beads, placement, (0.2, -0.3, 0.1)) == pytest.approx(20.0 - width, abs=0.02)


@pytest.mark.parametrize("types", [True, False])
def test_skirts_and_prime_lines_are_no_part(
    deposit: Callable[..., Beads], ring: Callable[..., str], types: bool
) -> None:
    text = ring(skirt=True, types=types, layers=6)
    prime = "G1 Z0.3 F600\nG1 X5 Y5 F6000\nG1 X5 Y150 E12 F1000\nG92 E0\n"
    text = text.replace("G92 E0\n", "G92 E0\n" + prime, 1)
    placement = at(100, 100)
    beads = deposit(text)
    (found,) = parts_of(beads, [placement], has_types=types)
    assert extent(beads, placement, 0) > 100
    assert extent(found, placement, 0) == pytest.approx(20.0, abs=0.001)
    assert extent(found, placement, 2) == pytest.approx(1.2, abs=0.001)


@pytest.mark.parametrize("types", [True, False])
@pytest.mark.parametrize("origin", [(0.0, 0.0), (-10.0, -6.0), (40.0, 3.0)])
def test_each_copy_is_measured_by_itself(
    deposit: Callable[..., Beads], ring: Callable[..., str], types: bool, origin: tuple[float, float]
) -> None:
    """Wherever the model's own origin is: in its middle, at a corner, or far from it."""
    centres = ((60.0, 60.0), (85.0, 60.0), (60.0, 76.0), (85.0, 76.0))
    beads = deposit(ring(outer=(20.0, 12.0), centres=centres, types=types, skirt=True, layers=4))
    placements = [at(x + origin[0], y + origin[1]) for x, y in centres]
    parts = parts_of(beads, placements, has_types=types)
    assert len({len(each) for each in parts}) == 1
    for each, placement in zip(parts, placements, strict=True):
        assert extent(each, placement, 0) == pytest.approx(20.0, abs=0.001)
        assert extent(each, placement, 1) == pytest.approx(12.0, abs=0.001)
        assert bore(each, placement, (-origin[0], -origin[1], 0.5)) == pytest.approx(12 - 2 * BEAD_MM, abs=0.005)


def test_a_part_of_two_bodies_stays_one_part(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    centres = ((60.0, 60.0), (90.0, 60.0), (60.0, 130.0), (90.0, 130.0))
    beads = deposit(ring(outer=(20.0, 20.0), centres=centres, layers=3))
    placements = [at(75, 60), at(75, 130)]
    parts = parts_of(beads, placements, has_types=True)
    assert [extent(each, p, 0) for each, p in zip(parts, placements, strict=True)] == pytest.approx(
        [50.0, 50.0], abs=0.01
    )


def test_a_free_thread_is_round(deposit: Callable[..., Beads]) -> None:
    text = "M109 S215\nG28\nG90\nM83\nG1 Z5 F600\nG1 X50 Y50 F6000\nG1 X80 Y50 E1 F1200\n"
    (bead,) = deposit(text)
    assert bead.height == bead.width == pytest.approx(math.sqrt(4 * (math.pi * 1.75**2 / 4 / 30) / math.pi), rel=1e-5)


def gauges(truth: Truth, reading: int = 1, **more: float) -> Gauges:
    return Gauges(truth, seed=7, job="j/1", density_g_per_cm3=1.24, reading=reading, **more)


def test_mass_drift_and_scatter(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement, width, mass = at(100, 100), Feature("w", "extent-x"), Feature("m", "mass")
    hole = Feature("h", "bore", (0.0, 0.0, 0.5))
    beads = part(deposit(ring()), placement)
    exact = Truth(sigma_mm=0, gauge_sigma_mm=0, gauge_sigma_g=0)
    read = {"part": 0, "since_service": 0}
    assert gauges(exact).read(width, beads, placement, **read) == pytest.approx(20.0, abs=0.001)
    assert gauges(exact).read(mass, beads, placement, **read) == pytest.approx(beads.volume_mm3 * 1.24e-3, abs=0.001)
    worn = Truth(sigma_mm=0, gauge_sigma_mm=0, drift_mm_per_part=0.01)
    assert gauges(worn).read(width, beads, placement, part=0, since_service=10) == pytest.approx(20.1, abs=0.001)
    assert gauges(worn).read(hole, beads, placement, part=0, since_service=10) == pytest.approx(19.0, abs=0.005)
    assert gauges(exact, drift_mm=0.2).read(width, beads, placement, **read) == pytest.approx(20.2, abs=0.001)
    assert gauges(exact).read(Feature("finish", "by-eye"), beads, placement, **read) is None
    assert gauges(exact).read(width, Beads(), placement, **read) is None


def test_scatter_is_seeded_and_has_its_size(deposit: Callable[..., Beads], ring: Callable[..., str]) -> None:
    placement, width = at(100, 100), Feature("w", "extent-x")
    beads = part(deposit(ring()), placement)
    truth = Truth(sigma_mm=0.05, gauge_sigma_mm=0.01)

    def spread(values: list[float]) -> float:
        mean = sum(values) / len(values)
        return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))

    def read(part: int, reading: int) -> float:
        return gauges(truth, reading).read(width, beads, placement, part=part, since_service=0) or 0.0

    assert read(0, 1) == read(0, 1)
    assert spread([read(0, reading) for reading in range(1, 301)]) == pytest.approx(0.01, rel=0.15)
    assert spread([read(part, 1) for part in range(300)]) == pytest.approx(math.hypot(0.05, 0.01), rel=0.15)


@pytest.mark.parametrize(
    "matrix",
    [
        [1.0] * 15,
        [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1],
        [1, 0, 0, math.nan, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    ],
)
def test_a_placement_is_a_rigid_motion(matrix: list[float]) -> None:
    with pytest.raises(BadRequest):
        Placement.from_matrix(matrix)


def test_a_placement_and_back() -> None:
    placement = at(12, 34, 30)
    assert placement.to_model(placement.to_machine((1.0, 2.0, 3.0))) == pytest.approx((1.0, 2.0, 3.0))
