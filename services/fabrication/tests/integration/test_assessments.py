"""AssessConfiguration → ConfigurationAssessed or ConfigurationRefused."""

from __future__ import annotations

import json

import httpx
import pytest

from fabmesh.catalog.v1.events_pb2 import DesignVersionWithdrawn
from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, ConfigurationRefused
from fabrication.data.library import machine_profile, machine_profiles
from fabrication.domain.errors import CadRefused

pytestmark = pytest.mark.integration


@pytest.fixture
def assessed(sent, eventually):
    async def wait(count=1):
        async def enough():
            found = await sent(ConfigurationAssessed)
            return found if len(found) >= count else None

        return await eventually(enough)

    return wait


@pytest.fixture
def refused(sent, eventually):
    async def wait(order_id="o1"):
        async def there():
            return [each for each in await sent(ConfigurationRefused) if each.order_id == order_id]

        (only,) = await eventually(there)
        return only

    return wait


async def test_an_order_hears_what_its_configuration_is_on_every_profile(api, city, assessed):
    await city.release_design()
    await city.ask_assessment(parameters_json='{"diameter": 40.0, "grips": 10, "wall": 2}')
    (found,) = await assessed()
    assert (found.order_id, found.version_id, found.material_id) == ("o1", city.version_id, "petg")
    assert json.loads(found.parameters_json) == {"diameter": 40, "grips": 10, "wall": 2}
    assert (found.extent.x_mm, found.extent.y_mm, found.extent.z_mm) == (36, 36, 18)
    assert found.mass_g == pytest.approx(9.0 * 1.27)
    assert {each.profile_id for each in found.profiles} == set(machine_profiles())
    mini = next(each for each in found.profiles if each.profile_id == "prusa-mini")
    setup = machine_profile("prusa-mini").start_s / 60
    assert (mini.setup_minutes, mini.setup_minutes + mini.minutes_per_part) == (setup, 35.0)
    assert (mini.makeable, mini.grams_per_part, mini.plate_capacity) == (True, 11.5, 16)


async def test_the_script_keeps_its_own_literals_unless_a_parameter_differs(api, city, cad, assessed):
    await city.release_design()
    await city.ask_assessment(parameters_json='{"diameter": 36, "grips": 8, "wall": 2}')
    await assessed()
    assert [job[2] for job in cad.jobs] == [{"grips": 8}]


async def test_what_was_assessed_once_is_never_built_again(api, city, cad, assessed, sql):
    await city.release_design()
    await city.ask_assessment("o1", parameters_json='{"diameter": 36.0}')
    (first,) = await assessed()
    await city.ask_assessment("o2", parameters_json='{"wall": 2, "diameter": 36, "grips": 10}')
    await city.ask_assessment("o1", parameters_json='{"diameter": 36.0}')
    second, third = (await assessed(3))[1:]
    assert (second.order_id, third.order_id) == ("o2", "o1")
    assert {first.assessment_id} == {second.assessment_id, third.assessment_id}
    assert len(cad.jobs) == 1
    await city.ask_assessment("o3", material_id="pla")
    assert (await assessed(4))[-1].material_id == "pla"
    assert len(cad.jobs) == 2


async def test_a_command_that_comes_before_the_design_waits_for_it(api, city, cad, assessed):
    await city.ask_assessment()
    await city.release_design()
    (found,) = await assessed()
    assert found.order_id == "o1"


async def test_a_design_that_is_no_part_is_refused_and_the_refusal_is_kept(api, city, cad, refused):
    cad.refusal = CadRefused("script-error", "line 3: ValueError: no")
    await city.release_design()
    await city.ask_assessment("o1")
    await city.ask_assessment("o2")
    first, second = await refused("o1"), await refused("o2")
    assert [(each.code, each.severity) for each in first.findings] == [("script-error", "error")]
    assert first.findings == second.findings
    assert len(cad.jobs) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parameters_json": '{"radius": 3}'}, "unknown-parameter"),
        ({"parameters_json": '{"diameter": "big"}'}, "invalid-parameter"),
        ({"parameters_json": "[]"}, "invalid-parameter"),
        ({"parameters_json": "{"}, "invalid-parameter"),
        ({"parameters_json": '{"diameter": 1e999}'}, "invalid-parameter"),
        ({"material_id": "cheese"}, "unknown-material"),
    ],
)
async def test_what_cannot_be_configured_is_refused_with_its_reason(api, city, cad, refused, changes, code):
    await city.release_design()
    await city.ask_assessment(**changes)
    assert [each.code for each in (await refused()).findings] == [code]
    assert cad.jobs == []


async def test_a_withdrawn_version_is_refused(api, city, refused, sql, eventually):
    released = await city.release_design()
    withdrawn = DesignVersionWithdrawn(design_id=released.design_id, version_id=city.version_id, version=1)
    await city.emit(withdrawn, released.design_id)

    async def marked():
        return await sql("select 1 from design_versions where withdrawn_at is not null")

    await eventually(marked)
    await city.ask_assessment()
    assert [each.code for each in (await refused()).findings] == ["design-withdrawn"]


async def test_a_design_that_crashes_the_workers_is_tried_three_times_then_refused(api, city, cad, refused, sql):
    cad.crashes = 3
    await city.release_design()
    await city.ask_assessment()
    assert [each.code for each in (await refused()).findings] == ["cad-worker-crashed"]
    assert len(cad.jobs) == 3
    assert await sql("select * from assessments") == []


async def test_a_crash_that_does_not_repeat_is_not_seen(api, city, cad, assessed):
    cad.crashes = 2
    await city.release_design()
    await city.ask_assessment()
    await assessed()
    assert len(cad.jobs) == 3


async def test_workers_that_cannot_start_refuse_nobody(running, city, cad, sent, assessed, eventually):
    cad.broken = True
    async with running(wait=False) as url, httpx.AsyncClient() as client:
        await city.release_design()
        await city.ask_assessment()

        async def told():
            answer = await client.get(url + "/readyz")
            return answer.status_code == 503 and "there is no CAD here" in answer.json()["detail"]

        await eventually(told)
        assert await sent(ConfigurationRefused) == []
        cad.broken = False
        (found,) = await assessed()
        assert found.order_id == "o1"
        assert len(cad.jobs) == 1
