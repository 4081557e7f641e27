"""The service with its real CAD workers: a design of the inventory from its script to a program that is loaded."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import tomllib
from pathlib import Path

import httpx
import pytest

from fabmesh.catalog.v1.events_pb2 import Parameter
from fabmesh.fabrication.v1.events_pb2 import (
    ConfigurationAssessed,
    ConfigurationRefused,
    FabricationRefused,
    NcProgramVerified,
)
from fabmesh.fabrication.v1.requests_pb2 import InspectModel, ModelInspected
from fabrication.data.library import machine_profiles
from fabrication.domain.engines import FDM_ENGINE
from messaging.requests import ask

pytestmark = [pytest.mark.integration, pytest.mark.cad, pytest.mark.timeout(600)]
KNOB = Path(__file__).parents[4] / "services" / "catalog" / "inventory" / "coffee-knob"
BASE = "/fabrication/v1"


@pytest.fixture
async def api(running, keys):
    async with running(played=False) as url, httpx.AsyncClient(base_url=url, headers=keys("owner"), timeout=60) as api:
        yield api


@pytest.fixture
def wait_for(sent, eventually):
    async def wait(kind, count=1):
        async def enough():
            found = await sent(kind)
            return found if len(found) >= count else None

        return await eventually(enough, within_s=90)

    return wait


def knob(inspected: ModelInspected) -> dict[str, object]:
    bounds = tomllib.loads((KNOB / "design.toml").read_text())["parameters"]
    parameters = [
        Parameter(
            name=each.name,
            kind=each.kind,
            default_json=each.default_json,
            min=bounds.get(each.name, {}).get("min"),
            max=bounds.get(each.name, {}).get("max"),
            adjustable=each.name in bounds,
        )
        for each in inspected.parameters
    ]
    return {"model_source": (KNOB / "model.py").read_text(), "parameters": parameters}


async def test_a_design_from_its_script_to_its_program(api, city, mesh, wait_for, keys):
    question = InspectModel(model_source=(KNOB / "model.py").read_text())
    inspected = await ask(mesh, question, ModelInspected, source="catalog", timeout_s=60)
    assert [each.name for each in inspected.parameters][:2] == ["diameter", "height"]
    assert (inspected.bodies, list(inspected.findings)) == (1, [])
    assert inspected.extent.z_mm == pytest.approx(18)
    await city.release_design(**knob(inspected))
    await city.place_order("o1")

    await city.ask_assessment(parameters_json='{"diameter": 40}')
    (assessed,) = await wait_for(ConfigurationAssessed)
    assert assessed.extent.x_mm == pytest.approx(40, abs=0.01)
    assert {each.profile_id for each in assessed.profiles} == set(machine_profiles())
    mk4 = next(each for each in assessed.profiles if each.profile_id == "prusa-mk4")
    assert mk4.makeable
    assert mk4.plate_capacity >= 12

    await city.ask_program(parameters_json='{"diameter": 40.0}')
    (program,) = await wait_for(NcProgramVerified)
    assert program.minutes == pytest.approx(mk4.setup_minutes + 2 * mk4.minutes_per_part, rel=0.2)
    assert program.grams == pytest.approx(2 * mk4.grams_per_part, rel=0.1)
    assert len(program.placements) == 2

    shown = (await api.get(f"{BASE}/programs/{program.program_id}")).json()
    content = await api.get(shown["content"])
    assert hashlib.sha256(content.content).hexdigest() == program.program_sha256 == shown["sha256"]
    assert b"G1" in content.content
    assert shown["engine"] == FDM_ENGINE, "the engine that wrote it is not the one in the keys"
    assert (await api.get(shown["verification"])).json()["passed"] is True
    starts = {"step": b"ISO-10303-21", "glb": b"glTF", "toolpath.png": b"\x89PNG"}
    for artefact in shown["artefacts"]:
        body = (await api.get(artefact["url"])).content
        assert hashlib.sha256(body).hexdigest() == artefact["sha256"]
        assert body.startswith(starts.get(artefact["name"], b""))
    assert (await api.get(shown["content"], headers=keys("buyer"))).status_code == 403

    estimate = await api.post(f"{BASE}/estimates", json={"design": "coffee-knob", "material": "pla"})
    assert estimate.json()["makeable"] is True


async def test_designs_that_are_at_fault_are_refused_and_harm_nobody(api, city, wait_for, mesh):
    forks = "import os\nwhile True:\n    os.fork()\n"
    for number, source in enumerate((forks, "import cadquery\nshow_object(1)\n", "def")):
        version_id = f"v{number}"
        await city.release_design(version_id=version_id, version=number + 1, model_source=source, parameters=[])
        await city.ask_assessment(f"o{number}", version_id=version_id)
        await city.ask_program(f"j{number}", version_id=version_id)
    refused = {each.order_id: each for each in await wait_for(ConfigurationRefused, 3)}
    assert set(refused) == {"o0", "o1", "o2"}
    assert all(each.findings[0].severity == "error" for each in refused.values())
    assert len(await wait_for(FabricationRefused, 3)) == 3
    question = InspectModel(model_source="import cadquery as cq\nshow_object(cq.Workplane().box(1, 2, 3))\n")
    inspected = await ask(mesh, question, ModelInspected, source="catalog", timeout_s=60)
    assert inspected.volume_mm3 == pytest.approx(6)


async def test_killed_workers_are_started_again_and_the_order_is_answered(api, city, wait_for):
    source = (KNOB / "model.py").read_text()
    await city.release_design(model_source=source, parameters=[])
    for template in children_of(os.getpid(), "fabrication.cad.template"):
        os.kill(template, signal.SIGKILL)
    await city.ask_assessment()
    (assessed,) = await wait_for(ConfigurationAssessed)
    assert json.loads(assessed.parameters_json) == {}
    assert assessed.volume_mm3 > 1000


def children_of(parent: int, module: str) -> list[int]:
    """Processes of this one that run a module."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            command = (status.parent / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if int(fields[1]) == parent and module in command:
            found.append(int(status.parent.name))
    return found
