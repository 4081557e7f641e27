"""Estimates over HTTP, and the requests that the workers answer."""

from __future__ import annotations

import httpx
import pytest

from fabmesh.fabrication.v1.requests_pb2 import (
    ConfigurationEstimated,
    EstimateConfiguration,
    InspectModel,
    ModelInspected,
)
from fabrication.domain.errors import CadRefused
from messaging.errors import RequestFailed
from messaging.requests import ask

pytestmark = pytest.mark.integration
URL = "/fabrication/v1/estimates"


async def test_an_estimate_is_computed_once_and_shared_with_orders(api, city, cad, keys):
    released = await city.release_design()
    body = {"design": "coffee-knob", "parameters": {"diameter": 40}, "material": "petg"}
    answer = await api.post(URL, json=body, headers=keys("buyer"))
    shown = answer.json()
    assert answer.status_code == 200
    assert shown["design"] == {"id": released.design_id, "slug": "coffee-knob", "version": 1}
    assert shown["parameters"] == {"diameter": 40, "grips": 10, "wall": 2}
    assert shown["extent_mm"] == {"x": 36.0, "y": 36.0, "z": 18.0}
    assert (shown["makeable"], shown["mass_g"]) == (True, pytest.approx(11.43))
    mini = next(each for each in shown["profiles"] if each["profile"] == "prusa-mini")
    assert (mini["plate_capacity"], mini["grams_per_part"], mini["findings"]) == (16, 11.5, [])
    again = await api.post(URL, json=body | {"design": released.design_id, "version": 1})
    assert again.json() == shown
    assert len(cad.jobs) == 1


async def test_without_workers_only_what_is_known_is_answered(running, city, keys):
    body = {"design": "coffee-knob", "material": "petg"}
    async with running() as url, httpx.AsyncClient(base_url=url, headers=keys("buyer")) as client:
        await city.release_design()
        assert (await client.post(URL, json=body)).status_code == 200
    async with running("api") as url, httpx.AsyncClient(base_url=url, headers=keys("buyer")) as client:
        assert (await client.post(URL, json=body)).status_code == 200
        away = await client.post(URL, json=body | {"parameters": {"diameter": 41}})
        assert (away.status_code, away.json()["type"]) == (503, "urn:fabmesh:problem:cad-away")
        assert away.headers["retry-after"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"design": "nothing"}, "unknown-design"),
        ({"version": 2}, "unknown-version"),
        ({"material": "tpu95"}, "material-not-allowed"),
        ({"parameters": {"radius": 1}}, "unknown-parameter"),
        ({"parameters": {"diameter": 61}}, "parameter-out-of-bounds"),
        ({"parameters": {"grips": 7}}, "parameter-out-of-bounds"),
        ({"parameters": {"wall": 3}}, "parameter-not-adjustable"),
        ({"parameters": {"diameter": "40"}}, "invalid-parameter"),
        ({"parameters": {"diameter": None}}, "invalid-parameter"),
        ({"parameters": {"diameter": True}}, "invalid-parameter"),
        ({"parameters": []}, "invalid-request"),
        ({"color": "red"}, "invalid-request"),
    ],
)
async def test_what_the_design_does_not_offer_is_said(api, city, cad, change, code):
    await city.release_design()
    answer = await api.post(URL, json={"design": "coffee-knob", "material": "petg"} | change)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:fabmesh:problem:{code}")
    assert cad.jobs == []


async def test_a_configuration_that_is_no_part_comes_with_findings(api, city, cad):
    cad.refusal = CadRefused("invalid-solid", "body 1 is not a valid solid")
    await city.release_design()
    answer = await api.post(URL, json={"design": "coffee-knob", "material": "petg"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fabmesh:problem:configuration-refused")
    assert [each["code"] for each in answer.json()["findings"]] == ["invalid-solid"]


async def test_the_workers_tell_what_a_script_declares(api, mesh):
    question = InspectModel(model_source="diameter = 36.0\nlabel = 'a'\n")
    found = await ask(mesh, question, ModelInspected, source="catalog", timeout_s=5)
    assert [(each.name, each.kind, each.default_json) for each in found.parameters] == [
        ("diameter", "number", "36.0"),
        ("label", "text", '"a"'),
    ]
    assert (found.bodies, found.volume_mm3, found.extent.z_mm) == (1, 9000.0, 18.0)
    assert not found.findings


async def test_a_script_that_is_refused_or_crashes_the_workers_is_told_with_findings(api, mesh, cad):
    cad.refusal = CadRefused("script-error", "line 1: SyntaxError")
    found = await ask(mesh, InspectModel(model_source="("), ModelInspected, source="catalog", timeout_s=5)
    assert [each.code for each in found.findings] == ["script-error"]
    cad.refusal, cad.crashes = None, 3
    found = await ask(mesh, InspectModel(model_source="x = 1"), ModelInspected, source="catalog", timeout_s=5)
    assert [each.code for each in found.findings] == ["cad-worker-crashed"]
    found = await ask(
        mesh, InspectModel(model_source="x = 1", requires=["../etc==1"]), ModelInspected, source="catalog", timeout_s=5
    )
    assert [each.code for each in found.findings] == ["package-not-offered"]


async def test_what_cannot_be_answered_now_has_its_code(api, mesh, cad, city):
    with pytest.raises(RequestFailed, match="unknown-version"):
        await ask(mesh, EstimateConfiguration(version_id="v"), ConfigurationEstimated, source="x", timeout_s=5)
    cad.broken = True
    with pytest.raises(RequestFailed, match="cad-away"):
        await ask(mesh, InspectModel(model_source="x = 1"), ModelInspected, source="catalog", timeout_s=5)
