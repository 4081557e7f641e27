"""What catalog says is what proto/examples shows, and what it keeps of a version is the whole of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from catalog.domain.characteristics import CharacteristicRule
from catalog.domain.designs import Design, DesignVersion, RightsHolder, Withdrawal
from catalog.domain.errors import Finding
from catalog.domain.materials import Material
from catalog.domain.parameters import BOOLEAN, NUMBER, TUPLE, Declared, Parameter
from catalog.domain.terms import Fit, LicenceTerms, Money, Requirements
from catalog.messages import (
    ModelInspected,
    inspection_of,
    material_released,
    version_released,
    version_withdrawn,
)
from catalog.store.rows import version_of, version_values
from fabmesh.fabrication.v1.requests_pb2 import DeclaredParameter
from fabmesh.types.v1.types_pb2 import Finding as FindingMessage
from fabmesh.types.v1.types_pb2 import Size

EXAMPLES = Path(__file__).parents[4] / "proto/examples"
DESIGN = Design(
    "01993c1e-7a00-7000-8000-0000000000d1",
    "coffee-knob",
    RightsHolder("01993c1e-7a00-7000-8000-0000000000a1", "Acme Coffee"),
    3,
    "01993c1e-7a00-7000-8000-0000000000e2",
)
VERSION = DesignVersion(
    id="01993c1e-7a00-7000-8000-0000000000e2",
    design_id=DESIGN.id,
    number=2,
    content_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    title="Knob for a coffee machine",
    summary="Hollow, for a D-shaped spindle.",
    tags=("coffee", "knob"),
    processes=("fdm",),
    materials=("petg", "pla"),
    parameters=(
        Parameter("diameter", NUMBER, 36.0, 28.0, 60.0, 0.5, (), "mm", "Diameter of the flange.", adjustable=True),
        Parameter("lid", BOOLEAN, False, choices=(False, True), adjustable=True),
        Parameter("offset", TUPLE, (0.0, 1.5), choices=((0.0, 1.5), (0.0, 0.0)), adjustable=True),
        Parameter("label", "text", "brew"),
    ),
    characteristics=(
        CharacteristicRule("Diameter", "diameter", 0.4, -0.4, "mm", "caliper", "minor", "extent-x"),
        CharacteristicRule(
            "Socket", "6.2", 0.3, 0.0, "mm", "plug gauge", "critical", "bore", ("0", "0", "diameter / 3")
        ),
    ),
    fits=(Fit("Brunello", "Classica 2", "BR-0412"),),
    licence=LicenceTerms("per-part", Money(Decimal("1.50"), "EUR"), "EU"),
    requirements=Requirements(max_temperature_c=50.0, food_contact=True),
    requires=("cqgridfinity==0.5.7",),
    extent_mm=(36.0, 36.0, 18.0),
    volume_mm3=9123.5,
    bodies=1,
    released_at=datetime(2026, 3, 1, 9, 30, 15, 250000, tzinfo=UTC),
    withdrawn=Withdrawal(datetime(2026, 4, 1, 12, 0, tzinfo=UTC), "The socket splits."),
)
MATERIAL = Material("petg", "PETG", ("fdm",), 1.27, ("black", "transparent"), 78.0, food_contact=True, sources={})


@pytest.mark.parametrize(
    "message",
    [
        version_released(DESIGN, VERSION, "diameter = 36.0\n"),
        version_withdrawn(VERSION),
        material_released(MATERIAL),
    ],
    ids=lambda message: message.DESCRIPTOR.name,
)
def test_what_is_said_is_the_golden_example(message: Message) -> None:
    text = (EXAMPLES / f"{message.DESCRIPTOR.name}.json").read_text("utf-8")
    golden = json_format.Parse(text, type(message)())
    assert golden == message
    assert type(message).FromString(message.SerializeToString()) == golden


def test_every_field_of_a_version_is_in_its_example() -> None:
    message = version_released(DESIGN, VERSION, "diameter = 36.0\n")
    assert {field.name for field, _ in message.ListFields()} == {field.name for field in message.DESCRIPTOR.fields}


def test_a_version_is_kept_whole() -> None:
    kept = version_values(VERSION) | {"withdrawn_at": VERSION.withdrawn.at, "withdrawn_why": VERSION.withdrawn.why}
    assert version_of(SimpleNamespace(**kept)) == VERSION


def test_an_inspection_is_read_without_its_warnings() -> None:
    answer = ModelInspected(
        parameters=[
            DeclaredParameter(name="a", kind="number", default_json="36.0"),
            DeclaredParameter(name="b", kind="tuple", default_json="[1, 2.5]"),
        ],
        extent=Size(x_mm=1, y_mm=2, z_mm=3),
        volume_mm3=6,
        bodies=2,
        findings=[
            FindingMessage(code="thin-wall", severity="warning", detail="thin"),
            FindingMessage(code="invalid-solid", severity="error", detail="open", mend="close it"),
        ],
    )
    found = inspection_of(answer)
    assert found.parameters == (Declared("a", "number", 36.0), Declared("b", "tuple", (1, 2.5)))
    assert (found.extent_mm, found.volume_mm3, found.bodies) == ((1, 2, 3), 6, 2)
    assert found.findings == (Finding("invalid-solid", "error", "open", "close it"),)
