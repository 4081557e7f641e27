"""Use or give back the licence units that were reserved for an order's parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from chassis.unit_of_work import UnitOfWork
from orders.domain.licences import Licence, Unit
from orders.domain.order import Order, OrderedPart
from orders.messages import events
from orders.store import licences


async def use_units(order: Order, part_ids: Collection[str], uow: UnitOfWork) -> Order:
    """Parts were started: the units reserved for them are used, once a part."""
    reserved = _reserved(order.chosen(part_ids))
    if not reserved:
        return order
    for licence, parts in await _by_licence(reserved, uow):
        await licences.move(uow.session, licence, [licence.use(part.id, order.id) for part in parts], order.fee)
    for part in reserved:
        used = events.unit_used(order, str(part.licence_id), part.id)
        uow.emit(used, aggregate_id=part.id, correlation_id=order.id)
    return order.with_parts(replace(part, unit=Unit.USED) for part in reserved)


async def return_units(order: Order, why: str, uow: UnitOfWork) -> Order:
    """The order ends: the units of parts that were never started go back."""
    reserved = _reserved(order.parts)
    if not reserved:
        return order
    for licence, parts in await _by_licence(reserved, uow):
        await licences.move(uow.session, licence, [licence.give_back(part.id, order.id) for part in parts])
    for part in reserved:
        returned = events.unit_returned(order, str(part.licence_id), part.id, why)
        uow.emit(returned, aggregate_id=part.id, correlation_id=order.id)
    return order.with_parts(replace(part, unit=Unit.RETURNED) for part in reserved)


def _reserved(parts: Iterable[OrderedPart]) -> list[OrderedPart]:
    return [part for part in parts if part.unit is Unit.RESERVED]


async def _by_licence(parts: list[OrderedPart], uow: UnitOfWork) -> list[tuple[Licence, list[OrderedPart]]]:
    held = await licences.locked(uow.session, sorted({str(part.licence_id) for part in parts}))
    return [(licence, [part for part in parts if part.licence_id == licence.id]) for licence in held]
