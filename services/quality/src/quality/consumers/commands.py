"""Commands to quality."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from messaging.errors import Reject
from quality.domain.errors import BadInspection
from quality.messages import InspectParts, characteristics_of, readings_of
from quality.usecases.inspect_parts import InspectMade, inspect_parts
from quality.usecases.plan_characteristics import plan_characteristics


async def on_inspect_parts(message: InspectParts, uow: UnitOfWork) -> None:
    """Judge the parts of a job order; one command a job order counts."""
    try:
        characteristics = characteristics_of(message) or await plan_characteristics(
            message.version_id, message.parameters_json, uow.session
        )
        command = InspectMade(
            order_id=message.order_id,
            job_order_id=message.job_order_id,
            hub_id=message.hub_id,
            machine_id=message.machine_id,
            program_sha256=message.program_sha256,
            version_id=message.version_id,
            parameters_json=message.parameters_json,
            part_ids=tuple(message.part_ids),
            characteristics=characteristics,
            readings=readings_of(message),
        )
        await inspect_parts(command, uow)
    except BadInspection as error:
        raise Reject(str(error)) from error


LISTENER = Listener(source="commands", handlers={InspectParts: on_inspect_parts})
