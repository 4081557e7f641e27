"""Everything that a new order writes, in one statement: placing is what callers wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Integer, String, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.licences import Licence, Movement
from orders.domain.order import Order

_STATEMENT = """
with placed as (
    insert into orders (id, organisation_id, design_id, slug, version_id, version, parameters_json, material_id,
        lat_deg, lon_deg, price_amount, price_currency, fee_amount, fee_currency, status, pickup_code_sha256,
        revision, placed_at)
    values (:id, :organisation_id, :design_id, :slug, :version_id, :version, :parameters_json, :material_id,
        :lat_deg, :lon_deg, :price_amount, :price_currency, :fee_amount, :fee_currency, :status, :pickup_code_sha256,
        :revision, :placed_at)
), lined_up as (
    insert into parts (id, order_id, number, status, licence_id, unit)
    select part, :id, number, :status, licence, case when licence is not null then 'reserved' end
    from unnest(:part_ids, :part_licences) with ordinality as p(part, licence, number)
), drawn as (
    update licences l set available = l.available - case when l.units is null then 0 else s.units end,
        reserved = l.reserved + s.units
    from unnest(:licence_ids, :licence_units) as s(licence, units) where l.id = s.licence
), booked as (
    insert into licence_ledger (movement_id, kind, licence_id, account, units, part_id, order_id)
    select movement, 'reserve', licence, account, units, part, :id
    from unnest(:movement_ids, :movement_licences, :movement_accounts, :movement_units, :movement_parts)
        as m(movement, licence, account, units, part)
)
insert into timeline (order_id, status, at, why) values (:id, :status, :placed_at, :why)
"""
_TEXTS = ("part_ids", "part_licences", "licence_ids", "movement_ids", "movement_licences", "movement_accounts")
_PLACE = text(_STATEMENT).bindparams(
    *(bindparam(name, type_=ARRAY(String)) for name in (*_TEXTS, "movement_parts")),
    *(bindparam(name, type_=ARRAY(Integer)) for name in ("licence_units", "movement_units")),
)


async def insert_order(
    session: AsyncSession, order: Order, shares: Sequence[tuple[Licence, Sequence[Movement]]], why: str
) -> None:
    """Write a new order, its parts, its first line of the timeline, and the licence units reserved for it."""
    entries = [
        (movement.part_id, licence.id, account, units)
        for licence, movements in shares
        for movement in movements
        for account, units in movement.entries()
    ]
    await session.execute(
        _PLACE,
        {
            **_columns(order),
            "why": why,
            "part_ids": [part.id for part in order.parts],
            "part_licences": [part.licence_id for part in order.parts],
            "licence_ids": [licence.id for licence, _ in shares],
            "licence_units": [len(movements) for _, movements in shares],
            "movement_ids": [f"{part}/reserve" for part, *_ in entries],
            "movement_licences": [licence for _, licence, *_ in entries],
            "movement_accounts": [str(account) for *_, account, _ in entries],
            "movement_units": [units for *_, units in entries],
            "movement_parts": [part for part, *_ in entries],
        },
    )


def _columns(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "organisation_id": order.organisation_id,
        "design_id": order.design_id,
        "slug": order.slug,
        "version_id": order.version_id,
        "version": order.version,
        "parameters_json": order.parameters_json,
        "material_id": order.material_id,
        "lat_deg": order.destination.lat_deg,
        "lon_deg": order.destination.lon_deg,
        "price_amount": None if order.price is None else order.price.amount,
        "price_currency": None if order.price is None else order.price.currency,
        "fee_amount": None if order.fee is None else order.fee.amount,
        "fee_currency": None if order.fee is None else order.fee.currency,
        "status": str(order.status),
        "pickup_code_sha256": order.pickup_code_sha256,
        "revision": order.revision,
        "placed_at": order.placed_at,
    }
