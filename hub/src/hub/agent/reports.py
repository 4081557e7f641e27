"""Reports go out: into the journal first, then to the network until it acknowledges, in their order."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from opentelemetry import propagate, trace

from fabmesh.hub.v1.hub_pb2 import Aborted, Completed, JobReported, Progressed, Started
from fabmesh.types.v1.types_pb2 import Measurement, Reason
from hub.agent.back_off import BackOff
from hub.agent.jobs import Job, Report
from hub.agent.journal import Journal
from hub.agent.link import Link
from hub.drivers import Outcome
from hub.errors import Unreachable
from messaging.envelope import seal, uuid7
from messaging.structured import to_json
from messaging.subjects import hub_reports

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.hub")

_ACKNOWLEDGED_S = 5.0
_MOST_BYTES = 56 * 1024  # a hub's payloads are limited to 64 KiB


class Reports:
    """Writes and sends the reports of one hub."""

    def __init__(self, link: Link, journal: Journal, *, hub_id: str) -> None:
        self._link = link
        self._journal = journal
        self._hub_id = hub_id
        self._written = asyncio.Event()

    def started(self, job: Job) -> None:
        """The machine has begun."""
        self._write(job, "started", JobReported(started=Started()))

    def progressed(self, job: Job, fraction: float) -> None:
        """The machine has done this much of its program."""
        self._write(job, "progressed", JobReported(progressed=Progressed(fraction=fraction)))

    def completed(self, job: Job, outcome: Outcome, measurements: Sequence[Measurement]) -> None:
        """The machine has done all; ends the job. Measurements beyond what a message holds are left to a technician."""
        report = Completed(
            used_g=outcome.used_g, machine_minutes=outcome.machine_minutes, program_sha256=outcome.sha256
        )
        room = _MOST_BYTES
        for each in measurements:
            room -= 130 + len(each.characteristic.encode()) + len(each.instrument.encode())
            if room < 0:
                log.warning("%s: %d measurements are too many for a report", job.key[0], len(measurements))
                break
            report.measurements.append(each)
        self._write(job, "completed", JobReported(completed=report), ends="completed")

    def aborted(self, job: Job, code: str, detail: str) -> None:
        """The job will not be completed here; ends the job."""
        log.warning("%s token %d aborted: %s: %s", *job.key, code, detail)
        reason = Reason(code=code, detail=detail[:500])
        self._write(job, "aborted", JobReported(aborted=Aborted(reason=reason)), ends="aborted")

    async def run(self) -> None:
        """Send what is in the journal, the oldest first, until cancelled."""
        back_off = BackOff()
        while True:
            self._written.clear()
            report = self._journal.unsent()
            if report is None:
                await self._written.wait()
                continue
            await self._link.until_up()
            subject = hub_reports(self._hub_id, report.machine_id)
            try:
                await self._link.publish(subject, report.body.encode(), message_id=report.id, timeout_s=_ACKNOWLEDGED_S)
            except Unreachable as error:
                log.warning("report %s of %s not acknowledged: %s; sending again", report.kind, report.key[0], error)
                await back_off.wait()
            else:
                back_off.reset()
                self._journal.acknowledge(report.id)

    def _write(self, job: Job, kind: str, message: JobReported, *, ends: str = "") -> None:
        message.report_id = uuid7()
        message.job_order_id, message.fencing_token = job.key
        message.machine_id = job.machine_id
        message.sequence = len(job.reports) + 1
        message.at.CopyFrom(_now())
        carrier: dict[str, str] = {}
        with tracer.start_as_current_span(f"report {kind}", kind=trace.SpanKind.PRODUCER):
            propagate.inject(carrier)
        envelope = seal(
            message,
            source=f"hub/{self._hub_id}",
            subject=job.key[0],
            correlation_id=job.order_id,
            causation_id=job.cause,
            trace=carrier,
        )
        envelope = dataclasses.replace(envelope, id=message.report_id)
        body = to_json(envelope, message).decode()
        fraction = message.progressed.fraction
        report = Report(message.report_id, job.key, job.machine_id, message.sequence, kind, body, fraction)
        self._journal.report(report, ends=ends)
        self._written.set()


def _now() -> Timestamp:
    nanos = time.time_ns()
    return Timestamp(seconds=nanos // 1_000_000_000, nanos=nanos % 1_000_000_000)
