"""The consumer in JOBS from which a hub pulls its offers: made by routing, never by the hub.

It is kept in memory, so that ten thousand of them do not slow the server's stop (the stream itself is the state), and
is made again after a restart of NATS, or when the server has dropped it because the hub was away.
"""

from __future__ import annotations

import logging
import time

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from messaging.streams import JOBS

log = logging.getLogger(__name__)

_AGAIN_S = 600.0
_INACTIVE_S = 3600.0


def queue_config(hub_id: str) -> ConsumerConfig:
    """The durable of one hub, named after it. It is offered a job until it has put it into its journal."""
    return ConsumerConfig(
        durable_name=hub_id,
        filter_subject=f"hub.{hub_id}.jobs.*",
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=30,
        max_ack_pending=64,
        max_deliver=10_000,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=_INACTIVE_S,
    )


class JobQueues:
    """Remembers which queues exist on the server that this process is connected to."""

    def __init__(self, nats: Client, js: JetStreamContext) -> None:
        self._nats = nats
        self._js = js
        self._made: dict[str, tuple[int, float]] = {}

    async def ensure(self, hub_id: str, *, anew: bool) -> None:
        """Make the hub's queue unless it surely exists; `anew`: the hub was away. A failure is tried again at its next
        heartbeat.
        """
        connection, at = self._made.get(hub_id, (-1, 0.0))
        current = self._nats.stats["reconnects"]
        if not anew and connection == current and time.monotonic() - at < _AGAIN_S:
            return
        try:
            await self._js.add_consumer(JOBS, queue_config(hub_id))
        except (TimeoutError, NatsError, OSError) as error:
            self._made.pop(hub_id, None)
            log.warning("no queue of jobs for hub %s: %s", hub_id, error or type(error).__name__)
        else:
            self._made[hub_id] = (current, time.monotonic())
