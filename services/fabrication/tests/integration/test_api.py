"""The public API: who sees what of a program, its files, machine profiles."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute

from chassis.auth import Requires
from fabmesh.fabrication.v1.events_pb2 import NcProgramVerified
from fabmesh.routing.v1.requests_pb2 import CheckDownload, DownloadChecked
from fabrication.api.access import RequiresDownload
from fabrication.data.library import machine_profiles
from fabrication.main import SERVICE
from messaging.requests import serve

pytestmark = pytest.mark.integration
BASE = "/fabrication/v1"
DOWNLOAD_KEY = "dl_" + "a" * 64


@pytest.fixture
async def program(api, city, sent, eventually):
    """A program that was made for an order of the buyer."""
    await city.release_design()
    await city.place_order("o1")
    await city.ask_program()

    async def there():
        return await sent(NcProgramVerified)

    (found,) = await eventually(there)
    return found


@pytest.fixture
async def routing(mesh):
    """Routing, which vouches for one download key and one program."""
    asked, granted = [], {}

    async def check(question: CheckDownload) -> DownloadChecked:
        asked.append(question)
        return DownloadChecked(allowed=granted.get(question.key_sha256) == question.program_id, hub_id="hub-1")

    subscription = await serve(mesh, CheckDownload, check, service="routing")
    await mesh.flush()
    yield asked, granted
    await subscription.unsubscribe()


async def test_machine_profiles_are_listed(api):
    answer = (await api.get(f"{BASE}/machine-profiles")).json()
    assert {each["id"] for each in answer["items"]} == set(machine_profiles())
    assert answer["next_cursor"] is None
    mk4 = next(each for each in answer["items"] if each["id"] == "prusa-mk4")
    assert mk4["volume_mm"] == {"x": 250.0, "y": 210.0, "z": 220.0}
    assert "petg" in mk4["materials"]


async def test_a_program_shows_what_it_makes_and_its_files(api, program, city):
    answer = await api.get(f"{BASE}/programs/{program.program_id}")
    shown = answer.json()
    assert shown["id"] == program.program_id
    assert shown["design"]["slug"] == "coffee-knob"
    assert (shown["version_id"], shown["material"]) == (city.version_id, "petg")
    assert shown["profile"] == {"id": "prusa-mk4", "revision": 1}
    assert shown["parameters"] == {"diameter": 36, "grips": 10, "wall": 2}
    assert (shown["sha256"], shown["bytes"]) == (program.program_sha256, program.program_bytes)
    assert (shown["minutes"], shown["grams"], shown["quantity"]) == (70.0, 23.0, 2)
    assert shown["placements"][0][0] == [1.0, 0.0, 0.0, 90.0]
    assert shown["verified"] is True
    assert [each["name"] for each in shown["artefacts"]] == ["step", "stl", "glb", "toolpath.png"]
    report = (await api.get(shown["verification"])).json()
    assert (report["passed"], report["program_sha256"]) == (True, program.program_sha256)


@pytest.mark.parametrize(
    ("caller", "program_status", "content_status"),
    [("operator", 200, 200), ("owner", 200, 200), ("buyer", 200, 403), ("stranger", 404, 404)],
)
async def test_everybody_sees_what_is_theirs(api, program, keys, caller, program_status, content_status):
    async def status(path):
        answer = await api.get(f"{BASE}/programs/{program.program_id}{path}", headers=keys(caller))
        return answer.status_code

    assert await status("") == program_status
    assert await status("/verification") == program_status
    assert await status("/content") == content_status
    for name in ("step", "stl", "glb", "toolpath.png"):
        assert await status(f"/artefacts/{name}") == content_status


async def test_a_program_is_loaded_whole_with_its_digest(api, program):
    answer = await api.get(f"{BASE}/programs/{program.program_id}/content")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-length"] == str(program.program_bytes) == str(len(answer.content))
    assert hashlib.sha256(answer.content).hexdigest() == program.program_sha256
    assert answer.headers["etag"] == f'"{program.program_sha256}"'
    again = await api.get(
        f"{BASE}/programs/{program.program_id}/content", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_model_is_loaded_by_its_name(api, program):
    shown = (await api.get(f"{BASE}/programs/{program.program_id}")).json()
    for artefact in shown["artefacts"]:
        answer = await api.get(artefact["url"])
        assert answer.headers["content-type"] == artefact["media_type"]
        assert hashlib.sha256(answer.content).hexdigest() == artefact["sha256"]


@pytest.mark.parametrize(
    "path",
    [
        "/programs/nothing",
        "/programs/nothing/content",
        "/programs/nothing/verification",
        "/programs/nothing/artefacts/stl",
    ],
)
async def test_what_is_not_there_is_a_404(api, path):
    answer = await api.get(BASE + path)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:fabmesh:problem:no-such-program")


async def test_an_artefact_of_another_name_is_a_404_and_a_nul_is_refused(api, program):
    answer = await api.get(f"{BASE}/programs/{program.program_id}/artefacts/plan.json")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:fabmesh:problem:no-such-artefact")
    assert (await api.get(f"{BASE}/programs/a%00b/content")).status_code == 422


async def test_a_file_that_is_gone_or_damaged_is_never_sent(api, program, settings):
    root = Path(urlsplit(settings.artefacts).path)
    kept = root / program.program_sha256[:2] / program.program_sha256
    kept.chmod(0o600)
    kept.write_bytes(b"short")
    answer = await api.get(f"{BASE}/programs/{program.program_id}/content")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:fabmesh:problem:artefact-damaged")
    kept.unlink()
    answer = await api.get(f"{BASE}/programs/{program.program_id}/content")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:fabmesh:problem:artefact-away")


async def test_a_hub_loads_with_the_key_it_was_granted_for_this_program_alone(api, program, routing):
    asked, granted = routing
    granted[hashlib.sha256(DOWNLOAD_KEY.encode()).digest()] = program.program_id
    headers = {"Authorization": f"Bearer {DOWNLOAD_KEY}"}
    answer = await api.get(f"{BASE}/programs/{program.program_id}/content", headers=headers)
    assert hashlib.sha256(answer.content).hexdigest() == program.program_sha256
    assert [each.program_id for each in asked] == [program.program_id]
    granted.clear()
    refused = await api.get(f"{BASE}/programs/{program.program_id}/content", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:fabmesh:problem:download-not-granted")
    assert len(asked) == 2


async def test_a_download_key_opens_nothing_but_content(api, program, routing):
    asked, granted = routing
    granted[hashlib.sha256(DOWNLOAD_KEY.encode()).digest()] = program.program_id
    headers = {"Authorization": f"Bearer {DOWNLOAD_KEY}"}
    for path in ("", "/verification", "/artefacts/stl", "/artefacts/step"):
        answer = await api.get(f"{BASE}/programs/{program.program_id}{path}", headers=headers)
        assert answer.status_code == 401
    assert asked == []


async def test_other_keys_are_never_shown_to_routing(api, program, routing):
    for key in ("fm_" + "0" * 64, "DL_x", "dl"):
        headers = {"Authorization": f"Bearer {key}"}
        answer = await api.get(f"{BASE}/programs/{program.program_id}/content", headers=headers)
        assert answer.status_code == 401
    assert routing[0] == []


async def test_without_routing_nobody_is_let_in_by_a_download_key(api, program):
    headers = {"Authorization": f"Bearer {DOWNLOAD_KEY}"}
    answer = await api.get(f"{BASE}/programs/{program.program_id}/content", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:fabmesh:problem:routing-away")
    assert answer.headers["retry-after"]


async def test_a_key_without_the_scope_is_refused(api, program, sql):
    await sql("update access_keys set scopes = '{fabrication:read}' where organisation_id = 'org-operator'")
    assert (await api.get(f"{BASE}/programs/{program.program_id}")).status_code == 200
    for path in ("/content", "/artefacts/stl"):
        answer = await api.get(f"{BASE}/programs/{program.program_id}{path}")
        assert (answer.status_code, answer.json()["scope"]) == (403, "artefacts:read")


def test_every_route_asks_who_calls():
    routes = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    guards = {
        route.path: [each.call for each in route.dependant.dependencies if isinstance(each.call, Requires)]
        for route in routes
    }
    assert all(guards.values())
    by_download_key = [path for path, calls in guards.items() if isinstance(calls[0], RequiresDownload)]
    assert by_download_key == [f"{BASE}/programs/{{program_id}}/content"]
