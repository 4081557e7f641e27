"""What fabrication keeps of others, and what it tells at its start."""

from __future__ import annotations

import pytest

from fabmesh.catalog.v1.events_pb2 import DesignVersionWithdrawn, Parameter
from fabmesh.fabrication.v1.events_pb2 import MachineProfileReleased
from fabrication.data.library import machine_profiles
from messaging.dead_letters import browse

pytestmark = pytest.mark.integration


async def test_every_profile_is_told_once_however_often_the_service_starts(running, sent, sql, eventually):
    async with running(), running("consumers,relay"):

        async def told():
            return len(await sent(MachineProfileReleased)) >= len(machine_profiles())

        await eventually(told)
    async with running("consumers,relay"):

        async def sent_all():
            return await sql("select 1 where not exists (select from outbox where published_at is null)")

        await eventually(sent_all)
    messages = await sent(MachineProfileReleased)
    assert sorted(each.profile_id for each in messages) == sorted(machine_profiles())
    mk4 = next(each for each in messages if each.profile_id == "prusa-mk4")
    assert (mk4.revision, mk4.process, mk4.volume.x_mm) == ("1", "fdm", 250.0)
    assert {"petg", "pla"} <= set(mk4.material_ids)


async def test_a_new_revision_is_told_again(running, sent, sql, eventually):
    async with running("consumers,relay"):

        async def told():
            return len(await sent(MachineProfileReleased)) >= len(machine_profiles())

        await eventually(told)
    await sql("update released_profiles set revision = 0 where profile_id = 'ender-3-v2'")
    async with running("consumers,relay"):

        async def again():
            return len(await sent(MachineProfileReleased)) > len(machine_profiles())

        await eventually(again)
    assert [each.profile_id for each in await sent(MachineProfileReleased)][-1] == "ender-3-v2"


async def test_a_version_is_kept_as_it_was_first_released(api, city, sql):
    released = await city.release_design()
    await city.emit(city.design(design_id=released.design_id, slug="changed"), released.design_id)
    await city.release_design(version_id="second", design_id=released.design_id, version=2)
    assert await sql("select version_id, slug from design_versions order by version") == [
        (city.version_id, "coffee-knob"),
        ("second", "coffee-knob"),
    ]


async def test_a_withdrawal_waits_for_its_release(api, city, sql, eventually):
    withdrawn = DesignVersionWithdrawn(design_id="d", version_id=city.version_id, version=1)
    await city.emit(withdrawn, "elsewhere")
    await city.release_design()

    async def marked():
        return await sql("select 1 from design_versions where withdrawn_at is not null")

    await eventually(marked)


async def test_a_release_with_an_unreadable_value_is_dead_lettered(api, city, mesh, eventually):
    broken = city.design(parameters=[Parameter(name="x", kind="number", default_json="{")])
    await city.emit(broken, broken.design_id)

    async def dead():
        return [each async for each in browse(mesh.jetstream(), service="fabrication")]

    (letter,) = await eventually(dead)
    assert "no JSON" in letter.reason
