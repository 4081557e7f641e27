"""A new job order, asked for by orders."""

from __future__ import annotations

import logging
from dataclasses import replace

from chassis.unit_of_work import UnitOfWork
from routing.domain.job_order import JobOrder
from routing.domain.rules import Rules
from routing.store import job_orders
from routing.store.clock import lock_allocation, now
from routing.usecases.announcing import carrier
from routing.usecases.placing import place

log = logging.getLogger(__name__)


async def allocate_job_order(job: JobOrder, uow: UnitOfWork, rules: Rules) -> None:
    """Take in `job` and place it. One that is known already, or was cancelled before it came, is left as it is."""
    await lock_allocation(uow.session)
    job = replace(job, trace=carrier())
    if not await job_orders.add(uow.session, job):
        log.info("job order %s is known already", job.id)
        return
    await place([job], uow, await now(uow.session), rules)
