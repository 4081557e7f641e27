"""Every design of the seed inventory builds over its whole declared range, and says the truth about itself."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.cad

LARGEST_MM = 170.0
TWO_BODIES = {"sensor-enclosure"}
FEATURES = {"extent-x", "extent-y", "extent-z", "mass", "bore"}


def assert_sound(design: Any, solid: Any, context: object) -> None:
    box = solid.BoundingBox()
    assert solid.isValid(), context
    assert len(solid.Solids()) == (2 if design.slug in TWO_BODIES else 1), context
    assert all(body.Volume() > 0 for body in solid.Solids()), context
    assert max(box.xlen, box.ylen, box.zlen) <= LARGEST_MM, context
    assert box.zmin == pytest.approx(0, abs=1e-4), context


def assert_extents(design: Any, solid: Any, values: dict[str, Any], evaluate: Any) -> None:
    box = solid.BoundingBox()
    extents = {"extent-x": box.xlen, "extent-y": box.ylen, "extent-z": box.zlen}
    for characteristic in design.declaration["characteristics"]:
        if characteristic.get("feature") in extents:
            nominal = evaluate(characteristic["nominal"], values)
            assert extents[characteristic["feature"]] == pytest.approx(nominal, abs=0.02), (characteristic, values)


def test_there_are_at_least_twelve_designs(inventory: Any) -> None:
    assert len(inventory) >= 12


def test_parameters_are_what_the_script_declares(design: Any, defaults: Any) -> None:
    found = defaults(design)
    assert set(found) == set(design.parameters)
    for name, declared in design.parameters.items():
        assert declared["unit"]
        assert declared["help"].endswith(".")
        steps = design.steps(name)
        assert steps == sorted(set(steps))
        assert steps[0] <= found[name] <= steps[-1]
        assert any(abs(found[name] - value) < 1e-6 for value in steps), name


@settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_it_builds_anywhere_in_its_range(data: Any, design: Any, build: Any, evaluate: Any, defaults: Any) -> None:
    values = {name: data.draw(st.sampled_from(design.steps(name)), label=name) for name in design.parameters}
    solid = build(design, values)
    assert_sound(design, solid, values)
    assert_extents(design, solid, {**defaults(design), **values}, evaluate)


def test_it_builds_in_some_corners_of_its_range(design: Any, build: Any, evaluate: Any) -> None:
    for values in design.some_corners(6):
        solid = build(design, values)
        assert_sound(design, solid, values)
        assert_extents(design, solid, values, evaluate)


@pytest.mark.slow
def test_it_builds_in_every_corner_of_its_range(design: Any, build: Any, evaluate: Any) -> None:
    for values in design.corners():
        solid = build(design, values)
        assert_sound(design, solid, values)
        assert_extents(design, solid, values, evaluate)


def test_its_default_is_modest(design: Any, build: Any, defaults: Any, evaluate: Any) -> None:
    solid = build(design)
    assert_sound(design, solid, "defaults")
    assert_extents(design, solid, defaults(design), evaluate)
    assert solid.Volume() <= (12_000 if design.slug == "coffee-knob" else 15_000)


def test_its_declaration_is_complete(design: Any) -> None:
    declaration = design.declaration
    assert declaration["slug"] == design.slug
    assert declaration["title"]
    assert declaration["rights_holder"] in {"Acme Coffee", "Nordhaus Appliances", "Civic Commons"}
    assert declaration["processes"] == ["fdm"]
    assert all(fit["maker"] and fit["model"] and fit["part_number"] for fit in declaration["fits"])
    licence = declaration["licence"]
    assert licence["kind"] in {"per-part", "free"}
    assert ("fee" in licence) == (licence["kind"] == "per-part")
    if "fee" in licence:
        assert Decimal(licence["fee"]["amount"]) > 0
        assert licence["fee"]["currency"] == "EUR"


def test_its_characteristics_are_usable(design: Any, evaluate: Any, defaults: Any) -> None:
    characteristics = design.declaration["characteristics"]
    assert 2 <= len(characteristics) <= 4
    assert any(item.get("feature", "").startswith("extent-") for item in characteristics)
    for item in characteristics:
        assert evaluate(item["nominal"], defaults(design)) > 0
        assert item["lower"] < 0 < item["upper"]
        assert item["unit"] == "mm"
        assert item["instrument"]
        assert item["class"] in {"critical", "major", "minor"}
        assert item.get("feature", "bore") in FEATURES
        assert (item.get("feature") == "bore") == ("at" in item and "z" in item)


def test_its_materials_meet_its_requirements(design: Any, materials: Any) -> None:
    requirements = design.declaration.get("requirements", {})
    for material in design.declaration["materials"]:
        identity = materials[material]
        assert set(identity["processes"]) & set(design.declaration["processes"])
        assert identity["max_temperature_c"] >= requirements.get("max_temperature_c", 0), material
        assert identity["food_contact"] or not requirements.get("food_contact", False), material


def test_every_figure_of_a_material_has_a_source(materials: Any) -> None:
    assert set(materials) == {"pla", "petg", "asa", "tpu95", "pa12"}
    for identity in materials.values():
        assert identity["name"]
        assert identity["colours"]
        assert 0.8 < identity["density_g_per_cm3"] < 1.6
        assert set(identity["source"]) == {"density_g_per_cm3", "max_temperature_c", "food_contact"}
        assert all(identity["source"].values())


def operations(script: str) -> Counter[str]:
    """How often a script calls each method: its feature tree, without the order."""
    calls = (node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Call))
    return Counter(call.func.attr for call in calls if isinstance(call.func, ast.Attribute))


def test_no_two_designs_have_the_same_features(inventory: Any, build: Any) -> None:
    trees = {design.slug: operations(design.script) for design in inventory}
    faces = {design.slug: Counter(face.geomType() for face in build(design).Faces()) for design in inventory}
    for one, other in itertools.combinations(trees, 2):
        assert trees[one] != trees[other], (one, other)
        assert faces[one] != faces[other], (one, other)
