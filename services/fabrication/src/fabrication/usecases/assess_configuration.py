"""Find out what a configuration is and on which machine profiles it can be made; what was found once is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.unit_of_work import UnitsOfWork
from fabrication.data.library import machine_profiles, material_settings
from fabrication.domain.configurations import ConfigurationInvalid, DesignVersion, complete, deviations
from fabrication.domain.digests import canonical_json, key_of
from fabrication.domain.engines import FDM_ENGINE
from fabrication.domain.errors import CadRefused
from fabrication.domain.estimates import Estimate, Refused, estimate_of
from fabrication.domain.facts import ParameterValue
from fabrication.store import assessments, designs
from fabrication.usecases.findings import error_finding, of_refusal
from fabrication.usecases.workshop import CRASHED, Workshop
from messaging.envelope import uuid7

PASSING = frozenset({CRASHED, "timeout", "memory", "package-not-offered"})
"""Refusals that another machine, day or operator may not repeat: they are told and not kept."""


class UnknownVersion(Exception):
    """The catalogue's release of this version has not arrived here yet."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A design version with a value for each of its parameters, in a material."""

    version: DesignVersion
    values: Mapping[str, ParameterValue]
    material_id: str

    @property
    def parameters_json(self) -> str:
        """The values in their one spelling."""
        return canonical_json(self.values).decode()

    @property
    def own_values(self) -> dict[str, ParameterValue]:
        """The values that the script does not have by itself."""
        return deviations(self.version.parameters, self.values)

    @property
    def assessment_key(self) -> str:
        """The digest of everything that an assessment depends on."""
        material = material_settings()[self.material_id]
        return key_of("assessment", self.version.version_id, self.values, material, machine_profiles(), FDM_ENGINE)


async def find_version(version_id: str, units: UnitsOfWork) -> DesignVersion:
    """Fabrication's copy of a version. Raises UnknownVersion."""
    async with units.read() as session:
        version = await designs.find(version_id, session)
    if version is None:
        raise UnknownVersion(f"the release of design version {version_id} is not here yet")
    return version


def configure(version: DesignVersion, parameters_json: str, material_id: str) -> Configuration | Refused:
    """The configuration that a command asks for, or why there is none."""
    if version.withdrawn:
        return Refused(
            (error_finding("design-withdrawn", f"version {version.version} of {version.slug} is withdrawn"),)
        )
    if material_id not in material_settings():
        return Refused((error_finding("unknown-material", f"nothing is known of making parts in {material_id!r}"),))
    try:
        return Configuration(version, complete(version.parameters, read_parameters(parameters_json)), material_id)
    except ConfigurationInvalid as invalid:
        return Refused((error_finding(invalid.code, invalid.message),))


def read_parameters(text: str) -> dict[str, Any]:
    """The values in a command. Raises ConfigurationInvalid where they are no JSON object."""
    try:
        values = json.loads(text or "{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise ConfigurationInvalid("invalid-parameter", "the parameters are no JSON object")
    return values


async def assess(configuration: Configuration, workshop: Workshop, units: UnitsOfWork) -> Estimate | Refused:
    """The estimate of a configuration: from the cache, or made by the CAD workers and kept. Raises CadAway."""
    key = configuration.assessment_key
    async with units.read() as session:
        known = await assessments.find(key, session)
    if known is not None:
        return known
    found = await _make(configuration, workshop)
    if isinstance(found, Refused) and not found.lasting:
        return found
    version_id = configuration.version.version_id
    row_id = found.id if isinstance(found, Estimate) else uuid7()
    async with units.begin() as uow:
        return await assessments.keep(key, row_id, version_id, found, uow.session)


async def _make(configuration: Configuration, workshop: Workshop) -> Estimate | Refused:
    version, profiles = configuration.version, tuple(machine_profiles().values())
    try:
        paths = workshop.extra_paths(version.requires)
        assessment = await workshop.work(
            "assess",
            lambda cad: cad.assess(
                version.model_source.encode(),
                configuration.own_values,
                configuration.material_id,
                profiles,
                extra_paths=paths,
            ),
        )
    except CadRefused as refused:
        return Refused(of_refusal(refused), lasting=refused.code not in PASSING)
    return estimate_of(
        assessment,
        profiles,
        material_settings()[configuration.material_id],
        estimate_id=uuid7(),
        version_id=version.version_id,
        parameters_json=configuration.parameters_json,
    )
