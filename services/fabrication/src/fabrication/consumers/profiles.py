"""At the start: tell the mesh of this version's machine profiles, as soon as the database answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from chassis.database import is_transient
from chassis.service import Loop
from chassis.unit_of_work import UnitsOfWork
from fabrication.usecases.release_profiles import release_profiles

log = logging.getLogger(__name__)
_AGAIN_S = 1.0


def releasing(units: UnitsOfWork) -> Loop:
    """A loop that releases the profiles once, then rests until the process stops."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if released := await release_profiles(units):
                    log.info("released machine profiles: %s", ", ".join(released))
                await stop.wait()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("machine profiles wait: %s: %s", type(error).__name__, error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _AGAIN_S)

    return run
