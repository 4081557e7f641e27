"""What the worker answers: facts, assessments, programs, refusals; the same bytes for the same input."""

import hashlib
import json
from pathlib import Path

import pytest

from fabrication.cad.worker import CadWorker
from fabrication.data.library import machine_profile, machine_profiles
from fabrication.domain.errors import CadRefused
from fabrication.domain.requests import PrintRequest

from .conftest import KNOB

pytestmark = [pytest.mark.cad, pytest.mark.asyncio(loop_scope="session")]

PROFILES = [*machine_profiles().values()]
SMALL = b"a = 8.0\nn = 2\nname = 'x'\nopen_top = True\nsize = (1, 2)\nshow_object(cq.Workplane().box(a, a, 3 * n))\n"
OPEN = b"""
faces = cq.Workplane().box(9, 9, 9).faces("not >Z").vals()
show_object(cq.Solid.makeSolid(cq.Shell.makeShell(faces)))
"""


async def test_a_model_is_inspected(worker: CadWorker):
    facts = await worker.inspect_model(SMALL)
    declared = {parameter.name: (parameter.type, parameter.default) for parameter in facts.parameters}
    assert declared == {
        "a": ("number", 8.0),
        "n": ("number", 2),
        "name": ("string", "x"),
        "open_top": ("boolean", True),
        "size": ("tuple", (1, 2)),
    }
    assert facts.builds
    assert facts.solid is not None
    assert facts.solid.volume_mm3 == pytest.approx(8 * 8 * 6)
    assert facts.solid.extent_mm == pytest.approx((8, 8, 6))


async def test_a_model_that_does_not_build_is_told(worker: CadWorker):
    facts = await worker.inspect_model(b"r = 0.0\nshow_object(cq.Workplane().box(1, 1, 1).edges().fillet(1 / r))\n")
    assert not facts.builds
    assert [parameter.name for parameter in facts.parameters] == ["r"]
    assert facts.findings[0].code == "script-error"
    assert "line 2" in facts.findings[0].message
    assert "ZeroDivisionError" in facts.findings[0].message


@pytest.mark.parametrize(
    ("script", "parameters", "code"),
    [
        (b"def (", {}, "script-error"),
        (b"raise SystemExit(0)", {}, "script-error"),
        (b"x = 1", {}, "no-shape"),
        (b"show_object(3)", {}, "no-solid"),
        (b"show_object(cq.Workplane().rect(1, 1))", {}, "no-solid"),
        (SMALL, {"b": 1}, "unknown-parameter"),
        (SMALL, {"a": "wide"}, "invalid-parameter"),
        (SMALL, {"a": True}, "invalid-parameter"),
        (SMALL, {"open_top": 1}, "invalid-parameter"),
        (SMALL, {"a": 3e5}, "too-large"),
        (b"show_object(cq.Solid.makeBox(1, 1, 1).mirror('XY').Solids()[0].Shells()[0])", {}, "no-solid"),
        (OPEN, {}, "invalid-solid"),
    ],
)  # fmt: skip
async def test_a_fault_of_the_design_is_refused_by_name(worker: CadWorker, script, parameters, code):
    with pytest.raises(CadRefused) as refused:
        await worker.assess(script, parameters, "pla", PROFILES[:1])
    assert refused.value.code == code, refused.value.message


async def test_an_integer_stays_one(worker: CadWorker):
    script = b"n = 3\nshow_object(cq.Workplane().rarray(5, 5, n, 1).box(3, 3, 3))\n"
    assessment = await worker.assess(script, {"n": 4.0}, "pla", [])
    assert assessment.solid.bodies == 4


async def test_every_profile_answers(worker: CadWorker):
    assessment = await worker.assess(KNOB, {"bore_mm": 6.0}, "petg", PROFILES)
    assert [answer.profile_id for answer in assessment.profiles] == [profile.id for profile in PROFILES]
    assert all(answer.makeable and answer.minutes > 0 and answer.grams > 0 for answer in assessment.profiles)
    assert assessment.makeable


async def test_what_does_not_fit_is_said(worker: CadWorker):
    beam = b"show_object(cq.Workplane().box(300, 20, 6))"
    answers = {answer.profile_id: answer for answer in (await worker.assess(beam, {}, "pla", PROFILES)).profiles}
    assert answers["voron-2.4-350"].makeable
    assert not answers["prusa-mini"].makeable
    assert answers["prusa-mini"].findings[0].code == "too-big"
    assert answers["prusa-mini"].plate_capacity == 0


async def test_too_hot_a_material_is_said(worker: CadWorker):
    answers = (await worker.assess(KNOB, {}, "pa12", PROFILES)).profiles
    makeable = {answer.profile_id: answer.makeable for answer in answers}
    assert not makeable["ender-3-v2"]
    assert makeable["voron-2.4-350"]


async def test_overlapping_bodies_are_a_finding(worker: CadWorker):
    script = (
        b"show_object(cq.Workplane().box(4, 4, 4))\nshow_object(cq.Workplane().box(4, 4, 4).translate((2, 0, 0)))\n"
    )
    facts = await worker.inspect_model(script)
    assert [finding.code for finding in facts.findings] == ["overlapping-bodies"]


async def test_a_program_comes_with_all_its_files(worker: CadWorker):
    result = await worker.program(KNOB, {}, machine_profile("prusa-mini"), "pla", 3)
    assert result.verification.passed, result.verification.violations
    names = {artefact.name for artefact in result.files}
    assert names == {
        "program.gcode", "part.step", "part.stl", "part.glb", "plan.json", "verification.json", "toolpath.png",
    }  # fmt: skip
    for artefact in result.files:
        content = Path(artefact.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == artefact.sha256
        assert len(content) == artefact.size_bytes
    assert len(result.plan.placement) == result.plan.quantity == 3
    assert result.verification.program_sha256 == result.program.sha256
    assert json.loads(Path(result.file("plan.json").path).read_bytes())["placement"][0][3] == [0, 0, 0, 1]


async def test_the_same_input_gives_the_same_bytes(worker: CadWorker, tmp_path: Path):
    """Made anew by another worker, every file is the same to the byte."""
    request = PrintRequest(infill=0.2)
    first = await worker.program(KNOB, {}, machine_profile("voron-0.2"), "petg", 1, request)
    other = CadWorker(tmp_path / "other", slots=1)
    await other.start()
    try:
        second = await other.program(KNOB, {}, machine_profile("voron-0.2"), "petg", 1, request)
    finally:
        await other.stop()
    assert first.key == second.key
    assert {file.name: file.sha256 for file in first.files} == {file.name: file.sha256 for file in second.files}


async def test_what_cannot_be_printed_is_refused_with_where(worker: CadWorker):
    floating = b"show_object(cq.Workplane().box(9, 9, 2).union(cq.Workplane().sphere(3).translate((0, 0, 20))))"
    with pytest.raises(CadRefused) as refused:
        await worker.program(floating, {}, machine_profile("prusa-mk4"), "pla")
    assert refused.value.code == "not-makeable"
    assert refused.value.findings[0].code == "starts-in-air"
    assert refused.value.findings[0].at_mm[2] == pytest.approx(18.1, abs=0.3)  # type: ignore[index]


async def test_more_than_a_plate_holds_is_refused(worker: CadWorker):
    with pytest.raises(CadRefused) as refused:
        await worker.program(KNOB, {}, machine_profile("voron-0.2"), "pla", 150)
    assert refused.value.findings[0].code == "plate-full"


async def test_a_package_on_an_extra_path_can_be_imported(worker: CadWorker, tmp_path: Path):
    (tmp_path / "knurls.py").write_text("def size():\n    return 5\n")
    script = b"import knurls\nshow_object(cq.Workplane().box(knurls.size(), 1, 1))\n"
    assessment = await worker.assess(script, {}, "pla", [], extra_paths=(tmp_path,))
    assert assessment.solid.extent_mm[0] == pytest.approx(5)
    with pytest.raises(CadRefused, match="ModuleNotFoundError"):
        await worker.assess(script, {}, "pla", [])
