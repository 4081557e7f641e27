"""Fabrication's domain ⇄ the contracts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased, DesignVersionWithdrawn
from fabmesh.catalog.v1.events_pb2 import Parameter as ParameterMessage
from fabmesh.fabrication.v1 import events_pb2 as pb
from fabmesh.fabrication.v1.commands_pb2 import AssessConfiguration, ProgramJobOrder
from fabmesh.fabrication.v1.events_pb2 import (
    ConfigurationAssessed,
    ConfigurationRefused,
    FabricationRefused,
    MachineProfileReleased,
    NcProgramVerified,
)
from fabmesh.fabrication.v1.requests_pb2 import (
    ConfigurationEstimated,
    DeclaredParameter,
    EstimateConfiguration,
    InspectModel,
    ModelInspected,
)
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from fabmesh.routing.v1.requests_pb2 import CheckDownload, DownloadChecked
from fabmesh.types.v1.types_pb2 import Finding as FindingMessage
from fabmesh.types.v1.types_pb2 import Size
from fabrication.domain.configurations import DesignVersion, Parameter
from fabrication.domain.estimates import Estimate, ProfileEstimate, Refused
from fabrication.domain.facts import ModelFacts, ParameterValue
from fabrication.domain.findings import Finding, Severity
from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import Matrix
from fabrication.domain.releases import Release

__all__ = [
    "AssessConfiguration",
    "CheckDownload",
    "ConfigurationEstimated",
    "DesignVersionReleased",
    "DesignVersionWithdrawn",
    "DownloadChecked",
    "EstimateConfiguration",
    "InspectModel",
    "ModelInspected",
    "OrderPlaced",
    "ProgramJobOrder",
    "configuration_assessed",
    "configuration_estimated",
    "configuration_refused",
    "design_version",
    "estimate_from",
    "estimated",
    "fabrication_refused",
    "model_inspected",
    "profile_released",
    "program_verified",
]

_KINDS = {"number": "number", "string": "text", "boolean": "boolean", "tuple": "tuple"}


def design_version(message: DesignVersionReleased) -> DesignVersion:
    """A released version as fabrication keeps it. Raises ValueError where a value is no JSON."""
    return DesignVersion(
        version_id=message.version_id,
        design_id=message.design_id,
        slug=message.slug,
        version=message.version,
        rights_holder_id=message.rights_holder_id,
        model_source=message.model_source,
        requires=tuple(message.requires),
        parameters=tuple(_parameter(each) for each in message.parameters),
        materials=tuple(message.materials),
    )


def configuration_assessed(estimate: Estimate, order_id: str = "") -> ConfigurationAssessed:
    """What a configuration is and where it can be made."""
    return ConfigurationAssessed(
        assessment_id=estimate.id,
        order_id=order_id,
        version_id=estimate.version_id,
        parameters_json=estimate.parameters_json,
        material_id=estimate.material_id,
        extent=_size(estimate.extent_mm),
        volume_mm3=estimate.volume_mm3,
        mass_g=estimate.mass_g,
        profiles=[_profile_assessment(each) for each in estimate.profiles],
    )


def estimate_from(message: ConfigurationAssessed) -> Estimate:
    """The estimate in an assessment."""
    return Estimate(
        id=message.assessment_id,
        version_id=message.version_id,
        parameters_json=message.parameters_json,
        material_id=message.material_id,
        extent_mm=(message.extent.x_mm, message.extent.y_mm, message.extent.z_mm),
        volume_mm3=message.volume_mm3,
        mass_g=message.mass_g,
        profiles=tuple(
            ProfileEstimate(
                profile_id=each.profile_id,
                makeable=each.makeable,
                findings=tuple(_finding_from(finding) for finding in each.findings),
                setup_minutes=each.setup_minutes,
                minutes_per_part=each.minutes_per_part,
                grams_per_part=each.grams_per_part,
                plate_capacity=each.plate_capacity,
            )
            for each in message.profiles
        ),
    )


def configuration_refused(
    findings: Sequence[Finding], *, order_id: str, version_id: str, parameters_json: str
) -> ConfigurationRefused:
    """That a configuration is no valid part on any machine."""
    return ConfigurationRefused(
        order_id=order_id,
        version_id=version_id,
        parameters_json=parameters_json,
        findings=[_finding(each) for each in findings],
    )


def configuration_estimated(found: Estimate | Refused) -> ConfigurationEstimated:
    """The answer to a request for an estimate."""
    if isinstance(found, Refused):
        return ConfigurationEstimated(findings=[_finding(each) for each in found.findings])
    return ConfigurationEstimated(assessment=configuration_assessed(found))


def estimated(message: ConfigurationEstimated) -> Estimate | Refused:
    """What the workers answered to a request for an estimate."""
    if message.HasField("assessment"):
        return estimate_from(message.assessment)
    return Refused(tuple(_finding_from(each) for each in message.findings))


def program_verified(release: Release) -> NcProgramVerified:
    """That a job order's program is made, verified and released for the holder of the token."""
    return NcProgramVerified(
        job_order_id=release.job_order_id,
        order_id=release.order_id,
        hub_id=release.hub_id,
        machine_id=release.machine_id,
        fencing_token=release.fencing_token,
        program_id=release.program_id,
        program_sha256=release.program_sha256,
        program_bytes=release.program_bytes,
        minutes=release.minutes,
        grams=release.grams,
        placements=[_placement(each) for each in release.placements],
    )


def fabrication_refused(
    findings: Sequence[Finding], *, job_order_id: str, order_id: str, fencing_token: int
) -> FabricationRefused:
    """That a job order cannot be made on its machine."""
    return FabricationRefused(
        job_order_id=job_order_id,
        order_id=order_id,
        fencing_token=fencing_token,
        findings=[_finding(each) for each in findings],
    )


def profile_released(profile: MachineProfile, material_ids: Sequence[str]) -> MachineProfileReleased:
    """What machines of a profile can make."""
    return MachineProfileReleased(
        profile_id=profile.id,
        revision=str(profile.revision),
        title=profile.name,
        process=profile.process,
        volume=_size(profile.volume_mm),
        material_ids=material_ids,
    )


def model_inspected(facts: ModelFacts) -> ModelInspected:
    """What a script declares and builds."""
    return ModelInspected(
        parameters=[
            DeclaredParameter(name=each.name, kind=_KINDS[each.type], default_json=json.dumps(each.default))
            for each in facts.parameters
        ],
        extent=None if facts.solid is None else _size(facts.solid.extent_mm),
        volume_mm3=0.0 if facts.solid is None else facts.solid.volume_mm3,
        bodies=0 if facts.solid is None else facts.solid.bodies,
        findings=[_finding(each) for each in facts.findings],
    )


def _parameter(message: ParameterMessage) -> Parameter:
    return Parameter(
        name=message.name,
        kind=message.kind,
        default=_value(message.default_json),
        min=message.min if message.HasField("min") else None,
        max=message.max if message.HasField("max") else None,
        step=message.step if message.HasField("step") else None,
        choices=tuple(_value(choice) for choice in message.choices_json),
        adjustable=message.adjustable,
    )


def _value(text: str) -> ParameterValue:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value


def _profile_assessment(each: ProfileEstimate) -> pb.ProfileAssessment:
    return pb.ProfileAssessment(
        profile_id=each.profile_id,
        makeable=each.makeable,
        findings=[_finding(finding) for finding in each.findings],
        setup_minutes=each.setup_minutes,
        minutes_per_part=each.minutes_per_part,
        grams_per_part=each.grams_per_part,
        plate_capacity=each.plate_capacity,
    )


def _finding(finding: Finding) -> FindingMessage:
    return FindingMessage(
        code=finding.code,
        severity=finding.severity.value,
        detail=finding.message,
        mend=finding.mend,
        at=None if finding.at_mm is None else _size(finding.at_mm),
    )


def _finding_from(message: FindingMessage) -> Finding:
    at = (message.at.x_mm, message.at.y_mm, message.at.z_mm) if message.HasField("at") else None
    return Finding(message.code, message.detail, Severity(message.severity), message.mend, at)


def _placement(matrix: Matrix) -> pb.Placement:
    return pb.Placement(matrix=[entry for row in matrix for entry in row])


def _size(mm: tuple[float, float, float]) -> Size:
    return Size(x_mm=mm[0], y_mm=mm[1], z_mm=mm[2])
