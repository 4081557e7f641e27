"""The FDM engine: what must hold of every program it plans."""

import math

import cadquery as cq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrication.cad.tessellation import mesh_of
from fabrication.data.library import machine_profile, machine_profiles, material
from fabrication.domain.errors import CadRefused
from fabrication.domain.requests import PrintRequest
from fabrication.domain.toolpath import Feature
from fabrication.processes.fdm import region as regions
from fabrication.processes.fdm.bead import BeadShape
from fabrication.processes.fdm.engine import make_toolpath
from fabrication.processes.fdm.estimate import estimate, slice_neutrally, weighted_sample
from fabrication.processes.fdm.layers import divide
from fabrication.processes.fdm.lines import across
from fabrication.processes.fdm.perimeters import lay_walls
from fabrication.processes.fdm.planner import move_seconds
from fabrication.processes.fdm.section import cut
from fabrication.processes.mesh import Mesh

from .conftest import PARTS, made

pytestmark = pytest.mark.cad

BEAD = BeadShape(0.45, 0.2)


def square(side: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], dtype=float)


def volume(result, *, skirt: bool = False) -> float:
    beads = [bead for layer in result.toolpath.layers for run in layer.runs for bead in run.beads]
    return sum(sum(bead.volumes_mm3) for bead in beads if skirt or bead.feature is not Feature.SKIRT)


@pytest.mark.parametrize("part", PARTS)
def test_a_solid_print_takes_what_the_solid_does(part):
    """At 100 % the plastic is the CAD's volume, to two in a hundred."""
    full = made(part, infill=1.0)
    assert volume(full.result) / full.solid_mm3 == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("machine", ["prusa-mk4", "ender-3-v2", "voron-0.2"])
def test_every_program_passes_its_verification(part, machine):
    report = made(part, machine).verified()
    assert report.passed, report.violations[:3]
    assert report.figures["outline_covered_share"] > 0.97


@pytest.mark.parametrize("machine", [profile.id for profile in machine_profiles().values()])
def test_a_plate_of_copies_passes_too(machine):
    plate = made("plate", machine, quantity=4)
    report = plate.verified()
    assert report.passed, report.violations[:3]
    assert len({(row[0][3], row[1][3]) for row in plate.result.placement}) == 4


def test_a_part_is_turned_where_only_that_fits():
    beam = mesh_of(cq.Workplane().box(12, 195, 3).val())
    profile, request = machine_profile("prusa-mk4"), PrintRequest()
    result = make_toolpath(beam, profile, material("pla"), request, 9)
    assert result.placement[0][0][:2] == (1.0, 0.0)
    wide = mesh_of(cq.Workplane().box(195, 12, 3).val())
    turned = make_toolpath(wide, profile, material("pla"), request, 12)
    assert turned.placement[0][0][:2] == (0.0, -1.0)


def test_sections_of_a_sphere_have_the_circles_area():
    mesh = mesh_of(cq.Workplane().sphere(10).val())
    heights = np.array([-8.0, -2.5, 0.0, 5.0])
    for section in cut(mesh, heights):
        expected = math.pi * (100 - section.height_mm**2)
        assert section.open_ends == 0
        assert regions.area_mm2(regions.union(section.outlines)) == pytest.approx(expected, rel=0.005)


def test_a_hole_in_the_mesh_is_noticed():
    whole = mesh_of(cq.Workplane().box(4, 4, 4).val())
    torn = Mesh(whole.vertices, whole.triangles[1:])
    assert sum(section.open_ends for section in cut(torn, np.linspace(-1.9, 1.9, 9))) > 0
    with pytest.raises(CadRefused, match="not closed"):
        make_toolpath(torn, machine_profile("prusa-mk4"), material("pla"), PrintRequest(), 1)


def test_bodies_that_share_space_count_once():
    one = mesh_of(cq.Workplane().box(10, 10, 10).val())
    other = Mesh(one.vertices + np.array([5.0, 0.0, 0.0]), one.triangles + len(one.vertices))
    both = Mesh(np.vstack([one.vertices, other.vertices]), np.vstack([one.triangles, other.triangles]))
    (section,) = cut(both, np.array([0.0]))
    assert regions.area_mm2(regions.union(section.outlines)) == pytest.approx(150.0)


@given(side=st.floats(3, 40), count=st.integers(1, 5))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_walls_and_inside_fill_the_outline(side, count):
    outline = [square(side)]
    walls = lay_walls(outline, BEAD, count)
    laid = sum(regions.length_mm([loop.outline for loop in loops]) for loops in walls.loops) * BEAD.spacing_mm
    gaps = sum(float(np.linalg.norm(np.diff(gap.points, axis=0), axis=1) @ gap.widths_mm) for gap in walls.gaps)
    flank = (BEAD.width_mm - BEAD.spacing_mm) / 2 * 4 * side
    total = laid + gaps + regions.area_mm2(walls.inside) + flank
    assert total == pytest.approx(side * side, rel=0.03, abs=1.0)


@pytest.mark.parametrize("thickness", [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 1.0, 1.2, 1.5, 1.8, 2.5])
def test_a_thin_wall_is_filled_once(thickness):
    """Whatever its thickness, a wall gets its volume: one wide bead, a squeezed loop, a loop and a gap …"""
    outline = np.array([[0, 0], [40, 0], [40, thickness], [0, thickness]], dtype=float)
    walls = lay_walls([outline], BEAD, 2)
    laid = regions.area_mm2(walls.inside)
    for depth, loops in enumerate(walls.loops):
        width = BEAD.spacing_mm if depth else (BEAD.width_mm + BEAD.spacing_mm) / 2
        for loop in loops:
            lengths = np.linalg.norm(np.roll(loop.outline, -1, axis=0) - loop.outline, axis=1)
            laid += float(lengths @ loop.shares) * width
    for gap in walls.gaps:
        laid += float(np.linalg.norm(np.diff(gap.points, axis=0), axis=1) @ gap.widths_mm)
    assert laid == pytest.approx(40 * thickness, rel=0.035)


@given(angle=st.floats(0, 180), side=st.floats(5, 30), spacing=st.floats(0.3, 2))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_lines_have_the_length_that_their_spacing_asks_for(angle, side, spacing):
    lines = across([square(side), square(side / 3, side / 3, side / 3)[::-1]], spacing, angle)
    length = float(np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).sum())
    assert length * spacing == pytest.approx(side**2 * 8 / 9, abs=2.0 * spacing * side)


@given(height=st.floats(0.05, 300), step=st.sampled_from([0.1, 0.15, 0.2, 0.28]))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_layers_reach_the_top_to_half_a_layer(height, step):
    layers = divide(height, 0.2, step)
    assert layers.thickness_mm.sum() == pytest.approx(layers.tops_mm[-1])
    if height > 0.2:
        assert abs(layers.tops_mm[-1] - height) <= step / 2 + 1e-3


def test_a_straight_move_takes_the_trapezoids_time():
    """100 mm at 50 mm/s and 1000 mm/s²: 2 s and one ramp's worth more (v/a)."""
    steps, feeds = np.array([[100.0, 0.0, 0.0]]), np.array([50.0])
    (seconds,) = move_seconds(steps, feeds, np.array([1000.0]), 5.0)
    assert seconds == pytest.approx(2.0 + 50.0 / 1000.0)


def test_a_short_move_never_reaches_its_feed():
    """1 mm at 1000 mm/s²: two ramps of √(l/a)."""
    (seconds,) = move_seconds(np.array([[1.0, 0, 0]]), np.array([500.0]), np.array([1000.0]), 5.0)
    assert seconds == pytest.approx(2 * math.sqrt(1.0 / 1000.0))


def test_a_straight_line_in_pieces_takes_no_longer():
    whole = move_seconds(np.array([[60.0, 0, 0]]), np.array([50.0]), np.array([1000.0]), 5.0).sum()
    pieces = move_seconds(np.tile([[1.0, 0, 0]], (60, 1)), np.full(60, 50.0), np.full(60, 1000.0), 5.0).sum()
    assert pieces == pytest.approx(whole, rel=1e-6)


def test_a_corner_slows_to_the_square_corner_velocity():
    steps = np.array([[20.0, 0, 0], [0, 20.0, 0]])
    fast = move_seconds(steps, np.full(2, 50.0), np.full(2, 1000.0), 50.0).sum()
    slow = move_seconds(steps, np.full(2, 50.0), np.full(2, 1000.0), 5.0).sum()
    assert slow - fast == pytest.approx(2 * (50.0 - 5.0) ** 2 / (2 * 1000.0 * 50.0), rel=0.05)


@given(sizes=st.lists(st.floats(0.1, 1e4), min_size=1, max_size=400))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_sample_stands_for_all_layers(sizes):
    array = np.array(sizes)
    estimated = sum(weight * array[index] for index, weight in weighted_sample(array))
    assert estimated == pytest.approx(array.sum())


@pytest.mark.parametrize("part", PARTS)
def test_the_estimate_is_near_the_program(part):
    whole = made(part)
    profile, settings_ = whole.order.profile, whole.order.material
    near = estimate(slice_neutrally(whole.mesh, profile, whole.order.request), profile, settings_)
    assert near.seconds == pytest.approx(whole.result.seconds, rel=0.08)
    assert near.volume_mm3 == pytest.approx(volume(whole.result), rel=0.06)


FAULTY = {
    "starts-in-air": cq.Workplane().box(9, 9, 2).union(cq.Workplane().sphere(3).translate((0, 0, 20))),
    "overhang": cq.Workplane().box(4, 12, 12).union(cq.Workplane().box(20, 12, 2).translate((8, 0, 5))),
    "too-big": cq.Workplane().box(600, 6, 6),
}


@pytest.mark.parametrize("code", FAULTY)
def test_what_cannot_be_made_is_refused(code):
    with pytest.raises(CadRefused) as refused:
        make_toolpath(mesh_of(FAULTY[code].val()), machine_profile("prusa-mk4"), material("pla"), PrintRequest(), 1)
    assert code in {finding.code for finding in refused.value.findings}


def test_a_slope_of_45_degrees_needs_no_warning():
    cone = mesh_of(cq.Workplane().circle(5).workplane(offset=8).circle(13).loft().val())
    result = make_toolpath(cone, machine_profile("prusa-mk4"), material("pla"), PrintRequest(), 1)
    assert result.findings == ()


def test_a_wall_thinner_than_a_bead_is_told():
    fin = cq.Workplane().box(20, 20, 2).union(cq.Workplane().box(20, 0.3, 10).translate((0, 0, 5)))
    result = make_toolpath(mesh_of(fin.val()), machine_profile("prusa-mk4"), material("pla"), PrintRequest(), 1)
    assert "thin-wall" in {finding.code for finding in result.findings}


def test_a_long_bridge_is_told_and_a_longer_one_refused():
    profile, settings_ = machine_profile("prusa-mk4"), material("pla")
    long = cq.Workplane().box(24, 8, 8).cut(cq.Workplane().box(14, 10, 6).translate((0, 0, -1)))
    result = make_toolpath(mesh_of(long.val()), profile, settings_, PrintRequest(), 1)
    assert {finding.code for finding in result.findings} == {"long-bridge"}
    longer = cq.Workplane().box(40, 30, 8).cut(cq.Workplane().box(30, 32, 6).translate((0, 0, -1)))
    with pytest.raises(CadRefused):
        make_toolpath(mesh_of(longer.val()), profile, settings_, PrintRequest(), 1)
