"""Cancel an order that is not ready yet."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitOfWork
from orders.domain.errors import Stale, Untimely
from orders.domain.order import Order, Status
from orders.usecases.find_order import owned_order
from orders.usecases.fulfilment import Fulfilment


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """`organisation_id`: whose order it must be; None: anybody's. `revision`: the one that the caller has seen."""

    order_id: str
    organisation_id: str | None
    why: str
    revision: int | None = None


async def cancel_order(command: CancelOrder, fulfilment: Fulfilment, uow: UnitOfWork) -> Order:
    """End the order; what is reserved for it is given back. A cancelled one is answered as it is.

    Raises Missing, Stale or Untimely (`order-not-cancellable`).
    """
    order = await owned_order(command.order_id, command.organisation_id, uow)
    if order.status is Status.CANCELLED:
        return order
    if command.revision is not None and command.revision != order.revision:
        raise Stale("order-changed", "The order has changed since you read it; read it again.")
    if not await fulfilment.cancel(order.id, command.why, uow):
        raise Untimely("order-not-cancellable", f"The order is {order.status}; it can be cancelled before it is ready.")
    return await owned_order(command.order_id, command.organisation_id, uow)
