"""Who follows an order is woken when something new is told of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator

import asyncpg

from chassis.database import UNAVAILABLE

log = logging.getLogger(__name__)


class Changes:
    """Listens to the database for all followers of this process, on one connection of its own.

    A notification that was missed while the connection was lost is made good: after connecting again everybody is
    woken.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._followers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.stopped = False

    @contextlib.contextmanager
    def follow(self, order_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something may be new; who waits for it clears it first."""
        woken = asyncio.Event()
        self._followers[order_id].add(woken)
        try:
            yield woken
        finally:
            self._followers[order_id].discard(woken)
            if not self._followers[order_id]:
                del self._followers[order_id]

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set, then let every follower go."""
        try:
            while not stop.is_set():
                try:
                    await self._listen(stop)
                except UNAVAILABLE as error:
                    log.warning("timeline: %s: %s; connecting again", type(error).__name__, error)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), 0.5)
        finally:
            self.stopped = True
            self._wake_all()

    async def _listen(self, stop: asyncio.Event) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(self._url, timeout=5)
        try:
            connection.add_termination_listener(lambda *_: lost.set())
            await connection.add_listener("timeline", lambda *said: self._wake(str(said[-1])))
            self._wake_all()
            waiting = [asyncio.create_task(event.wait()) for event in (stop, lost)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
        finally:
            with contextlib.suppress(*UNAVAILABLE):
                await connection.close(timeout=2)

    def _wake(self, order_id: str) -> None:
        for woken in self._followers.get(order_id, ()):
            woken.set()

    def _wake_all(self) -> None:
        for order_id in list(self._followers):
            self._wake(order_id)
