"""What fabrication says and hears is what proto/examples shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased
from fabmesh.fabrication.v1 import commands_pb2, events_pb2, requests_pb2
from fabrication.consumers.commands import _job
from fabrication.data.library import machine_profile
from fabrication.domain.configurations import Parameter
from fabrication.domain.estimates import Estimate, ProfileEstimate, Refused
from fabrication.domain.facts import DeclaredParameter, ModelFacts, SolidFacts
from fabrication.domain.findings import Finding, Severity
from fabrication.domain.releases import Release
from fabrication.messages import (
    configuration_assessed,
    configuration_estimated,
    configuration_refused,
    design_version,
    estimate_from,
    estimated,
    fabrication_refused,
    model_inspected,
    profile_released,
    program_verified,
)
from fabrication.usecases.program_job_order import ProgramJob

EXAMPLES = Path(__file__).parents[4] / "proto/examples"
ORDER, JOB_ORDER, VERSION, HUB, MACHINE, PROGRAM, ASSESSMENT = (
    f"01993c1e-7a00-7000-8000-0000000000{suffix}" for suffix in ("c1", "b1", "e2", "f1", "f2", "a7", "a8")
)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PARAMETERS = '{"diameter":40,"grips":10,"label":"brew"}'
THIN = Finding("thin-wall", "0.3 mm is less than a bead", Severity.WARNING, "make it 0.9 mm", (1.5, -2.0, 0.0))
TOO_BIG = Finding("too-big", "190.0 × 36.0 × 18.0 mm does not fit", Severity.ERROR, "make it smaller, or in parts")
ESTIMATE = Estimate(
    id=ASSESSMENT,
    version_id=VERSION,
    parameters_json=PARAMETERS,
    material_id="petg",
    extent_mm=(40.0, 40.0, 18.0),
    volume_mm3=9123.5,
    mass_g=11.587,
    profiles=(
        ProfileEstimate("prusa-mk4", True, (THIN,), 3.0, 32.25, 10.75, 16),
        ProfileEstimate("prusa-mini", False, (TOO_BIG,), 0.0, 0.0, 0.0, 0),
    ),
)
RELEASE = Release(
    job_order_id=JOB_ORDER,
    order_id=ORDER,
    hub_id=HUB,
    machine_id=MACHINE,
    fencing_token=42,
    program_id=PROGRAM,
    program_sha256=DIGEST,
    program_bytes=812345,
    minutes=67.5,
    grams=21.5,
    placements=(((0.0, -1.0, 0.0, 90.5), (1.0, 0.0, 0.0, 105.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)),),
)
FACTS = ModelFacts(
    DIGEST,
    (
        DeclaredParameter("diameter", "number", 36.0),
        DeclaredParameter("grips", "number", 10),
        DeclaredParameter("label", "string", "brew"),
        DeclaredParameter("lid", "boolean", default=False),
        DeclaredParameter("offset", "tuple", (0.0, 1.5)),
    ),
    SolidFacts(DIGEST, 1, 9123.5, 4000.0, (0.0, 0.0, 9.0), (-18.0, -18.0, 0.0), (18.0, 18.0, 18.0)),
    (THIN,),
)
SAID: tuple[Message, ...] = (
    configuration_assessed(ESTIMATE, ORDER),
    configuration_refused((TOO_BIG,), order_id=ORDER, version_id=VERSION, parameters_json=PARAMETERS),
    program_verified(RELEASE),
    fabrication_refused((TOO_BIG,), job_order_id=JOB_ORDER, order_id=ORDER, fencing_token=42),
    profile_released(machine_profile("prusa-mini"), ["petg", "pla"]),
    model_inspected(FACTS),
    configuration_estimated(ESTIMATE),
)


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


@pytest.mark.parametrize("message", SAID, ids=lambda message: message.DESCRIPTOR.name)
def test_what_is_said_is_the_example(message):
    assert json_format.MessageToDict(message) == example(message.DESCRIPTOR.name)


def test_every_contract_of_fabrication_has_an_example_that_reads():
    for module in (events_pb2, commands_pb2, requests_pb2):
        for name, descriptor in module.DESCRIPTOR.message_types_by_name.items():
            if name in ("ProfileAssessment", "Placement", "DeclaredParameter"):
                continue
            kind = getattr(module, name)
            message = json_format.ParseDict(example(name), kind())
            unset = {each.name for each in descriptor.fields} - {each.name for each, _ in message.ListFields()}
            assert unset <= {"findings", "order_id", "requires"}, (name, unset)


def test_a_job_is_read_whole():
    message = json_format.ParseDict(example("ProgramJobOrder"), commands_pb2.ProgramJobOrder())
    assert _job(message) == ProgramJob(
        job_order_id=JOB_ORDER,
        order_id=ORDER,
        version_id=VERSION,
        parameters_json=PARAMETERS,
        material_id="petg",
        quantity=2,
        hub_id=HUB,
        machine_id=MACHINE,
        profile_id="prusa-mini",
        fencing_token=42,
    )


def test_an_estimate_comes_back_as_it_went():
    assert estimate_from(configuration_assessed(ESTIMATE)) == ESTIMATE
    assert estimated(configuration_estimated(ESTIMATE)) == ESTIMATE
    assert estimated(configuration_estimated(Refused((TOO_BIG, THIN)))) == Refused((TOO_BIG, THIN))


def test_a_released_design_is_read_with_its_bounds():
    message = json_format.ParseDict(example("DesignVersionReleased"), DesignVersionReleased())
    version = design_version(message)
    assert (version.slug, version.model_source, version.requires) == (
        message.slug,
        message.model_source,
        tuple(message.requires),
    )
    by_name = {each.name: each for each in version.parameters}
    assert by_name["diameter"] == Parameter("diameter", "number", 36.0, 28.0, 60.0, 0.5, (), adjustable=True)
    assert by_name["offset"].choices == ((0.0, 1.5), (0.0, 0.0))
    assert by_name["label"] == Parameter("label", "text", "brew")


def test_a_script_that_does_not_build_says_why_and_nothing_else():
    found = model_inspected(ModelFacts(DIGEST, (), None, (TOO_BIG,)))
    assert not found.HasField("extent")
    assert (found.bodies, [each.code for each in found.findings]) == (0, ["too-big"])
