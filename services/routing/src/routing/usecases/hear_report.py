"""A hub reports what a machine did: what counts is told to the mesh, the rest is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.unit_of_work import UnitOfWork
from messaging.errors import Reject, RetryLater
from routing.domain.job_order import JobOrder
from routing.domain.reports import (
    Aborted,
    Accepted,
    Completed,
    Early,
    Fact,
    Progressed,
    Refused,
    Repeated,
    Report,
    judge,
)
from routing.domain.rules import Rules
from routing.messages import said
from routing.store import hubs, job_orders, reports
from routing.store.clock import lock_allocation, now
from routing.usecases.announcing import announce
from routing.usecases.placing import place

_EARLY_RETRY_S = 0.5


async def hear_report(report: Report, uow: UnitOfWork, rules: Rules, *, patient: bool) -> None:
    """Take in a report, once. Raises RetryLater where one that was sent before has not arrived; not `patient`, the
    gap is passed over. Raises Reject where it speaks of parts that the job order does not have.
    """
    if isinstance(report.news, Aborted | Completed):  # either may end in another allocation, whose lock comes first
        await lock_allocation(uow.session)
    job = await job_orders.take(uow.session, report.job_order_id)
    if await reports.heard(uow.session, report):
        return
    at = await now(uow.session)
    if job is None:
        await reports.add(uow.session, report, "there is no such job order", at)
        return
    _must_measure_own_parts(job, report)
    report = replace(report, at=min(report.at, at))
    match judge(job, report, patient=patient):
        case Early():
            raise RetryLater("an earlier report has not arrived", delay_s=_EARLY_RETRY_S)
        case Repeated():
            await reports.add(uow.session, report, "it says nothing new", at)
        case Refused(why=why, superfluous=superfluous):
            await reports.add(uow.session, report, why, at)
            if superfluous:
                await _record_superfluous(job, report, uow, at)
        case Accepted() as accepted:
            await reports.add(uow.session, report, "", at)
            await _count(accepted, report, uow, at, rules)


def _must_measure_own_parts(job: JobOrder, report: Report) -> None:
    if isinstance(report.news, Completed):
        strange = {each.part_id for each in report.news.measurements} - set(job.requirements.part_ids)
        if strange:
            raise Reject(f"it measures parts that are not of the job order: {', '.join(sorted(strange)[:5])}")


async def _count(accepted: Accepted, report: Report, uow: UnitOfWork, at: datetime, rules: Rules) -> None:
    job = accepted.job
    for fact in accepted.facts:
        job = _announce(fact, job, accepted, report, uow)
    if isinstance(report.news, Completed):
        await _book(job, report, uow)
    if Fact.ABORTED in accepted.facts:
        await place([job], uow, at, rules)
    else:
        await job_orders.save(uow.session, [job])


def _announce(fact: Fact, job: JobOrder, accepted: Accepted, report: Report, uow: UnitOfWork) -> JobOrder:
    speaker = report.speaker
    match fact, report.news:
        case Fact.STARTED, _:
            return announce(uow, job, said.job_order_started(job, speaker, report.at))
        case Fact.PROGRESSED, Progressed(fraction=fraction):
            return announce(uow, job, said.job_order_progressed(job, speaker, fraction))
        case Fact.COMPLETED, Completed() as completed:
            return announce(uow, job, said.job_order_completed(job, report, completed))
    assert accepted.why_aborted is not None
    return announce(uow, job, said.job_order_aborted(job, speaker, accepted.why_aborted))


async def _record_superfluous(job: JobOrder, report: Report, uow: UnitOfWork, at: datetime) -> None:
    """Parts of somebody who once held the lease exist and are not counted. Nobody else's word is taken for it."""
    assert isinstance(report.news, Completed)
    if not await reports.was_given(uow.session, report):
        return
    parts = job.requirements.part_ids
    if await reports.add_superfluous(uow.session, report, parts, report.news.used_g, at):
        await _book(job, report, uow)
        told = announce(uow, job, said.superfluous_parts_recorded(job, report.speaker))
        await job_orders.save(uow.session, [told])


async def _book(job: JobOrder, report: Report, uow: UnitOfWork) -> None:
    assert isinstance(report.news, Completed)
    material_id = job.requirements.material_id
    await hubs.book_stock(uow.session, report.speaker.hub_id, material_id, report.news.used_g)
