"""ProgramJobOrder → NcProgramVerified or FabricationRefused."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy.exc import IntegrityError

from fabmesh.fabrication.v1.events_pb2 import FabricationRefused, NcProgramVerified
from fabrication.domain.errors import CadRefused
from fabrication.domain.programs import Violation
from messaging.streams import ARTEFACTS, apply

pytestmark = pytest.mark.integration


@pytest.fixture
def heard(sent, eventually):
    async def wait(kind=NcProgramVerified, count=1):
        async def enough():
            found = await sent(kind)
            return found if len(found) >= count else None

        return await eventually(enough)

    return wait


async def test_a_job_order_gets_a_program_that_lies_in_the_artefact_store(api, city, cad, heard, settings, sql):
    await city.release_design()
    await city.ask_program(parameters_json='{"diameter": 40}')
    (found,) = await heard()
    assert (found.job_order_id, found.order_id, found.fencing_token) == ("j1", "o1", 7)
    assert (found.hub_id, found.machine_id) == ("hub-1", "machine-1")
    assert (found.minutes, found.grams, len(found.placements)) == (70.0, 23.0, 2)
    assert list(found.placements[0].matrix) == [1, 0, 0, 90, 0, 1, 0, 80, 0, 0, 1, 0, 0, 0, 0, 1]
    assert cad.jobs == [("program", {"diameter": 40}, "prusa-mk4", "petg", 2)]
    root = Path(urlsplit(settings.artefacts).path)
    kept = root / found.program_sha256[:2] / found.program_sha256
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == found.program_sha256
    assert kept.stat().st_size == found.program_bytes
    assert list((cad.folder / "programs").iterdir()) == []
    assert await sql("select job_order_id, fencing_token, hub_id, machine_id, program_id from releases") == [
        ("j1", 7, "hub-1", "machine-1", found.program_id)
    ]


async def test_a_command_that_comes_twice_is_answered_twice_and_released_once(api, city, cad, heard, sql):
    await city.release_design()
    await city.ask_program()
    await city.ask_program()
    first, second = await heard(count=2)
    assert first == second
    assert len(cad.jobs) == 1
    assert await sql("select count(*) from releases") == [(1,)]


async def test_moving_to_an_equal_machine_is_a_row_and_no_cad(api, city, cad, heard, sql):
    await city.release_design()
    await city.ask_program()
    await heard()
    await city.ask_program("j1", hub_id="hub-2", machine_id="machine-9", fencing_token=8)
    await city.ask_program("j2", order_id="o2", parameters_json='{"diameter": 36.0}', fencing_token=9)
    answers = {(each.job_order_id, each.fencing_token): each for each in await heard(count=3)}
    assert len({each.program_id for each in answers.values()}) == 1
    assert answers["j1", 8].machine_id == "machine-9"
    assert answers["j2", 9].order_id == "o2"
    assert len(cad.jobs) == 1
    assert await sql("select count(*) from releases") == [(3,)]


@pytest.mark.parametrize(
    "change",
    [{"quantity": 3}, {"profile_id": "prusa-mini"}, {"material_id": "pla"}, {"parameters_json": '{"grips": 8}'}],
)
async def test_another_plate_is_another_program(api, city, cad, heard, change):
    await city.release_design()
    await city.ask_program()
    await city.ask_program("j2", **change)
    one, other = await heard(count=2)
    assert one.program_id != other.program_id
    assert one.program_sha256 != other.program_sha256
    assert len(cad.jobs) == 2


async def test_a_program_that_fails_its_verification_is_kept_and_never_released(api, city, cad, heard, sent, sql):
    cad.violations = (Violation("feed-too-high", "F90000 is more than the machine can", 17, (1.0, 2.0, 3.0)),)
    await city.release_design()
    await city.ask_program("j1")
    await city.ask_program("j2")
    first, second = await heard(FabricationRefused, count=2)
    assert (first.job_order_id, first.order_id, first.fencing_token) == ("j1", "o1", 7)
    assert first.findings == second.findings
    assert [(each.code, each.detail, each.at.z_mm) for each in first.findings] == [
        ("feed-too-high", "line 17: F90000 is more than the machine can", 3.0)
    ]
    assert len(cad.jobs) == 1
    assert await sent(NcProgramVerified) == []
    assert await sql("select * from releases") == []
    ((program_id,),) = await sql("select id from programs where not verified")
    with pytest.raises(IntegrityError):
        await sql("insert into releases values ('j1', 7, 'o1', 'h', 'm', :p)", p=program_id)
    with pytest.raises(IntegrityError):
        await sql("insert into releases values ('j1', 7, 'o1', 'h', 'm', :p, false)", p=program_id)


async def test_a_design_that_cannot_be_made_there_is_refused_with_findings(api, city, cad, heard):
    cad.refusal = CadRefused("too-big", "it does not fit")
    await city.release_design()
    await city.ask_program("j1")
    await city.ask_program("j2", profile_id="moon-printer")
    await city.ask_program("j3", material_id="cheese")
    answers = {each.job_order_id: each.findings[0].code for each in await heard(FabricationRefused, count=3)}
    assert answers == {"j1": "too-big", "j2": "unknown-profile", "j3": "unknown-material"}


async def test_a_program_that_crashes_the_workers_is_refused_after_three_attempts(api, city, cad, heard):
    cad.crashes = 3
    await city.release_design()
    await city.ask_program()
    (answer,) = await heard(FabricationRefused)
    assert [each.code for each in answer.findings] == ["cad-worker-crashed"]
    assert len(cad.jobs) == 3


async def test_a_package_that_is_not_offered_is_refused(api, city, cad, heard):
    await city.release_design(requires=["cq-warehouse==1.0"])
    await city.ask_program()
    (answer,) = await heard(FabricationRefused)
    assert [each.code for each in answer.findings] == ["package-not-offered"]
    assert cad.jobs == []


async def test_a_full_artefact_store_refuses_nobody_and_is_told(running, city, cad, heard, sent, mesh, eventually):
    js = mesh.jetstream()
    await apply(js, [replace(ARTEFACTS, max_bytes=1_000_000)])
    cad.padding = 400_000
    async with running(artefacts="jetstream://artefacts") as url, httpx.AsyncClient(base_url=url) as client:
        await city.release_design()
        await city.ask_program()

        async def told():
            answer = await client.get("/readyz")
            return answer.status_code == 503 and "artefact store is full" in answer.json()["detail"]

        await eventually(told)
        assert await sent(NcProgramVerified) == await sent(FabricationRefused) == []
        await apply(js, [ARTEFACTS])
        await heard()
        assert (await client.get("/readyz")).status_code == 200
    await js.delete_stream(ARTEFACTS.name)


async def test_a_process_that_is_stopped_gives_its_job_back_and_another_makes_it(running, city, cad, heard, sent):
    cad.gate = asyncio.Event()
    async with running("consumers,workers"):
        await city.release_design()
        await city.ask_program()
        async with asyncio.timeout(10):
            while not cad.jobs:
                await asyncio.sleep(0.02)
    assert await sent(NcProgramVerified) == []
    cad.gate = None
    async with running("relay,workers"):
        (found,) = await heard()
    assert found.job_order_id == "j1"


async def test_two_processes_work_side_by_side(running, city, cad, heard):
    cad.gate = asyncio.Event()
    async with running("consumers,relay,workers"), running("workers"):
        await city.release_design()
        for number in range(4):
            await city.ask_program(f"j{number}", quantity=number + 1)
        async with asyncio.timeout(10):
            while len(cad.jobs) < 2:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert len(cad.jobs) == 2
        cad.gate.set()
        assert {each.job_order_id for each in await heard(count=4)} == {"j0", "j1", "j2", "j3"}
