"""For how long this process could hear the hubs: silence counts only while somebody listens."""

from __future__ import annotations

import time

from nats.aio.client import Client


class Hearing:
    """Without NATS or the database no heartbeat is heard, and no hub may be called lost for that."""

    def __init__(self, nats: Client) -> None:
        self._nats = nats
        self._since = time.monotonic()
        self._connection = self._nats.stats["reconnects"]

    def failed(self) -> None:
        """A heartbeat could not be taken in: hearing begins anew."""
        self._since = time.monotonic()

    def for_s(self) -> float:
        """Seconds since which nothing stood between the hubs and the database, as far as this process knows."""
        connection = self._nats.stats["reconnects"]
        if not self._nats.is_connected or connection != self._connection:
            self._connection = connection
            self.failed()
        return time.monotonic() - self._since
