"""Giving job orders to machines: the one way in which a lease comes to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.unit_of_work import UnitOfWork
from routing.domain.allocation import Candidate, Decision, Outcome, decide
from routing.domain.job_order import Estimate, Holder, JobOrder
from routing.domain.network import Network
from routing.domain.requirements import Reason
from routing.domain.rules import Rules
from routing.messages import said
from routing.store import allocations, job_orders, network
from routing.usecases.announcing import announce


async def place(jobs: Sequence[JobOrder], uow: UnitOfWork, at: datetime, rules: Rules) -> None:
    """Allocate waiting job orders, save them and announce what became of each.

    The caller holds the lock of allocation and the rows of `jobs`, which are taken in the order given: each decision
    sees the ones before it.
    """
    if not jobs:
        return
    seen = await network.load(uow.session, without=[job.id for job in jobs])
    decisions = [_decide(job, seen, at, rules) for job in jobs]
    tokens = iter(await job_orders.issue_tokens(uow.session, sum(each.chosen is not None for each in decisions)))
    placed: list[JobOrder] = []
    records: list[tuple[str, int | None, Decision]] = []
    for job, decision in zip(jobs, decisions, strict=True):
        if decision.chosen is not None:
            given = _give(job, decision.chosen, next(tokens), at, rules)
            placed.append(announce(uow, given, said.job_order_allocated(given, decision.chosen)))
            records.append((job.id, given.token, decision))
            continue
        if _says_something_new(job, decision):
            records.append((job.id, None, decision))
        placed.append(_put_off(job, decision, uow, at, rules))
    await job_orders.save(uow.session, placed, tried_at=at)
    await allocations.add(uow.session, records)


def _decide(job: JobOrder, seen: Network, at: datetime, rules: Rules) -> Decision:
    if len(job.setbacks) >= rules.max_setbacks:
        return _given_up_too_often(job, at)
    decision = decide(job.requirements, [each.machine_id for each in job.setbacks], seen, at, rules)
    if decision.chosen is not None:
        chosen = decision.chosen
        seen.reserve(chosen.machine, job.requirements.material_id, chosen.minutes, chosen.grams)
    return decision


def _given_up_too_often(job: JobOrder, at: datetime) -> Decision:
    reasons = tuple(Reason(f"given-up: {each.reason.code}", each.reason.detail) for each in job.setbacks)
    return Decision(at, Outcome.REFUSED, None, (), (), {}, reasons)


def _give(job: JobOrder, chosen: Candidate, token: int, at: datetime, rules: Rules) -> JobOrder:
    holder = Holder(chosen.machine.hub.id, chosen.machine.id, token)
    estimate = Estimate(chosen.minutes, chosen.grams, chosen.ahead, chosen.distance_km, chosen.promised_at)
    return job.allocated(holder, estimate, at + timedelta(seconds=rules.allocation_lease_s))


def _put_off(job: JobOrder, decision: Decision, uow: UnitOfWork, at: datetime, rules: Rules) -> JobOrder:
    if decision.outcome is Outcome.REFUSED:
        refused = job.refused(decision.reasons)
        return announce(uow, refused, said.allocation_refused(refused))
    waiting = job.kept_waiting(decision.reasons)
    if not _says_something_new(job, decision):
        return waiting
    return announce(uow, waiting, said.job_order_waiting(waiting, at + timedelta(seconds=rules.retry_s)))


def _says_something_new(job: JobOrder, decision: Decision) -> bool:
    """Whether the reasons are others than when it was tried before; their numbers may change unsaid."""
    return {each.code for each in job.reasons} != {each.code for each in decision.reasons}
