"""The designs that come with the source tree are such as catalog accepts, as far as their scripts' literals tell."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from catalog.cli import SEED_INVENTORY
from catalog.data.library import material_library
from catalog.domain.characteristics import check_expressions
from catalog.domain.manifest import read_manifest
from catalog.domain.materials import check_materials
from catalog.domain.parameters import BOOLEAN, NUMBER, TEXT, Declared, merge

KINDS = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: TEXT}
FOLDERS = sorted(path.parent for path in SEED_INVENTORY.glob("*/design.toml"))


def literals(source: str) -> list[Declared]:
    return [
        Declared(node.targets[0].id, KINDS[type(node.value.value)], node.value.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if isinstance(node.targets[0], ast.Name)
    ]


def test_there_is_an_inventory() -> None:
    assert len(FOLDERS) >= 12


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_seed_design_is_accepted(folder: Path) -> None:
    manifest = read_manifest((folder / "design.toml").read_text("utf-8"))
    assert manifest.slug == folder.name
    check_materials(manifest, {material.id: material for material in material_library()})
    parameters = merge(literals((folder / "model.py").read_text("utf-8")), manifest.bounds)
    check_expressions(manifest.characteristics, parameters)
    assert any(each.adjustable for each in parameters)
