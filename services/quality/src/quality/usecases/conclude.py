"""Announce what became of an inspection once no part is left pending."""

from __future__ import annotations

from google.protobuf.message import Message

from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from quality.domain.inspections import FAILED, OPEN, Inspection, Nonconformance
from quality.messages import inspection_failed, inspection_passed, nonconformance_opened
from quality.store.inspections import add_nonconformances


async def conclude(inspection: Inspection, uow: UnitOfWork) -> None:
    """Emit that it passed; or that it failed, and open a nonconformance for each failed part. Nothing while open."""
    if inspection.status == OPEN:
        return
    if inspection.status != FAILED:
        _emit_decision(inspection_passed(inspection), inspection, uow)
        return
    _emit_decision(inspection_failed(inspection), inspection, uow)
    opened = _nonconformances(inspection)
    await add_nonconformances(uow.session, opened)
    for each in opened:
        message = nonconformance_opened(each)
        uow.emit(message, aggregate_id=each.id, correlation_id=inspection.order_id, version=1)


def _emit_decision(message: Message, inspection: Inspection, uow: UnitOfWork) -> None:
    uow.emit(message, aggregate_id=inspection.id, correlation_id=inspection.order_id, version=1)


def _nonconformances(inspection: Inspection) -> list[Nonconformance]:
    return [
        Nonconformance(
            id=uuid7(),
            inspection_id=inspection.id,
            order_id=inspection.order_id,
            job_order_id=inspection.job_order_id,
            part_id=part.part_id,
            hub_id=inspection.hub_id,
            machine_id=inspection.machine_id,
            reasons=part.reasons,
            opened_at=inspection.decided_at or inspection.opened_at,
        )
        for part in inspection.parts_with(FAILED)
    ]
