"""From orders: whose each order is."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from quality.messages import OrderPlaced
from quality.usecases.keep_copies import keep_order


async def copy_order(message: OrderPlaced, uow: UnitOfWork) -> None:
    """Keep an order's organisation."""
    await keep_order(message.order_id, message.organisation_id, uow)


LISTENER = Listener(source="orders", handlers={OrderPlaced: copy_order}, lanes=2)
