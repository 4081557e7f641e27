"""Messages that the service hears, as its own domain understands them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from google.protobuf.timestamp_pb2 import Timestamp

from fabmesh.catalog.v1.events_pb2 import DesignVersionReleased, DesignVersionWithdrawn
from fabmesh.catalog.v1.events_pb2 import Parameter as ParameterMessage
from fabmesh.fabrication.v1.events_pb2 import (
    ConfigurationAssessed,
    ConfigurationRefused,
    FabricationRefused,
    NcProgramVerified,
)
from fabmesh.quality.v1.events_pb2 import InspectionFailed, InspectionPassed
from fabmesh.routing.v1.events_pb2 import (
    AllocationRefused,
    JobOrderAborted,
    JobOrderAllocated,
    JobOrderCancelled,
    JobOrderClaimed,
    JobOrderCompleted,
    JobOrderDispatched,
    JobOrderStarted,
    JobOrderWaiting,
    LeaseExpired,
)
from fabmesh.types.v1 import types_pb2 as types
from orders.domain.designs import CharacteristicRule, DesignVersion, LicenceTerms, Parameter
from orders.domain.making import Assessment, Measured, ProfileFit, Program
from orders.domain.money import Money
from orders.domain.order import Reason

__all__ = [
    "AllocationRefused",
    "ConfigurationAssessed",
    "ConfigurationRefused",
    "DesignVersionReleased",
    "DesignVersionWithdrawn",
    "FabricationRefused",
    "InspectionFailed",
    "InspectionPassed",
    "JobOrderAborted",
    "JobOrderAllocated",
    "JobOrderCancelled",
    "JobOrderClaimed",
    "JobOrderCompleted",
    "JobOrderDispatched",
    "JobOrderStarted",
    "JobOrderWaiting",
    "LeaseExpired",
    "NcProgramVerified",
    "assessment",
    "design_version",
    "findings",
    "measured",
    "moment_of",
    "program_of",
    "reasons",
    "stored_assessment",
]


def moment_of(message: Timestamp) -> datetime:
    """An instant out of the contracts."""
    return message.ToDatetime(tzinfo=UTC)


def design_version(message: DesignVersionReleased) -> DesignVersion:
    """A released version. Raises ValueError where the message cannot be understood."""
    return DesignVersion(
        id=message.version_id,
        design_id=message.design_id,
        slug=message.slug,
        number=message.version,
        title=message.title,
        rights_holder_id=message.rights_holder_id,
        materials=tuple(message.materials),
        parameters=tuple(_parameter(each) for each in message.parameters),
        characteristics=tuple(
            CharacteristicRule(
                name=rule.name,
                nominal=rule.nominal,
                upper=rule.upper,
                lower=rule.lower,
                unit=rule.unit,
                instrument=rule.instrument,
                classed=getattr(rule, "class"),
                feature=rule.feature,
                at=tuple(rule.at),
            )
            for rule in message.characteristics
        ),
        licence=LicenceTerms(
            kind=message.licence.kind or "free",
            fee=_money(message.licence.fee) if message.licence.HasField("fee") else None,
            territory=message.licence.territory,
        ),
    )


def _parameter(message: ParameterMessage) -> Parameter:
    return Parameter(
        name=message.name,
        kind=message.kind,
        default=json.loads(message.default_json),
        min=message.min if message.HasField("min") else None,
        max=message.max if message.HasField("max") else None,
        step=message.step if message.HasField("step") else None,
        choices=tuple(json.loads(choice) for choice in message.choices_json),
        unit=message.unit,
        adjustable=message.adjustable,
    )


def _money(message: types.Money) -> Money:
    try:
        return Money(Decimal(message.amount), message.currency)
    except InvalidOperation as error:
        raise ValueError(f"{message.amount!r} is no amount") from error


def assessment(message: ConfigurationAssessed) -> Assessment:
    """What fabrication found out about a configuration."""
    return Assessment(
        id=message.assessment_id or message.order_id,
        extent_mm=(message.extent.x_mm, message.extent.y_mm, message.extent.z_mm),
        profiles=tuple(
            ProfileFit(each.profile_id, each.makeable, each.plate_capacity, findings(each.findings))
            for each in message.profiles
        ),
    )


def stored_assessment(data: bytes) -> Assessment:
    """An assessment out of the message that was kept of it."""
    return assessment(ConfigurationAssessed.FromString(data))


def findings(messages: Iterable[types.Finding]) -> tuple[Reason, ...]:
    """Findings that forbid something, as reasons; warnings are left out."""
    return tuple(
        Reason(each.code, f"{each.detail}; {each.mend}" if each.mend else each.detail)
        for each in messages
        if each.severity != "warning"
    )


def reasons(messages: Iterable[types.Reason]) -> tuple[Reason, ...]:
    """Reasons that another service gave."""
    return tuple(Reason(each.code, each.detail) for each in messages)


def program_of(message: NcProgramVerified) -> Program:
    """A verified program."""
    return Program(
        id=message.program_id,
        sha256=message.program_sha256,
        size_bytes=message.program_bytes,
        minutes=message.minutes,
        grams=message.grams,
        placements=tuple(tuple(each.matrix) for each in message.placements),
    )


def measured(messages: Iterable[types.Measurement]) -> tuple[Measured, ...]:
    """Values that a hub found."""
    return tuple(Measured(m.part_id, m.characteristic, m.value, m.unit, m.instrument) for m in messages)
