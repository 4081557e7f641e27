"""The program is verified: offer the job to the hub and machine that hold the lease."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chassis.unit_of_work import UnitOfWork
from routing.domain.errors import IllegalTransition
from routing.domain.job_order import Program
from routing.domain.making import Making
from routing.messages import said
from routing.store import job_orders
from routing.usecases.announcing import announce, offer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A verified program for a job order and the token that it was made for."""

    job_order_id: str
    token: int
    program: Program
    making: Making


async def dispatch_job_order(command: Dispatch, uow: UnitOfWork) -> None:
    """Offer the job. A release for an older token, or a repeated one, changes nothing."""
    job = await job_orders.take(uow.session, command.job_order_id)
    if job is None or job.lease is None:
        log.warning("job order %s: nothing to dispatch", command.job_order_id)
        return
    try:
        ready = job.programmed(command.token, command.program)
    except IllegalTransition as error:
        log.info("job order %s, token %d: not dispatched: %s", job.id, command.token, error)
        return
    offer(uow, ready, command.making)
    dispatched = ready.offered()
    dispatched = announce(uow, dispatched, said.job_order_dispatched(dispatched, job.lease.holder))
    await job_orders.save(uow.session, [dispatched])
