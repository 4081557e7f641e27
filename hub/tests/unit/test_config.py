from pathlib import Path

import pytest

from hub.cli import main
from hub.config import load_agent_config
from hub.errors import ConfigInvalid
from hub.simulator.settings import load_machine_config, models

EXAMPLES = Path(__file__).parents[2] / "examples"

HUB = """
data_dir = "state"
edge_url = "http://127.0.0.1:8080/"
[[machines]]
name = "left"
address = "127.0.0.1:7101"
"""
MACHINE = 'id = "m"\nmodel = "prusa-mk4"\ndata_dir = "m"\n'


def agent(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hub.toml"
    path.write_text(text)
    return path


def test_the_examples_are_valid() -> None:
    assert len(load_agent_config(EXAMPLES / "hub.toml", {}).machines) == 2
    assert load_machine_config(EXAMPLES / "machine.toml").model.id == "prusa-mk4"


def test_paths_are_relative_to_the_file_and_the_token_may_stand_in_the_environment(tmp_path: Path) -> None:
    config = load_agent_config(agent(tmp_path, HUB), {"FABMESH_ENROLMENT_TOKEN": "secret"})
    assert config.data_dir == tmp_path / "state"
    assert config.edge_url == "http://127.0.0.1:8080"
    assert config.enrolment_token == "secret"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("data_dir", "data_dri", "`data_dir` is missing"),
        ("http://", "ftp://", "http or https"),
        ("[[machines]]", "surprise = 1\n[[machines]]", "unknown: surprise"),
        ('name = "left"', "name = 5", "text is wanted"),
        ('name = "left"', 'driver = "virtual"', "`id` or `name`"),
        ('name = "left"', 'id = "a.b"', "letters, digits"),
        ('name = "left"', 'name = "l"\ndriver = "magic"', "known: virtual"),
        ("127.0.0.1:7101", "7101", "host:port"),
        ('data_dir = "state"', 'data_dir = "state"\npoll_s = 0', "0.02 to 10"),
        ("[[machines]]", "[machines]", "[[machines]]"),
        ("[[machines]]", "[[", "hub.toml"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        load_agent_config(agent(tmp_path, HUB.replace(old, new)), {})
    assert says in str(wrong.value)
    assert "hub.toml" in str(wrong.value)


def test_two_machines_are_two(tmp_path: Path) -> None:
    row = HUB[HUB.index("[[") :]
    with pytest.raises(ConfigInvalid, match="same name"):
        load_agent_config(agent(tmp_path, HUB + row), {})


def test_a_virtual_machine_may_differ_from_its_model(tmp_path: Path) -> None:
    path = tmp_path / "machine.toml"
    path.write_text(
        MACHINE + "[limits]\nacceleration_mm_per_s2 = 500\n[truth]\nscale = [1.001, 1, 1]\n[densities]\npla = 1.3\n"
    )
    config = load_machine_config(path)
    assert config.model.acceleration_mm_per_s2 == 500
    assert config.model.volume_mm == models()["prusa-mk4"].volume_mm
    assert config.truth.scale == (1.001, 1.0, 1.0)
    assert config.densities_g_per_cm3["pla"] == 1.3


@pytest.mark.parametrize(
    "text",
    [
        MACHINE.replace("prusa-mk4", "unheard-of"),
        MACHINE + "speed_up = 0\n",
        MACHINE + "[truth]\nscale = [1, 2]\n",
        MACHINE + "[truth]\nscale = [1, 1, 3]\n",
        MACHINE + "[truth]\nflow = true\n",
        MACHINE + '[limits]\ndialect = "heidenhain"\n',
        MACHINE + "[limits]\nwings = 2\n",
        MACHINE + "[densities]\npla = -1\n",
    ],
)
def test_impossible_machines_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "machine.toml"
    path.write_text(text)
    with pytest.raises(ConfigInvalid):
        load_machine_config(path)


def test_the_command_says_what_is_wrong_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["machine", "--config", str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_rehearsal_says_what_comes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], ring: object) -> None:
    program = tmp_path / "p.gcode"
    program.write_text(ring())  # type: ignore[operator]
    assert main(["rehearse", str(program), "--model", "prusa-mini"]) == 0
    out = capsys.readouterr().out
    assert "completed" in out
    assert "[20.0, 20.0, 1.0]" in out
    program.write_text("G1 X1\n")
    assert main(["rehearse", str(program), "--json"]) == 1
    assert '"reason": "not-homed"' in capsys.readouterr().out


def test_the_journal_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "--config", str(agent(tmp_path, HUB))]) == 0
    assert capsys.readouterr().out == "0 jobs, 0 older ones closed\n"
