"""Orders and their parts: read as a whole, written as what has changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.licences import Unit
from orders.domain.money import Money
from orders.domain.order import ENDED, Destination, Order, OrderedPart, Reason, Status
from orders.store.tables import orders, parts, timeline

_CHANGE_PART = (
    update(parts)
    .where(parts.c.id == bindparam("part_id"))
    .values(status=bindparam("new_status"), unit=bindparam("new_unit"), hub_id=bindparam("new_hub"))
)


async def load(session: AsyncSession, order_id: str, *, lock: bool = False) -> Order | None:
    """An order with its parts; `lock`: nobody else changes it until this transaction ends."""
    chosen = select(orders).where(orders.c.id == order_id)
    row = (await session.execute(chosen.with_for_update() if lock else chosen)).first()
    if row is None:
        return None
    rows = await session.execute(select(parts).where(parts.c.order_id == order_id).order_by(parts.c.number))
    return _order(row, [_part(each) for each in rows])


async def save(session: AsyncSession, before: Order, after: Order, why: str | None = None) -> Order:
    """Write what differs between `before` and `after`, and a line of the timeline where `why` is told.

    Answers the order with its new revision.
    """
    saved = replace(after, revision=before.revision + 1)
    await session.execute(update(orders).where(orders.c.id == saved.id).values(**_changing(saved)))
    known = set(before.parts)
    changed = [part for part in saved.parts if part not in known]
    if changed:
        rows = [
            {"part_id": part.id, "new_status": part.status, "new_unit": part.unit, "new_hub": part.hub_id}
            for part in changed
        ]
        connection = await session.connection()
        await connection.execute(_CHANGE_PART, rows)
    if why is not None:
        await session.execute(insert(timeline).values(order_id=saved.id, status=saved.status, why=why))
    return saved


def _changing(order: Order) -> dict[str, Any]:
    return {
        "status": order.status,
        "reasons": [{"code": reason.code, "detail": reason.detail} for reason in order.reasons],
        "assessment_id": order.assessment_id,
        "pickup_hub_id": order.pickup_hub_id,
        "pickup_hub_name": order.pickup_hub_name,
        "started_at": order.started_at,
        "revision": order.revision,
    }


def money(amount: Decimal | None, currency: str | None) -> Money | None:
    """Two columns as money."""
    return None if amount is None or currency is None else Money(amount, currency)


def _part(row: Any) -> OrderedPart:
    return OrderedPart(
        id=row.id,
        status=Status(row.status),
        licence_id=row.licence_id,
        unit=None if row.unit is None else Unit(row.unit),
        hub_id=row.hub_id,
    )


def _order(row: Any, its_parts: list[OrderedPart]) -> Order:
    status = Status(row.status)
    return Order(
        id=row.id,
        organisation_id=row.organisation_id,
        design_id=row.design_id,
        slug=row.slug,
        version_id=row.version_id,
        version=row.version,
        parameters_json=row.parameters_json,
        material_id=row.material_id,
        destination=Destination(row.lat_deg, row.lon_deg),
        parts=tuple(its_parts),
        placed_at=row.placed_at,
        price=money(row.price_amount, row.price_currency),
        fee=money(row.fee_amount, row.fee_currency),
        closed=status if status in ENDED else None,
        reasons=tuple(Reason(each["code"], each["detail"]) for each in row.reasons),
        pickup_hub_id=row.pickup_hub_id,
        pickup_hub_name=row.pickup_hub_name,
        pickup_code_sha256=row.pickup_code_sha256,
        assessment_id=row.assessment_id,
        started_at=row.started_at,
        revision=row.revision,
    )
