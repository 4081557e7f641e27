"""Commands to fabrication, handled where the CAD workers are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.listening import Incoming, Listener
from fabrication.messages import AssessConfiguration, ProgramJobOrder
from fabrication.store.artefacts import StoreAway, StoreFull
from fabrication.usecases.assess_configuration import UnknownVersion
from fabrication.usecases.assess_order import AssessOrder, assess_order
from fabrication.usecases.program_job_order import ProgramJob, program_job_order
from fabrication.usecases.workplace import Workplace
from fabrication.usecases.workshop import CadAway
from messaging.errors import RetryLater

_ACK_WAIT_S = 60.0
_SOON_S, _MOST_S = 0.25, 10.0


def listener(place: Workplace, *, lanes: int, role: str) -> Listener:
    """Handlers of both commands, `lanes` of them at work side by side."""

    async def on_assess(message: AssessConfiguration, incoming: Incoming) -> None:
        command = AssessOrder(message.order_id, message.version_id, message.parameters_json, message.material_id)
        with _later_where_it_helps(incoming):
            await assess_order(command, incoming.begin, place)

    async def on_program(message: ProgramJobOrder, incoming: Incoming) -> None:
        with _later_where_it_helps(incoming):
            await program_job_order(_job(message), incoming.begin, place)

    return Listener(
        source="commands",
        long={AssessConfiguration: on_assess, ProgramJobOrder: on_program},
        lanes=lanes,
        ack_wait_s=_ACK_WAIT_S,
        role=role,
    )


def _job(message: ProgramJobOrder) -> ProgramJob:
    return ProgramJob(
        job_order_id=message.job_order_id,
        order_id=message.order_id,
        version_id=message.version_id,
        parameters_json=message.parameters_json,
        material_id=message.material_id,
        quantity=message.quantity,
        hub_id=message.hub_id,
        machine_id=message.machine_id,
        profile_id=message.profile_id,
        fencing_token=message.fencing_token,
    )


@contextmanager
def _later_where_it_helps(incoming: Incoming) -> Iterator[None]:
    """A release that has not arrived, workers or a disk that cannot now: the command waits, longer each time."""
    try:
        yield
    except (UnknownVersion, CadAway, StoreFull, StoreAway, OSError) as error:
        delay_s = min(_MOST_S, _SOON_S * 2 ** min(incoming.received.attempt, 10))
        raise RetryLater(f"{type(error).__name__}: {error}", delay_s) from error
