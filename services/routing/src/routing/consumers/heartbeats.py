"""Heartbeats of hubs on `hub.<hub>.heartbeat`."""

from __future__ import annotations

import asyncio
import logging

from opentelemetry.instrumentation.utils import suppress_instrumentation

from chassis.service import Runtime
from messaging.errors import MalformedMessage
from routing.consumers.hearing import Hearing
from routing.consumers.job_queues import JobQueues
from routing.consumers.requests import answer_until_stopped
from routing.domain.rules import Rules
from routing.messages.hub import HeartbeatHeard, heartbeat_answered, heartbeat_of
from routing.settings import RoutingSettings
from routing.usecases.hear_heartbeat import Heartbeat, hear_heartbeat

log = logging.getLogger(__name__)


class HeartbeatEar:
    """Renews leases, and makes sure that each hub that lives has a queue of jobs to pull from."""

    def __init__(self, runtime: Runtime[RoutingSettings], rules: Rules, hearing: Hearing) -> None:
        self._runtime = runtime
        self._rules = rules
        self._hearing = hearing
        self._queues = JobQueues(runtime.nats, runtime.js)

    async def run(self, stop: asyncio.Event) -> None:
        """Answer heartbeats until `stop` is set."""
        await answer_until_stopped(self._runtime.nats, "hub.*.heartbeat", self._answer, stop)

    async def _answer(self, subject: str, body: bytes) -> bytes | None:
        try:
            said = heartbeat_of(subject, body)
        except MalformedMessage as error:
            log.warning("%s: %s", subject, error)
            return None
        try:
            with suppress_instrumentation():  # one a second from each hub: nobody looks for them among the traces
                return await self._hear(said)
        except Exception:
            self._hearing.failed()
            raise

    async def _hear(self, said: HeartbeatHeard) -> bytes:
        heartbeat = Heartbeat(said.hub_id, said.agent_version, said.machines)
        async with self._runtime.units.begin(said.envelope) as uow:
            heard = await hear_heartbeat(heartbeat, uow, self._rules)
        await self._queues.ensure(said.hub_id, anew=heard.arrived)
        return heartbeat_answered(said, heard.answer, self._rules.lease_s, self._rules.heartbeat_interval_s)
