"""What is read of orders for callers: rows as the API shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.making import JobOrder
from orders.domain.money import Money
from orders.domain.order import ENDED, Order, Status
from orders.store import job_orders, orders
from orders.store.orders import money
from orders.store.tables import design_versions, parts, timeline
from orders.store.tables import orders as table


@dataclass(frozen=True, slots=True)
class Told:
    """One line of an order's timeline."""

    id: int
    status: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with all that a caller may see of it."""

    order: Order
    timeline: list[Told]
    job_orders: list[JobOrder]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as lists show it."""

    id: str
    status: str
    design_id: str
    slug: str
    version_id: str
    version: int
    material_id: str
    quantity: int
    price: Money | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawnOrder:
    """An order that waits for a version which was withdrawn."""

    order_id: str
    why: str


async def view(session: AsyncSession, order_id: str) -> OrderView | None:
    """An order as its owner sees it, or None."""
    order = await orders.load(session, order_id)
    if order is None:
        return None
    return OrderView(order, await told(session, order_id), await job_orders.of_order(session, order_id))


async def told(session: AsyncSession, order_id: str, *, after: int = 0) -> list[Told]:
    """The lines of an order's timeline after the one with the id `after`."""
    chosen = (
        select(timeline)
        .where(timeline.c.order_id == order_id, timeline.c.id > after)
        .order_by(timeline.c.id)
        .limit(500)
    )
    return [Told(row.id, row.status, row.at, row.why) for row in await session.execute(chosen)]


async def listed(
    session: AsyncSession, *, organisation_id: str | None, status: str | None, before: str | None, limit: int
) -> list[OrderLine]:
    """Orders, the newest first: those of an organisation (None: everybody's), `before` an id, one more than `limit`."""
    quantity = select(func.count()).where(parts.c.order_id == table.c.id).scalar_subquery().label("quantity")
    chosen = select(table, quantity).order_by(table.c.id.desc()).limit(limit + 1)
    if organisation_id is not None:
        chosen = chosen.where(table.c.organisation_id == organisation_id)
    if status is not None:
        chosen = chosen.where(table.c.status == status)
    if before is not None:
        chosen = chosen.where(table.c.id < before)
    return [_line(row) for row in await session.execute(chosen)]


def _line(row: Any) -> OrderLine:
    return OrderLine(
        id=row.id,
        status=row.status,
        design_id=row.design_id,
        slug=row.slug,
        version_id=row.version_id,
        version=row.version,
        material_id=row.material_id,
        quantity=row.quantity,
        price=money(row.price_amount, row.price_currency),
        placed_at=row.placed_at,
    )


async def owner_and_status(session: AsyncSession, order_id: str) -> tuple[str, Status] | None:
    """Whose order it is and how far, or None."""
    row = (await session.execute(select(table.c.organisation_id, table.c.status).where(table.c.id == order_id))).first()
    return None if row is None else (row.organisation_id, Status(row.status))


async def next_withdrawn(session: AsyncSession) -> WithdrawnOrder | None:
    """An order that has not been started and whose version is withdrawn, or None."""
    chosen = (
        select(table.c.id, design_versions.c.withdrawn_why)
        .join(design_versions, design_versions.c.id == table.c.version_id)
        .where(
            design_versions.c.withdrawn_at.is_not(None),
            table.c.started_at.is_(None),
            table.c.status.not_in(sorted(ENDED)),
        )
        .order_by(table.c.id)
        .limit(1)
    )
    row = (await session.execute(chosen)).first()
    return None if row is None else WithdrawnOrder(row.id, row.withdrawn_why or "no reason given")
