"""Stop a job order wherever it is."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitOfWork
from routing.domain.geography import Place
from routing.domain.job_order import JobOrder
from routing.domain.requirements import Requirements, Size
from routing.messages.said import job_order_cancelled
from routing.store import job_orders
from routing.usecases.announcing import announce, carrier

_NOTHING = Requirements((), "", "", Size(0, 0, 0), {}, Place(0, 0))


@dataclass(frozen=True, slots=True)
class Cancel:
    """No machine may start it any more."""

    job_order_id: str
    order_id: str
    why: str


async def cancel_job_order(command: Cancel, uow: UnitOfWork) -> None:
    """Cancel it; what has ended stays as it ended. The hub hears of it at its next heartbeat.

    A job order that is not known is remembered as cancelled: the command to allocate it may come late.
    """
    unknown = JobOrder(command.job_order_id, command.order_id, "", _NOTHING, trace=carrier())
    added = await job_orders.add(uow.session, unknown)
    job = unknown if added else await job_orders.take(uow.session, command.job_order_id)
    if job is None or job.ended:
        return
    message = job_order_cancelled(job.id, job.order_id, command.why)
    await job_orders.save(uow.session, [announce(uow, job.cancelled(), message)])
