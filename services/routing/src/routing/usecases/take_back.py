"""What time does to job orders: leases that run out, hubs that fall silent, waiting that ends.

Each function is one pass over a bounded number, in a unit of work of its own, and answers how many it treated.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.unit_of_work import UnitOfWork
from routing.domain.job_order import UNCLAIMED, JobOrder
from routing.domain.rules import Rules
from routing.messages import said
from routing.store import hubs, job_orders, queries
from routing.store.clock import lock_allocation, now
from routing.usecases.announcing import announce
from routing.usecases.placing import place

log = logging.getLogger(__name__)

BATCH = 200


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now."""

    silent: bool
    expired: bool
    waiting: bool


async def due(session: AsyncSession, rules: Rules) -> Due:
    """Look, without locks, whether any pass has something to do."""
    silent, expired, waiting = await queries.due(session, rules.hub_lost_s, rules.retry_s)
    return Due(silent, expired, waiting)


async def lose_silent_hubs(uow: UnitOfWork, rules: Rules) -> int:
    """Hubs that were not heard for `hub_lost_s` are lost. All that they have not claimed goes to others in one pass;
    what they have claimed goes when its lease is over, so that never two hubs hold a lease.
    """
    await lock_allocation(uow.session)
    at = await now(uow.session)
    silent = await hubs.take_silent(uow.session, at - timedelta(seconds=rules.hub_lost_s))
    if not silent:
        return 0
    ids = [hub.id for hub in silent]
    await hubs.set_lost(uow.session, ids)
    await hubs.note(uow.session, ids, "lost", at)
    for hub in silent:
        assert hub.last_heard_at is not None
        log.warning("hub %s (%s) is lost, last heard at %s", hub.slug, hub.id, hub.last_heard_at.isoformat())
        uow.emit(said.hub_lost(hub.id, hub.last_heard_at), aggregate_id=hub.id)
    jobs = await job_orders.take_of_hubs(uow.session, ids)
    unclaimed = [job for job in jobs if job.state in UNCLAIMED]
    await _reallocate([(job, job.withdrawn()) for job in unclaimed], uow, at, rules)
    return len(silent)


async def expire_leases(uow: UnitOfWork, rules: Rules) -> int:
    """Job orders whose lease has run out go to whoever can make them, under a higher token."""
    await lock_allocation(uow.session)
    at = await now(uow.session)
    jobs = await job_orders.take_expired(uow.session, at, BATCH)
    await _reallocate([(job, job.taken_back(at)) for job in jobs], uow, at, rules)
    return len(jobs)


async def retry_waiting(uow: UnitOfWork, rules: Rules) -> int:
    """Job orders that wait are tried again when the network can do more, and every `retry_s` besides."""
    await lock_allocation(uow.session)
    at = await now(uow.session)
    tried_before = await queries.retry_limit(uow.session, at - timedelta(seconds=rules.retry_s))
    jobs = await job_orders.take_waiting(uow.session, tried_before, BATCH)
    await place(jobs, uow, at, rules)
    return len(jobs)


async def _reallocate(taken: list[tuple[JobOrder, JobOrder]], uow: UnitOfWork, at: datetime, rules: Rules) -> None:
    """Place job orders anew: each as its holder had it, and as it is without."""
    free = []
    for held, waiting in taken:
        assert held.lease is not None
        log.info("job order %s: token %d is over, it was %s", held.id, held.lease.holder.token, held.state)
        free.append(announce(uow, waiting, said.lease_expired(held, held.lease.holder)))
    await place(free, uow, at, rules)
