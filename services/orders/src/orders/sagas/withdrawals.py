"""Orders of a withdrawn version that were not started end as failed, one transaction each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from chassis.database import is_transient
from chassis.sagas import steer
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from orders.domain.order import Reason
from orders.sagas.allocating import locked_order
from orders.sagas.endings import failed
from orders.sagas.fulfilment import FULFILMENT
from orders.sagas.state import Fulfilment
from orders.store.queries import next_withdrawn

log = logging.getLogger(__name__)
_EVERY_S = 1.0


class Withdrawals:
    """The loop that ends such orders, also those that were placed in the moment of the withdrawal."""

    def __init__(self, units: UnitsOfWork, *, every_s: float = _EVERY_S) -> None:
        self._units = units
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            try:
                while await self.end_one():
                    pass
            except Exception as error:  # the loop that owns its errors: what fails now is tried again
                if not is_transient(error):
                    log.exception("ending orders of withdrawn versions")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every_s)

    async def end_one(self) -> bool:
        """End one order; False when there is none."""
        async with self._units.begin() as uow:
            found = await next_withdrawn(uow.session)
            return found is not None and await steer(FULFILMENT, found.order_id, _decide(found.why), uow)


def _decide(why: str) -> Callable[[Fulfilment, str, UnitOfWork], Awaitable[str | None]]:
    async def decide(state: Fulfilment, _: str, uow: UnitOfWork) -> str | None:
        order = await locked_order(state, uow)
        if order.started_at is not None:
            return None
        return await failed(state, order, [Reason("design-withdrawn", f"The design is withdrawn: {why}")], uow)

    return decide
