"""Whether reports wait that nobody has read: a lease is not called over while its completion may lie among them."""

from __future__ import annotations

import time

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from messaging.streams import REPORTS
from routing.consumers.reports import DURABLE

_PATIENCE_S = 10.0
"""A hub that floods routing with reports holds nobody else's job orders up for longer."""


class ReportBacklog:
    """Looks at the durable of the reports."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js
        self._since: float | None = None

    async def must_be_read_first(self) -> bool:
        """True while reports wait, for as long as patience lasts."""
        if not await self._waits():
            self._since = None
            return False
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        return now - self._since < _PATIENCE_S

    async def _waits(self) -> bool:
        try:
            info = await self._js.consumer_info(REPORTS, DURABLE)
        except (NatsError, OSError, TimeoutError):
            return True
        return bool((info.num_pending or 0) + (info.num_ack_pending or 0))
