"""Find an order for somebody who may know of it."""

from __future__ import annotations

from chassis.unit_of_work import UnitOfWork
from orders.domain.errors import Missing
from orders.domain.order import Order
from orders.store import orders


async def owned_order(order_id: str, organisation_id: str | None, uow: UnitOfWork, *, lock: bool = False) -> Order:
    """The order, where it belongs to the organisation (None: whoever it belongs to). Raises Missing."""
    order = await orders.load(uow.session, order_id, lock=lock)
    if order is None or organisation_id not in (None, order.organisation_id):
        raise Missing("no-such-order", "There is no order of that id.")
    return order
