"""What the API of orders needs of the process it runs in."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitsOfWork
from orders.store.changes import Changes
from orders.usecases.fulfilment import Fulfilment


@dataclass(frozen=True, slots=True)
class OrdersState:
    """Found by routes in `request.app.state.service`."""

    units: UnitsOfWork
    fulfilment: Fulfilment
    changes: Changes
    public_url: str
