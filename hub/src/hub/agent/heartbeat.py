"""The hub's heartbeat: says that it lives and what it holds, hears which leases are renewed and which are lost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from fabmesh.hub.v1.hub_pb2 import HeartbeatAnswered, HeartbeatSent, MachineStatus
from hub import __version__
from hub.agent.link import Link
from hub.agent.maker import Maker
from hub.errors import Unreachable
from messaging.envelope import seal
from messaging.errors import MalformedMessage
from messaging.structured import from_json, to_json
from messaging.subjects import hub_heartbeat

log = logging.getLogger(__name__)

_FIRST_INTERVAL_S = 1.0
_SHORTEST_S, _LONGEST_S = 0.1, 60.0
_ANSWER_S = 3.0


class Heartbeat:
    """Beats for one hub. The interval is the network's to choose."""

    def __init__(self, link: Link, *, hub_id: str, makers: Sequence[Maker]) -> None:
        self._link = link
        self._hub_id = hub_id
        self._makers = makers
        self._interval_s = _FIRST_INTERVAL_S
        self._answered = True

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await self._link.until_up()
            began = time.monotonic()
            try:
                self._take(await self._ask(), began)
            except (Unreachable, MalformedMessage) as error:
                if self._answered:
                    log.warning("heartbeat not answered: %s", error)
                self._answered = False
                self._link.note_heard(heard=False)
            await asyncio.sleep(max(0.05, self._interval_s - (time.monotonic() - began)))

    async def _ask(self) -> HeartbeatAnswered:
        message = HeartbeatSent(
            hub_id=self._hub_id,
            at=Timestamp(seconds=int(time.time())),
            agent_version=__version__,
            machines=[_status(maker) for maker in self._makers],
        )
        envelope = seal(message, source=f"hub/{self._hub_id}", subject=self._hub_id)
        body = to_json(envelope, message)
        answer = await self._link.request(hub_heartbeat(self._hub_id), body, timeout_s=_ANSWER_S)
        return from_json(answer, HeartbeatAnswered)[1]

    def _take(self, answer: HeartbeatAnswered, asked_at: float) -> None:
        if not self._answered:
            log.info("heartbeat answered again")
        self._answered = True
        self._link.note_heard(heard=True)
        if answer.heartbeat_interval_s > 0:
            self._interval_s = min(_LONGEST_S, max(_SHORTEST_S, answer.heartbeat_interval_s))
        held = {maker.held.key: maker for maker in self._makers if maker.held is not None}
        for renewed in answer.renewed:
            maker = held.get((renewed.job_order_id, renewed.fencing_token))
            if maker is not None and maker.lease is not None:
                maker.lease.renew(asked_at, renewed.lease_s)
        for lost in answer.lost:
            maker = held.get((lost.job_order_id, lost.fencing_token))
            if maker is not None and maker.lease is not None:
                maker.lease.lost = lost.why or "lost"


def _status(maker: Maker) -> MachineStatus:
    state = maker.watch.state
    status = MachineStatus(machine_id=maker.machine_id, state=state.state)
    if maker.held is not None:
        status.job_order_id, status.fencing_token = maker.held.key
        if state.key == maker.held.key:
            status.fraction = state.fraction
    return status
