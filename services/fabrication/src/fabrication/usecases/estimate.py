"""Estimate a configuration for somebody who thinks about ordering it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message

from chassis.unit_of_work import UnitsOfWork
from fabrication.data.library import material_settings
from fabrication.domain.configurations import ConfigurationInvalid, DesignVersion, check_bounds, complete
from fabrication.domain.estimates import Estimate, Refused
from fabrication.messages import ConfigurationEstimated, EstimateConfiguration, estimated
from fabrication.store import assessments, designs
from fabrication.usecases.assess_configuration import Configuration

A = TypeVar("A", bound=Message)


class Asker(Protocol):
    """Whatever can ask the workers: the process's runtime."""

    async def ask(self, question: Message, answer: type[A], *, timeout_s: float) -> A:
        """The owner's answer. Raises messaging's RequestFailed."""


@dataclass(frozen=True, slots=True)
class EstimateRequest:
    """A design by its id or slug, its newest version unless one is named, and some of its parameters."""

    design: str
    version: int | None
    parameters: Mapping[str, Any]
    material_id: str


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was found, for which configuration."""

    configuration: Configuration
    found: Estimate | Refused


async def estimate(request: EstimateRequest, units: UnitsOfWork, mesh: Asker, timeout_s: float) -> Estimated:
    """The estimate, from the cache or by asking the workers.

    Raises ConfigurationInvalid for what the design does not offer, RequestFailed where the workers are away.
    """
    async with units.read() as session:
        version = await designs.newest(request.design, request.version, session)
        if version is None:
            known = await designs.exists(request.design, session)
            code = "unknown-version" if known else "unknown-design"
            raise ConfigurationInvalid(code, f"there is no such version of a design {request.design!r} to order")
        configuration = _configure(version, request)
        cached = await assessments.find(configuration.assessment_key, session)
    if cached is not None:
        return Estimated(configuration, cached)
    question = EstimateConfiguration(
        version_id=version.version_id,
        parameters_json=configuration.parameters_json,
        material_id=configuration.material_id,
    )
    return Estimated(configuration, estimated(await mesh.ask(question, ConfigurationEstimated, timeout_s=timeout_s)))


def _configure(version: DesignVersion, request: EstimateRequest) -> Configuration:
    if version.withdrawn:
        raise ConfigurationInvalid("design-withdrawn", f"version {version.version} of {version.slug} is withdrawn")
    if request.material_id not in version.materials or request.material_id not in material_settings():
        allowed = ", ".join(version.materials)
        raise ConfigurationInvalid("material-not-allowed", f"{version.slug} is made in {allowed}")
    values = complete(version.parameters, request.parameters)
    check_bounds(version.parameters, values)
    return Configuration(version, values, request.material_id)
