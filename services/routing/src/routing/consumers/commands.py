"""What orders asks of routing."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from routing.domain.rules import Rules
from routing.messages.heard import (
    AllocateJobOrder,
    CancelJobOrder,
    DispatchJobOrder,
    job_order_of,
    making_of,
    program_of,
)
from routing.usecases.allocate_job_order import allocate_job_order
from routing.usecases.cancel_job_order import Cancel, cancel_job_order
from routing.usecases.dispatch_job_order import Dispatch, dispatch_job_order

ACK_WAIT_S = 10.0
"""What a killed process had in hand comes to another after so long; a living one renews it."""


def commands(rules: Rules) -> Listener:
    """The listener for commands."""

    async def allocate(message: AllocateJobOrder, uow: UnitOfWork) -> None:
        await allocate_job_order(job_order_of(message), uow, rules)

    return Listener(
        source="commands",
        handlers={AllocateJobOrder: allocate, DispatchJobOrder: _dispatch, CancelJobOrder: _cancel},
        ack_wait_s=ACK_WAIT_S,
    )


async def _dispatch(message: DispatchJobOrder, uow: UnitOfWork) -> None:
    command = Dispatch(message.job_order_id, message.fencing_token, program_of(message), making_of(message))
    await dispatch_job_order(command, uow)


async def _cancel(message: CancelJobOrder, uow: UnitOfWork) -> None:
    await cancel_job_order(Cancel(message.job_order_id, message.order_id, message.why), uow)
