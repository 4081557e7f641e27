"""Offers come in: into the journal first, then acknowledged, then made when the machine has time."""

from __future__ import annotations

import logging
from collections.abc import Callable

from google.protobuf import json_format
from nats.aio.msg import Msg

from fabmesh.hub.v1.hub_pb2 import JobOffered
from hub.agent.back_off import BackOff
from hub.agent.jobs import Job
from hub.agent.journal import Journal
from hub.agent.link import Link
from hub.errors import Unreachable
from messaging.errors import MalformedMessage
from messaging.streams import JOBS
from messaging.structured import from_json

log = logging.getLogger(__name__)

_UNKNOWN_MACHINE_S = 30.0


class Offers:
    """Receives offers for one hub; `accept` is told of each new job."""

    def __init__(self, link: Link, journal: Journal, *, hub_id: str, accept: dict[str, Callable[[Job], None]]) -> None:
        self._link = link
        self._journal = journal
        self._hub_id = hub_id
        self._accept = accept

    async def run(self) -> None:
        """Receive until cancelled."""
        back_off = BackOff()
        while True:
            await self._link.until_up()
            try:
                await self._link.each_message(JOBS, self._receive)
            except Unreachable as error:
                log.debug("offers: %s", error)
                await back_off.wait()
            else:
                back_off.reset()

    async def _receive(self, msg: Msg) -> None:
        try:
            job = self._read(msg.data)
        except MalformedMessage as error:
            log.warning("%s: no offer of ours, dropped: %s", msg.subject, error)
            await msg.term()
            return
        if job.machine_id not in self._accept:
            log.error("offer of %s for machine %s, which is not in the configuration", job.key[0], job.machine_id)
            await msg.nak(delay=_UNKNOWN_MACHINE_S)
            return
        kept = self._journal.offer(job)
        if kept is not None:
            log.info("offered %s token %d for %s", *job.key, job.machine_id)
            self._accept[job.machine_id](kept)
        await msg.ack()

    def _read(self, body: bytes) -> Job:
        envelope, offer = from_json(body, JobOffered)
        if offer.hub_id != self._hub_id or not offer.job_order_id or not offer.machine_id:
            raise MalformedMessage(f"for hub {offer.hub_id!r}, job order {offer.job_order_id!r}")
        return Job(
            key=(offer.job_order_id, offer.fencing_token),
            machine_id=offer.machine_id,
            offer=json_format.MessageToDict(offer),
            order_id=envelope.correlation_id or offer.order_id,
            cause=envelope.id,
            trace=dict(envelope.trace),
        )
