"""Sending a job order's events: each counts its version, and stays in the trace in which its order was placed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from google.protobuf.message import Message
from opentelemetry import context, propagate, trace

from chassis.unit_of_work import UnitOfWork
from routing.domain.job_order import JobOrder
from routing.domain.making import Making
from routing.messages.hub import job_offered


def announce(uow: UnitOfWork, job: JobOrder, message: Message) -> JobOrder:
    """Send an event of `job`; answers the job order with its version counted, to be saved."""
    job = replace(job, version=job.version + 1)
    with traced(job):
        uow.emit(message, aggregate_id=job.id, correlation_id=job.order_id, version=job.version)
    return job


def offer(uow: UnitOfWork, job: JobOrder, making: Making) -> None:
    """Send the offer to the hub that holds the lease."""
    subject, event_id, message = job_offered(job, making)
    with traced(job):
        uow.emit_to_hub(message, subject=subject, event_id=event_id, aggregate_id=job.id, correlation_id=job.order_id)


@contextmanager
def traced(job: JobOrder) -> Iterator[None]:
    """What happens of routing's own accord, in no trace yet, belongs to the job order's."""
    if not job.trace or trace.get_current_span().get_span_context().is_valid:
        yield
        return
    token = context.attach(propagate.extract(dict(job.trace)))
    try:
        yield
    finally:
        context.detach(token)


def carrier() -> dict[str, str]:
    """The current trace, to be kept with a job order."""
    kept: dict[str, str] = {}
    propagate.inject(kept)
    return kept
