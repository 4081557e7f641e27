"""Searching and reading the digital inventory; materials; the seed command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from catalog import cli
from catalog.data.library import material_library
from catalog.messages import MaterialReleased
from catalog.seeding import Edge, publish_all
from catalog.settings import CatalogSettings

from .conftest import MODEL, Caller, Fabrication, SignUp, design, running

pytestmark = pytest.mark.integration

INVENTORY = {
    "coffee-knob": design(),
    "drain-plug": design("drain-plug")
    .replace("Knob for a coffee machine", "Drain 100% plug")
    .replace('["petg", "pla"]', '["tpu95"]')
    .replace('"Coffee", "knob"', '"bathroom"')
    .replace("Brunello", "Nordhaus")
    .replace("Classica 2", "Basin 40")
    .replace("BR-0412", "NH-2201"),
    "spur-gear": design("spur-gear").replace("Knob for a coffee machine", "Spur gear").replace('"Coffee", ', ""),
}


@pytest.fixture
async def inventory(acme: Caller, fabrication: Fabrication) -> Caller:
    for toml in INVENTORY.values():
        assert (await acme.publish(toml=toml)).status_code == 201
    return acme


SEARCHES = [
    ("", ["coffee-knob", "drain-plug", "spur-gear"]),
    ("fits=brunello", ["coffee-knob", "spur-gear"]),
    ("fits=BR0412", ["coffee-knob", "spur-gear"]),
    ("fits=nordhaus%20basin", ["drain-plug"]),
    ("fits=brunello%20basin", []),
    ("fits=nordhaus&material=pla", []),
    ("q=KNOB%20coffee", ["coffee-knob"]),
    ("q=100%25", ["drain-plug"]),
    ("q=_", []),
    ("material=tpu95", ["drain-plug"]),
    ("tag=knob", ["coffee-knob", "spur-gear"]),
    ("tag=COFFEE", ["coffee-knob"]),
    ("tag=nothing", []),
]


async def test_designs_are_found(inventory: Caller) -> None:
    for query, found in SEARCHES:
        answer = (await inventory.http.get(f"/catalog/v1/designs?{query}")).json()
        assert [item["slug"] for item in answer["items"]] == found, query
        assert answer["next_cursor"] is None


async def test_pages_follow_each_other(inventory: Caller) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = (await inventory.http.get(f"/catalog/v1/designs?limit=1{cursor and '&cursor=' + cursor}")).json()
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == list(INVENTORY)
    assert (await inventory.http.get("/catalog/v1/designs?cursor=rubbish")).status_code == 400
    assert (await inventory.http.get("/catalog/v1/designs?limit=0")).status_code == 422


async def test_an_item_says_what_can_be_ordered(inventory: Caller) -> None:
    item = (await inventory.http.get("/catalog/v1/designs?fits=Classica")).json()["items"][0]
    assert item["materials"] == ["petg", "pla"]
    assert item["processes"] == ["fdm"]
    assert item["licence"] == {"kind": "per-part", "fee": {"amount": "1.50", "currency": "EUR"}, "territory": ""}
    assert item["fits"] == [{"maker": "Brunello", "model": "Classica 2", "part_number": "BR-0412"}]
    assert item["parameters"][0] == {
        "name": "diameter",
        "kind": "number",
        "default": 36.0,
        "adjustable": True,
        "min": 28.0,
        "max": 60.0,
        "step": 0.5,
        "unit": "mm",
    }


async def test_a_design_and_version_go_by_either_name(inventory: Caller) -> None:
    shown = (await inventory.http.get("/catalog/v1/designs/coffee-knob")).json()
    assert (await inventory.http.get(f"/catalog/v1/designs/{shown['id']}")).json() == shown
    by_number = await inventory.http.get("/catalog/v1/designs/coffee-knob/versions/1")
    by_id = await inventory.http.get(f"/catalog/v1/designs/{shown['id']}/versions/{shown['version_id']}")
    assert by_number.json() == by_id.json()
    assert by_number.headers["ETag"] == f'"{shown["content_sha256"]}"'


async def test_what_is_not_there_is_a_404(inventory: Caller) -> None:
    for path in ("nothing", "coffee-knob/versions/2", "coffee-knob/versions/x", "coffee-knob/versions/²"):
        answer = await inventory.http.get(f"/catalog/v1/designs/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await inventory.http.get("/catalog/v1/designs/%00")).status_code == 422


async def test_materials_are_there_and_announced_once(
    acme: Caller, released: Any, settings: CatalogSettings, observed: Any
) -> None:
    library = {material.id for material in material_library()}
    listed = (await acme.http.get("/catalog/v1/materials")).json()["items"]
    assert {item["id"] for item in listed} == library
    petg = (await acme.http.get("/catalog/v1/materials/petg")).json()
    assert petg["density_g_per_cm3"] == 1.27
    assert petg["sources"]["density_g_per_cm3"]
    assert (await acme.http.get("/catalog/v1/materials/wood")).status_code == 404
    events = await released(MaterialReleased, len(library))
    other_port = settings.model_copy(update={"http_port": settings.http_port + 1})
    async with running(other_port, observed):
        assert len(await released(MaterialReleased, len(library))) == len(events) == len(library)


async def test_a_material_that_changed_is_announced_again(
    acme: Caller, released: Any, settings: CatalogSettings, observed: Any, sql: Any
) -> None:
    await sql("update materials set content_sha256 = 'older' where id = 'asa'")
    async with running(settings.model_copy(update={"http_port": settings.http_port + 1}), observed):
        events = await released(MaterialReleased, len(material_library()) + 1)
    assert [event.material_id for event in events].count("asa") == 2


def _write(folder: Path, name: str, toml: str, model: str = MODEL) -> None:
    (folder / name).mkdir()
    (folder / name / "design.toml").write_text(toml)
    (folder / name / "model.py").write_text(model)


async def test_a_folder_of_designs_is_seeded_and_seeding_again_changes_nothing(
    operator: Caller, url: str, fabrication: Fabrication, tmp_path: Path
) -> None:
    for name, toml in INVENTORY.items():
        _write(tmp_path, name, toml)
    folders = sorted(tmp_path.iterdir())
    edge = Edge(url, operator.key, patience_s=5)
    first = await asyncio.to_thread(lambda: list(publish_all(folders, edge)))
    assert sorted((each.name, each.detail) for each in first) == [(name, "released as version 1") for name in INVENTORY]
    again = await asyncio.to_thread(lambda: list(publish_all(folders, edge)))
    assert {each.detail for each in again} == {"is there as version 1"}
    assert len(fabrication.asked) == len(INVENTORY)


async def test_the_seed_command_tells_of_a_refusal(
    operator: Caller,
    url: str,
    fabrication: Fabrication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    _write(tmp_path, "good", INVENTORY["coffee-knob"])
    _write(tmp_path, "bad", "title = 1")
    given = parser.parse_args(["seed", "--inventory", str(tmp_path), "--edge", url + "/"])
    assert given.run(given) == 2
    monkeypatch.setenv("FABMESH_ADMIN_KEY", operator.key)
    assert await asyncio.to_thread(given.run, given) == 1
    lines = sorted(capsys.readouterr().out.splitlines())
    assert lines[0].startswith("bad: refused: title: a text is wanted")
    assert lines[1] == "good: released as version 1"
    given.inventory = tmp_path / "nowhere"
    assert given.run(given) == 2


async def test_a_caller_without_a_key_sees_nothing(url: str, sign_up: SignUp) -> None:
    partner = await sign_up("Demo partner", "partner")
    for path in (
        "designs",
        "designs/x",
        "designs/x/versions/1",
        "designs/x/versions/1/model",
        "materials",
        "materials/x",
    ):
        answer = await partner.http.get(f"/catalog/v1/{path}", headers={"Authorization": ""})
        assert answer.status_code == 401, path
