"""Answer an order's question what its configuration is and where it can be made."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import Begin
from fabrication.domain.configurations import DesignVersion
from fabrication.domain.estimates import Estimate, Refused
from fabrication.messages import configuration_assessed, configuration_refused
from fabrication.usecases.assess_configuration import assess, configure, find_version
from fabrication.usecases.workplace import Workplace


@dataclass(frozen=True, slots=True)
class AssessOrder:
    """An order's configuration; `parameters_json` names every parameter."""

    order_id: str
    version_id: str
    parameters_json: str
    material_id: str


async def assess_order(command: AssessOrder, begin: Begin, place: Workplace) -> None:
    """Tell the order what was found; repeated it tells the same. Raises UnknownVersion, CadAway."""
    version = await find_version(command.version_id, place.units)
    found = await _found(command, version, place)
    async with begin() as uow:
        if isinstance(found, Refused):
            answer = configuration_refused(
                found.findings,
                order_id=command.order_id,
                version_id=command.version_id,
                parameters_json=command.parameters_json,
            )
            uow.emit(answer, aggregate_id=command.order_id)
        else:
            uow.emit(configuration_assessed(found, command.order_id), aggregate_id=command.order_id)


async def _found(command: AssessOrder, version: DesignVersion, place: Workplace) -> Estimate | Refused:
    configuration = configure(version, command.parameters_json, command.material_id)
    if isinstance(configuration, Refused):
        return configuration
    return await assess(configuration, place.workshop, place.units)
