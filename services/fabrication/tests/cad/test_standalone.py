"""The stand-alone commands: files, words and exit codes."""

import json
import struct
from pathlib import Path

import pytest

from fabrication.standalone import main

from .conftest import KNOB

pytestmark = pytest.mark.cad

FILES = {"part.step", "part.stl", "part.glb", "program.gcode", "plan.json", "verification.json", "toolpath.png"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_bytes(KNOB)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "model.py").write_bytes(KNOB)
    arguments = ["make", str(folder / "model.py"), "--machine", "ender-3-v2", "--material", "pla"]
    assert main([*arguments, "--set", "height_mm=6", "--out", str(folder / "out"), "--quantity", "2"]) == 0
    return folder / "out"


def test_make_writes_all_files(built: Path):
    assert {path.name for path in built.iterdir()} == FILES
    plan = json.loads((built / "plan.json").read_text())
    assert len(plan["placement"]) == 2
    assert json.loads((built / "verification.json").read_text())["passed"] is True
    assert (built / "part.step").read_text().startswith("ISO-10303-21;")
    assert "1970-01-01T00:00:00" in (built / "part.step").read_text()


def test_the_glb_is_in_metres(built: Path):
    content = (built / "part.glb").read_bytes()
    magic, version, length = struct.unpack("<III", content[:12])
    assert (magic, version, length) == (0x46546C67, 2, len(content))
    document = json.loads(content[20 : 20 + struct.unpack("<I", content[12:16])[0]])
    high = document["accessors"][1]["max"]
    assert high[0] == pytest.approx(0.012, abs=1e-4)
    assert high[1] == pytest.approx(0.006, abs=1e-6)


def test_verify_passes_what_make_made(built: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["verify", str(built / "program.gcode"), str(built / "part.step"), "--machine", "ender-3-v2"]) == 0
    assert "verified" in capsys.readouterr().out


def test_verify_without_a_plan_finds_a_single_copy(model: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert main(["make", str(model), "--machine", "voron-0.2", "--material", "pla", "--out", str(out)]) == 0
    (out / "plan.json").unlink()
    assert main(["verify", str(out / "program.gcode"), str(out / "part.stl"), "--machine", "voron-0.2"]) == 0


def test_verify_fails_a_harmed_program(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    harmed = tmp_path / "program.gcode"
    text = (built / "program.gcode").read_text()
    harmed.write_text(text.replace(";LAYER:5\n", ";LAYER:5\nG0 X400\n"))
    arguments = ["verify", str(harmed), str(built / "part.step"), "--machine", "ender-3-v2", "--json"]
    assert main([*arguments, "--plan", str(built / "plan.json")]) == 4
    assert json.loads(capsys.readouterr().out)["violations"][0]["code"] == "out-of-volume"


def test_check_answers_for_every_machine(model: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(model), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["profiles"]
    assert len(answers) >= 4
    assert all(answer["makeable"] for answer in answers)


def test_what_no_machine_can_make_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = tmp_path / "beam.py"
    model.write_text("show_object(cq.Workplane().box(900, 5, 5))")
    assert main(["check", str(model)]) == 3
    assert main(["make", str(model), "--machine", "prusa-mk4", "--material", "pla", "--out", str(tmp_path / "o")]) == 3
    assert "does not fit" in capsys.readouterr().err
    assert list((tmp_path / "o").iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--machine", "no-such", "--material", "pla"],
        ["--machine", "prusa-mk4", "--material", "cheese"],
        ["--machine", "prusa-mk4", "--material", "pla", "--set", "height_mm"],
        ["--machine", "prusa-mk4", "--material", "pla", "--set", "colour=red"],
        ["--machine", "prusa-mk4", "--material", "pla", "--infill", "1.5"],
        ["--machine", "prusa-mk4", "--material", "pla", "--quantity", "0"],
    ],
)
def test_bad_input_ends_with_2(model: Path, tmp_path: Path, arguments: list[str]):
    assert main(["make", str(model), *arguments, "--out", str(tmp_path / "o")]) == 2


def test_a_missing_model_ends_with_2(tmp_path: Path):
    assert main(["check", str(tmp_path / "none.py")]) == 2


def test_machines_and_materials_are_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["machines", "--json"]) == 0
    machines = json.loads(capsys.readouterr().out)
    assert {machine["dialect"] for machine in machines} == {"marlin", "klipper"}
    assert main(["materials"]) == 0
    assert "PETG" in capsys.readouterr().out
