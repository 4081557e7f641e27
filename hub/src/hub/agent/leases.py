"""The right to make a job order: asked for, counted on the agent's own clock, renewed, lost."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from opentelemetry import propagate, trace

from fabmesh.hub.v1.hub_pb2 import ClaimDecided, ClaimRequested
from hub.agent.back_off import BackOff
from hub.agent.jobs import Job
from hub.agent.link import Link
from hub.errors import Unreachable
from messaging.envelope import seal
from messaging.errors import MalformedMessage
from messaging.structured import from_json, to_json
from messaging.subjects import hub_claims

log = logging.getLogger(__name__)
tracer = trace.get_tracer("fabmesh.hub")

_ANSWER_S = 5.0


@dataclass(slots=True)
class Lease:
    """A lease, `ends_at` on the monotonic clock (seconds). `lost` says why it is over before that."""

    ends_at: float
    program_url: str = ""
    program_sha256: str = ""
    download_key: str = ""
    lost: str = ""

    @property
    def valid(self) -> bool:
        """Whether something may be started under it."""
        return not self.lost and time.monotonic() < self.ends_at

    def renew(self, asked_at: float, lease_s: float) -> None:
        """Count anew from when the renewal was asked for."""
        self.ends_at = asked_at + lease_s


class Claims:
    """Asks for leases."""

    def __init__(self, link: Link, *, hub_id: str) -> None:
        self._link = link
        self._hub_id = hub_id

    async def claim(self, job: Job) -> Lease | str:
        """A lease, or why not. Asks until somebody answers: the same claim may be granted again."""
        back_off = BackOff()
        while True:
            await self._link.until_heard()
            asked_at = time.monotonic()
            try:
                answer = await self._ask(job)
            except (Unreachable, MalformedMessage) as error:
                log.warning("claim of %s: %s; asking again", job.key[0], error)
                await back_off.wait()
                continue
            if not answer.granted or answer.fencing_token != job.key[1]:
                return answer.why or "not granted"
            return Lease(
                ends_at=asked_at + answer.lease_s,
                program_url=answer.program_url,
                program_sha256=answer.program_sha256,
                download_key=answer.download_key,
            )

    async def _ask(self, job: Job) -> ClaimDecided:
        question = ClaimRequested(job_order_id=job.key[0], machine_id=job.machine_id, fencing_token=job.key[1])
        carrier: dict[str, str] = {}
        with tracer.start_as_current_span("claim job order", kind=trace.SpanKind.CLIENT):
            propagate.inject(carrier)
            envelope = seal(
                question,
                source=f"hub/{self._hub_id}",
                subject=job.key[0],
                correlation_id=job.order_id,
                causation_id=job.cause,
                trace=carrier,
            )
            body = to_json(envelope, question)
            answer = await self._link.request(hub_claims(self._hub_id), body, timeout_s=_ANSWER_S)
        return from_json(answer, ClaimDecided)[1]
