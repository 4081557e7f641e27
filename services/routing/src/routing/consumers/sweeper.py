"""The loop by which time acts: hubs fall silent, leases run out, waiting ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from opentelemetry.instrumentation.utils import suppress_instrumentation

from chassis.database import is_transient
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from routing.consumers.backlog import ReportBacklog
from routing.consumers.hearing import Hearing
from routing.domain.rules import Rules
from routing.usecases.take_back import BATCH, due, expire_leases, lose_silent_hubs, retry_waiting

log = logging.getLogger(__name__)

_EVERY_S = 0.5

Pass = Callable[[UnitOfWork, Rules], Awaitable[int]]


class Sweeper:
    """Any number of processes may sweep: each pass takes the lock of allocation and looks again."""

    def __init__(self, units: UnitsOfWork, rules: Rules, hearing: Hearing, backlog: ReportBacklog) -> None:
        self._units = units
        self._rules = rules
        self._hearing = hearing
        self._backlog = backlog

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            try:
                with suppress_instrumentation():  # what a sweep sends belongs to the traces of its job orders
                    await self.sweep()
            except Exception as error:  # the loop that owns its errors: the next sweep tries again
                self._hearing.failed()
                if is_transient(error):
                    log.warning("sweeper: %s", error or type(error).__name__)
                else:
                    log.exception("sweeper")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_S)

    async def sweep(self) -> None:
        """One sweep. Nothing is taken from a hub before routing itself could hear as long as a hub may be silent, and
        no lease is called over while reports wait to be read.
        """
        async with self._units.read() as session:
            what = await due(session, self._rules)
        if self._hearing.for_s() >= self._rules.hub_lost_s:
            if what.silent:
                await self._repeat(lose_silent_hubs, enough=1)
            if what.expired and not await self._backlog.must_be_read_first():
                await self._repeat(expire_leases, enough=BATCH)
        if what.waiting:
            await self._repeat(retry_waiting, enough=BATCH)

    async def _repeat(self, sweep: Pass, *, enough: int) -> None:
        """Pass after pass, as long as one treats `enough`."""
        treated = enough
        while treated >= enough:
            async with self._units.begin() as uow:
                treated = await sweep(uow, self._rules)
