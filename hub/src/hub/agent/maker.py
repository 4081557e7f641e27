"""Making job orders on one machine: one after the other, each started at most once.

A job waits for an idle machine with a clear bed, is claimed, loaded, noted as begun, started, watched, measured and
reported. Once it is noted as begun nobody starts it again: whatever is unclear then (an answer that did not come, a
restart of this process) is settled by asking the machine, which bars the start if it never happened.
"""

from __future__ import annotations

import asyncio
import logging

from opentelemetry import propagate, trace

from hub.agent.back_off import BackOff
from hub.agent.inspection import measure
from hub.agent.jobs import FINAL, Job
from hub.agent.journal import Journal
from hub.agent.leases import Claims, Lease
from hub.agent.programs import Programs
from hub.agent.reports import Reports
from hub.agent.watch import Watch
from hub.drivers import MachineDriver, Outcome, StartRequest
from hub.errors import DownloadFailed, DownloadForbidden, MachineOffline, MachineRefused, ProgramUnusable

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.hub")

_MOST_CLAIMS = 20
_PROGRESS_STEP = 0.1


class Maker:
    """The jobs of one machine."""

    def __init__(
        self,
        machine_id: str,
        *,
        driver: MachineDriver,
        watch: Watch,
        journal: Journal,
        claims: Claims,
        programs: Programs,
        reports: Reports,
    ) -> None:
        self.machine_id = machine_id
        self.watch = watch
        self.job: Job | None = None
        self.lease: Lease | None = None
        self._driver = driver
        self._journal = journal
        self._claims = claims
        self._programs = programs
        self._reports = reports
        self._queue: list[Job] = [job for job in journal.open_jobs if job.machine_id == machine_id]
        self._queue.sort(key=lambda job: not job.begun)
        self._more = asyncio.Event()

    def accept(self, job: Job) -> None:
        """Queue a job that is in the journal."""
        self._queue.append(job)
        self._more.set()

    @property
    def held(self) -> Job | None:
        """The job that this machine holds: claimed, and not over as far as the network knows."""
        return self.job if self.job is not None and self.lease is not None and not self.job.settled else None

    async def run(self) -> None:
        """Make one job after the other until cancelled."""
        while True:
            self._more.clear()
            if not self._queue:
                await self._more.wait()
                continue
            job = self._queue.pop(0)
            context = propagate.extract(dict(job.trace))
            with tracer.start_as_current_span(
                "make job order",
                context=context,
                kind=trace.SpanKind.CONSUMER,
                attributes={"fabmesh.job_order.id": job.key[0], "fabmesh.machine.id": self.machine_id},
            ):
                await self._make_to_the_end(job)

    async def _make_to_the_end(self, job: Job) -> None:
        while not job.ended:
            try:
                await (self._resume(job) if job.begun else self._make(job))
            except Exception as error:  # this loop owns its jobs' faults: one of them must not end the agent
                log.exception("%s token %d", *job.key)
                if job.begun:
                    await asyncio.sleep(5)
                else:
                    self._reports.aborted(job, "agent-error", f"{type(error).__name__}: {error}")

    async def _make(self, job: Job) -> None:
        """From the queue to the end."""
        back_off = BackOff()
        for _ in range(_MOST_CLAIMS):
            await self.watch.until(lambda state: state.state == "idle")
            if self._journal.highest_token(job.key[0]) > job.key[1]:
                self._journal.end(job.key, "superseded")
                return
            lease = await self._claims.claim(job)
            if isinstance(lease, str):
                log.info("%s token %d refused: %s", *job.key, lease)
                self._journal.end(job.key, "refused")
                return
            self.job, self.lease = job, lease
            if await self._begin(job, lease):
                await self._follow(job)
                return
            self.lease = None
            if job.ended:
                return
            await back_off.wait()
        self._reports.aborted(job, "cannot-begin", f"claimed {_MOST_CLAIMS} times and never begun")

    async def _begin(self, job: Job, lease: Lease) -> bool:
        """Load and start; False when it has to be claimed again, or has ended without a start."""
        try:
            await self._load(job, lease)
            state = await self._driver.status()
        except (DownloadForbidden, MachineOffline) as error:
            log.warning("%s token %d: %s; claiming again", *job.key, error)
            return False
        except (ProgramUnusable, DownloadFailed, MachineRefused) as error:
            self._reports.aborted(job, *_reason(error))
            return False
        if lease.lost:
            log.info("%s token %d lost before its start: %s", *job.key, lease.lost)
            self._journal.end(job.key, "lost")
        elif state.state != "idle" or not lease.valid:
            log.warning("%s token %d: machine %s or lease over; claiming again", *job.key, state.state)
        else:
            await self._start(job, lease)
        return job.begun

    async def _load(self, job: Job, lease: Lease) -> None:
        program = await self._programs.fetch(job, lease)
        try:
            await self._driver.upload(program, lease.program_sha256)
        finally:
            self._programs.discard(program)

    async def _start(self, job: Job, lease: Lease) -> None:
        offer = job.offered()
        request = StartRequest(job.key, lease.program_sha256, offer.material_id, max(1, len(offer.part_ids)))
        self._journal.starting(job.key)
        try:
            await self._driver.start(request)
        except (MachineOffline, MachineRefused) as error:
            log.warning("%s token %d: start: %s", *job.key, error)

    async def _resume(self, job: Job) -> None:
        """Go on with a job that was begun before this process was."""
        if any(job.has_reported(kind) for kind in FINAL):
            self._journal.end(job.key, "reported")
            return
        log.info("%s token %d was begun before; asking the machine", *job.key)
        self.job, self.lease = job, Lease(ends_at=0.0)
        await self._follow(job, barred="agent-restarted")

    async def _follow(self, job: Job, *, barred: str = "start-failed") -> None:
        """Watch a job that was begun, to its end."""
        while (outcome := await self._settle(job)).state == "running":
            if not job.has_reported("started"):
                log.info("%s token %d started on %s", *job.key, self.machine_id)
                self._reports.started(job)
            if self._lost:
                await self._stop(job)
            else:
                await self._watch_progress(job)
        if outcome.state == "completed":
            await self._complete(job, outcome)
        elif outcome.state == "barred":
            self._reports.aborted(job, barred, "the machine never began")
        elif outcome.state == "cancelled" and self._lost:
            self._journal.end(job.key, "stopped")
        else:
            if not job.has_reported("started"):
                self._reports.started(job)
            self._reports.aborted(job, outcome.reason or outcome.state, outcome.detail)

    async def _settle(self, job: Job) -> Outcome:
        """What the machine says of the job, asked until it answers."""
        back_off = BackOff()
        while True:
            try:
                return await self._driver.settle(job.key)
            except (MachineOffline, MachineRefused) as error:
                log.warning("%s: %s; asking again", self.machine_id, error)
                await back_off.wait()

    @property
    def _lost(self) -> str:
        """Why the job at hand is not this hub's any more; empty while it is."""
        return self.lease.lost if self.lease is not None else ""

    async def _stop(self, job: Job) -> None:
        log.warning("%s token %d is lost: %s; stopping the machine", *job.key, self._lost)
        try:
            await self._driver.cancel(job.key)
        except (MachineOffline, MachineRefused) as error:
            log.warning("%s: stop: %s; trying again", self.machine_id, error)
            await asyncio.sleep(0.5)

    async def _watch_progress(self, job: Job) -> None:
        """Report progress until the machine shows something else than this job, or the lease is lost."""
        reported = job.reported_fraction
        while not self._lost:
            state = await self.watch.look()
            if state.state == "offline":
                continue
            if state.key != job.key or state.state != "running":
                return
            if state.fraction >= reported + _PROGRESS_STEP:
                reported = int(state.fraction / _PROGRESS_STEP + 1e-6) * _PROGRESS_STEP
                self._reports.progressed(job, round(reported, 3))

    async def _complete(self, job: Job, outcome: Outcome) -> None:
        if not job.has_reported("started"):
            self._reports.started(job)
        measurements = await measure(self._driver, job)
        self._reports.completed(job, outcome, measurements)
        log.info("%s token %d completed: %g g", *job.key, outcome.used_g)


def _reason(error: ProgramUnusable | DownloadFailed | MachineRefused) -> tuple[str, str]:
    """Code and detail of why a job was not begun."""
    if isinstance(error, MachineRefused):
        return error.code, error.detail
    return ("digest-mismatch" if isinstance(error, ProgramUnusable) else "download-failed"), str(error)
