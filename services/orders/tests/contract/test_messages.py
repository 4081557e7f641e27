"""What orders says is what proto/examples shows; what it hears, it understands whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased
from fabmesh.fabrication.v1.commands_pb2 import AssessConfiguration, ProgramJobOrder
from fabmesh.fabrication.v1.events_pb2 import ConfigurationAssessed, NcProgramVerified
from fabmesh.quality.v1.commands_pb2 import InspectParts
from fabmesh.routing.v1.commands_pb2 import AllocateJobOrder, CancelJobOrder, DispatchJobOrder
from fabmesh.routing.v1.events_pb2 import JobOrderCompleted
from fabmesh.types.v1 import types_pb2 as types
from orders.domain.characteristics import Characteristic
from orders.domain.making import JobOrder
from orders.domain.money import Money
from orders.domain.order import Destination, Order, OrderedPart, Reason
from orders.domain.organisations import ApiKey, Organisation
from orders.messages import commands, events, heard
from orders.messages.requests import GetSigningKeys, signing_keys
from orders.store import designs

M = TypeVar("M", bound=Message)

EXAMPLES = Path(__file__).parents[4] / "proto/examples"
ORDER_ID, DESIGN, VERSION, SHOP, HUB, LICENCE, KEY = (
    f"01993c1e-7a00-7000-8000-0000000000{suffix}" for suffix in ("c1", "d1", "e2", "51", "f1", "51", "71")
)
PARTS = tuple(f"01993c1e-7a00-7000-8000-000000000f0{number}" for number in (1, 2))
NOW = datetime(2026, 3, 1, 9, 30, 15, 250000, tzinfo=UTC)
ORDER = Order(
    id=ORDER_ID,
    organisation_id=SHOP,
    design_id=DESIGN,
    slug="coffee-knob",
    version_id=VERSION,
    version=2,
    parameters_json='{"diameter":36,"lid":false}',
    material_id="petg",
    destination=Destination(53.5511, 9.9937),
    parts=tuple(OrderedPart(part) for part in PARTS),
    placed_at=NOW,
    fee=Money(Decimal("1.50"), "EUR"),
    pickup_hub_id=HUB,
)
REFUSED = replace(ORDER, reasons=(Reason("too-large", "prusa-mini: 240 mm is wider than its volume"),))
WORKSHOP = Organisation(SHOP, "Demo partner", "partner")
API_KEY = ApiKey(KEY, SHOP, bytes(range(32)), ("orders:read", "orders:write"), expires_at=NOW)


def golden(kind: type[M]) -> M:
    return json_format.Parse((EXAMPLES / f"{kind.DESCRIPTOR.name}.json").read_text("utf-8"), kind())


SAID = [
    events.order_placed(ORDER),
    events.order_ready(ORDER, NOW),
    events.order_collected(ORDER, NOW),
    events.order_cancelled(ORDER, "found another", NOW),
    events.order_refused(REFUSED, NOW),
    events.order_failed(REFUSED, NOW),
    events.unit_reserved(ORDER, LICENCE, PARTS[0]),
    events.unit_used(ORDER, LICENCE, PARTS[0]),
    events.unit_returned(ORDER, LICENCE, PARTS[0], "found another"),
    events.organisation_registered(WORKSHOP),
    events.api_key_issued(API_KEY, WORKSHOP),
    events.api_key_revoked(KEY, NOW),
    GetSigningKeys(),
    signing_keys({KEY: bytes(range(32))}),
]


@pytest.mark.parametrize("message", SAID, ids=lambda message: message.DESCRIPTOR.name)
def test_what_is_said_is_the_golden_example_with_every_field(message: Message) -> None:
    assert golden(type(message)) == message
    assert type(message).FromString(message.SerializeToString()) == message
    assert {field.name for field, _ in message.ListFields()} == {field.name for field in message.DESCRIPTOR.fields}


def test_a_key_for_good_has_no_end() -> None:
    assert not events.api_key_issued(replace(API_KEY, expires_at=None), WORKSHOP).HasField("expires_at")


def characteristics(messages: list[types.Characteristic]) -> list[Characteristic]:
    return [
        Characteristic(
            name=each.name,
            nominal=each.nominal,
            upper=each.upper,
            lower=each.lower,
            unit=each.unit,
            instrument=each.instrument,
            classed=getattr(each, "class"),
            feature=each.feature,
            at_mm=(each.at.x_mm, each.at.y_mm, each.at.z_mm) if each.HasField("at") else None,
        )
        for each in messages
    ]


def test_the_command_to_assess_is_its_example() -> None:
    example = golden(AssessConfiguration)
    said = commands.assess(example.order_id, example.version_id, example.parameters_json, example.material_id)
    assert said == example


def test_the_command_to_allocate_is_its_example() -> None:
    example = golden(AllocateJobOrder)
    order = replace(
        ORDER,
        id=example.order_id,
        organisation_id=example.organisation_id,
        version_id=example.version_id,
        material_id=example.material_id,
        destination=Destination(example.destination.lat_deg, example.destination.lon_deg),
        pickup_hub_id=example.pickup_hub_id,
    )
    assessed = example.assessment.SerializeToString()
    assert commands.allocate(order, example.job_order_id, example.part_ids, assessed, ()) == example
    profiles = [profile.profile_id for profile in example.assessment.profiles]
    without = commands.allocate(order, example.job_order_id, example.part_ids, assessed, profiles)
    assert [profile.makeable for profile in without.assessment.profiles] == [False] * len(profiles)


def test_the_command_to_program_is_its_example() -> None:
    example = golden(ProgramJobOrder)
    job_order = JobOrder(
        example.job_order_id,
        example.order_id,
        tuple(map(str, range(example.quantity))),
        hub_id=example.hub_id,
        machine_id=example.machine_id,
        profile_id=example.profile_id,
        fencing_token=example.fencing_token,
    )
    said = commands.program(job_order, example.version_id, example.parameters_json, example.material_id)
    assert said == example


def test_the_command_to_dispatch_carries_what_the_verified_program_said() -> None:
    example = golden(DispatchJobOrder)
    verified = NcProgramVerified(
        program_id=example.program_id,
        program_sha256=example.program_sha256,
        program_bytes=example.program_bytes,
        minutes=example.minutes,
        placements=example.placements,
    )
    job_order = JobOrder(
        example.job_order_id,
        example.order_id,
        PARTS,
        fencing_token=example.fencing_token,
        program=heard.program_of(verified),
    )
    assert commands.dispatch(job_order, characteristics(list(example.characteristics))) == example


def test_the_command_to_cancel_is_its_example() -> None:
    example = golden(CancelJobOrder)
    assert commands.cancel(example.order_id, example.job_order_id, example.why) == example


def test_the_command_to_inspect_carries_what_the_completed_job_order_said() -> None:
    example = golden(InspectParts)
    completed = JobOrderCompleted(measurements=example.measurements)
    job_order = JobOrder(
        example.job_order_id,
        example.order_id,
        tuple(example.part_ids),
        hub_id=example.hub_id,
        machine_id=example.machine_id,
        made_part_ids=tuple(example.part_ids),
        made_program_sha256=example.program_sha256,
        measurements=heard.measured(completed.measurements),
    )
    wanted = characteristics(list(example.characteristics))
    assert commands.inspect(job_order, example.version_id, example.parameters_json, wanted) == example


def test_a_released_version_is_kept_whole() -> None:
    example = golden(DesignVersionReleased)
    version = heard.design_version(example)
    assert (version.id, version.slug, version.number) == (example.version_id, example.slug, example.version)
    assert [each.name for each in version.parameters] == [each.name for each in example.parameters]
    assert [each.adjustable for each in version.parameters] == [each.adjustable for each in example.parameters]
    for kept, told in zip(version.parameters, example.parameters, strict=True):
        assert (kept.min is None) == (not told.HasField("min"))
        assert len(kept.choices) == len(told.choices_json)
    assert version.licence.fee == Money(Decimal(example.licence.fee.amount), example.licence.fee.currency)
    assert [rule.nominal for rule in version.characteristics] == [rule.nominal for rule in example.characteristics]
    assert [rule.at for rule in version.characteristics] == [tuple(rule.at) for rule in example.characteristics]

    class Row:
        id, design_id, slug, number = version.id, version.design_id, version.slug, version.number
        title, rights_holder_id = version.title, version.rights_holder_id
        content = designs.content_json(version)

    assert designs.version_of(Row) == version


def test_an_assessment_is_understood_without_its_warnings() -> None:
    example = golden(ConfigurationAssessed)
    found = heard.stored_assessment(example.SerializeToString())
    assert found.extent_mm == (example.extent.x_mm, example.extent.y_mm, example.extent.z_mm)
    for fit, told in zip(found.profiles, example.profiles, strict=True):
        assert (fit.profile_id, fit.makeable) == (told.profile_id, told.makeable)
        assert fit.plate_capacity == told.plate_capacity
        assert len(fit.findings) == sum(finding.severity != "warning" for finding in told.findings)
