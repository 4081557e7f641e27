"""What use cases need of the process that fulfils orders; it is put in by the composition root."""

from __future__ import annotations

from typing import Protocol

from chassis.unit_of_work import UnitOfWork
from orders.domain.order import Order


class Fulfilment(Protocol):
    """The fulfilment of orders."""

    async def begin(self, order: Order, uow: UnitOfWork) -> None:
        """Start making a new order's parts."""

    async def cancel(self, order_id: str, why: str, uow: UnitOfWork) -> bool:
        """Stop making an order's parts and end it; False where there is nothing left to stop."""
