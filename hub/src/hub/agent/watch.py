"""Watching one machine: its state, asked for again and again, for whoever needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from hub.drivers import MachineDriver, MachineState
from hub.errors import MachineOffline, MachineRefused

log = logging.getLogger(__name__)

OFFLINE = MachineState("offline")


class Watch:
    """The last known state of a machine; `offline` until it has answered."""

    def __init__(self, driver: MachineDriver, *, name: str, poll_s: float) -> None:
        self._driver = driver
        self._name = name
        self._poll_s = poll_s
        self.state = OFFLINE
        self._looked = asyncio.Condition()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            state = await self._look()
            if (state.state == "offline") != (self.state.state == "offline"):
                log.info("%s is %s", self._name, state.state)
            async with self._looked:
                self.state = state
                self._looked.notify_all()
            await asyncio.sleep(self._poll_s)

    async def look(self) -> MachineState:
        """What the machine shows when it is looked at next."""
        async with self._looked:
            await self._looked.wait()
            return self.state

    async def until(self, wanted: Callable[[MachineState], bool]) -> MachineState:
        """Wait for a look at the machine in a wanted state."""
        while not wanted(state := await self.look()):
            pass
        return state

    async def _look(self) -> MachineState:
        try:
            return await self._driver.status()
        except (MachineOffline, MachineRefused) as error:
            log.debug("%s: %s", self._name, error)
            return OFFLINE
