"""From orders: whose an order is."""

from __future__ import annotations

from chassis.listening import Listener
from chassis.unit_of_work import UnitOfWork
from fabrication.messages import OrderPlaced
from fabrication.store import orders


async def copy_order(message: OrderPlaced, uow: UnitOfWork) -> None:
    """Keep the organisation that placed an order."""
    await orders.keep(message.order_id, message.organisation_id, uow.session)


LISTENER = Listener(source="orders", handlers={OrderPlaced: copy_order})
