"""What routing says: one function an event, domain → protobuf."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from fabmesh.routing.v1.events_pb2 import (
    AllocationRefused,
    HubEnrolled,
    HubLost,
    HubRecovered,
    JobOrderAborted,
    JobOrderAllocated,
    JobOrderCancelled,
    JobOrderClaimed,
    JobOrderCompleted,
    JobOrderDispatched,
    JobOrderProgressed,
    JobOrderStarted,
    JobOrderWaiting,
    LeaseExpired,
    SuperfluousPartsRecorded,
)
from fabmesh.types.v1 import types_pb2 as types
from routing.domain.allocation import Candidate
from routing.domain.job_order import Holder, JobOrder
from routing.domain.reports import Completed, Measured, Report
from routing.domain.requirements import Reason


def job_order_allocated(job: JobOrder, chosen: Candidate) -> Message:
    """A machine was chosen."""
    return JobOrderAllocated(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=chosen.machine.hub.id,
        hub_name=chosen.machine.hub.name,
        machine_id=chosen.machine.id,
        profile_id=chosen.machine.profile_id,
        fencing_token=job.token,
        why=chosen.why,
        distance_km=chosen.distance_km,
        promised_at=_stamp(chosen.promised_at),
    )


def job_order_waiting(job: JobOrder, until: datetime) -> Message:
    """No machine can take it now; it is tried again at `until` at the latest."""
    return JobOrderWaiting(
        job_order_id=job.id, order_id=job.order_id, reasons=_reasons(job.reasons), until=_stamp(until)
    )


def allocation_refused(job: JobOrder) -> Message:
    """No machine will make it."""
    return AllocationRefused(job_order_id=job.id, order_id=job.order_id, reasons=_reasons(job.reasons))


def job_order_dispatched(job: JobOrder, holder: Holder) -> Message:
    """The job is on its way to the hub."""
    return JobOrderDispatched(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
    )


def job_order_claimed(job: JobOrder, holder: Holder) -> Message:
    """The hub's claim was granted."""
    return JobOrderClaimed(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
    )


def lease_expired(job: JobOrder, holder: Holder) -> Message:
    """The holder's time was over, or its hub was lost."""
    return LeaseExpired(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
    )


def job_order_cancelled(job_order_id: str, order_id: str, why: str) -> Message:
    """Cancelled by order."""
    return JobOrderCancelled(job_order_id=job_order_id, order_id=order_id, why=why)


def job_order_started(job: JobOrder, holder: Holder, at: datetime) -> Message:
    """The machine began."""
    return JobOrderStarted(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
        part_ids=job.requirements.part_ids,
        started_at=_stamp(at),
    )


def job_order_progressed(job: JobOrder, holder: Holder, fraction: float) -> Message:
    """The machine came that far."""
    return JobOrderProgressed(job_order_id=job.id, order_id=job.order_id, fencing_token=holder.token, fraction=fraction)


def job_order_completed(job: JobOrder, report: Report, completed: Completed) -> Message:
    """The parts are made."""
    return JobOrderCompleted(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=report.speaker.hub_id,
        machine_id=report.speaker.machine_id,
        fencing_token=report.speaker.token,
        part_ids=job.requirements.part_ids,
        program_sha256=completed.program_sha256,
        used_g=completed.used_g,
        machine_minutes=completed.machine_minutes,
        measurements=[_measurement(each) for each in completed.measurements],
        completed_at=_stamp(report.at),
    )


def job_order_aborted(job: JobOrder, holder: Holder, reason: Reason) -> Message:
    """Machine or agent gave up."""
    return JobOrderAborted(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
        reason=types.Reason(code=reason.code, detail=reason.detail),
    )


def superfluous_parts_recorded(job: JobOrder, holder: Holder) -> Message:
    """Parts were made that nobody asked for any more."""
    return SuperfluousPartsRecorded(
        job_order_id=job.id,
        order_id=job.order_id,
        hub_id=holder.hub_id,
        machine_id=holder.machine_id,
        fencing_token=holder.token,
        part_ids=job.requirements.part_ids,
    )


def hub_enrolled(hub_id: str, name: str, organisation_id: str) -> Message:
    """An agent enrolled for the hub."""
    return HubEnrolled(hub_id=hub_id, name=name, organisation_id=organisation_id)


def hub_lost(hub_id: str, last_heard_at: datetime) -> Message:
    """The hub is not heard any more."""
    return HubLost(hub_id=hub_id, last_heard_at=_stamp(last_heard_at))


def hub_recovered(hub_id: str) -> Message:
    """The hub is heard again."""
    return HubRecovered(hub_id=hub_id)


def _measurement(each: Measured) -> types.Measurement:
    return types.Measurement(
        part_id=each.part_id,
        characteristic=each.characteristic,
        value=each.value,
        unit=each.unit,
        instrument=each.instrument,
    )


def _reasons(reasons: Iterable[Reason]) -> list[types.Reason]:
    return [types.Reason(code=each.code, detail=each.detail) for each in reasons]


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
