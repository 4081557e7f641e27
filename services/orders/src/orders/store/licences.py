"""Licences and their ledger. Whoever moves units holds the licence's row until the transaction ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.licences import Account, Licence, Movement, apply
from orders.domain.money import Money
from orders.store.tables import licence_ledger, licences

_FOR_ORDER = (
    select(licences)
    .where(
        licences.c.organisation_id == bindparam("organisation"),
        licences.c.design_id == bindparam("design"),
        or_(licences.c.until.is_(None), licences.c.until > bindparam("now")),
    )
    .order_by(licences.c.id)
    .with_for_update()
)


async def insert_licence(session: AsyncSession, licence: Licence) -> Licence:
    """Store a new licence with the units that fill it; answers it with its balances."""
    granted = licence.granted()
    await session.execute(
        insert(licences).values(
            id=licence.id,
            design_id=licence.design_id,
            organisation_id=licence.organisation_id,
            rights_holder_id=licence.rights_holder_id,
            units=licence.units,
            available=0,
            reserved=0,
            used=0,
            territory=licence.territory,
            until=licence.until,
        )
    )
    return licence if granted is None else await move(session, licence, [granted])


async def locked_for_order(session: AsyncSession, design_id: str, organisation_id: str, now: datetime) -> list[Licence]:
    """An organisation's valid licences for a design, oldest first, locked."""
    wanted = {"organisation": organisation_id, "design": design_id, "now": now}
    return [licence_of(row) for row in await session.execute(_FOR_ORDER, wanted)]


async def locked(session: AsyncSession, licence_ids: Sequence[str]) -> list[Licence]:
    """The named licences, locked in one order by everybody."""
    chosen = select(licences).where(licences.c.id.in_(licence_ids)).order_by(licences.c.id).with_for_update()
    return [licence_of(row) for row in await session.execute(chosen)]


async def move(
    session: AsyncSession, licence: Licence, movements: Sequence[Movement], fee: Money | None = None
) -> Licence:
    """Book movements of one locked licence. Raises Overdrawn. `fee`: what each unit used is worth."""
    after = apply(licence, movements)
    rows = [
        {
            "movement_id": f"{movement.part_id or licence.id}/{movement.kind}",
            "kind": movement.kind,
            "licence_id": licence.id,
            "account": account,
            "units": units,
            "part_id": movement.part_id,
            "order_id": movement.order_id,
            "fee_amount": None if fee is None else fee.amount,
            "fee_currency": None if fee is None else fee.currency,
        }
        for movement in movements
        for account, units in movement.entries()
    ]
    connection = await session.connection()
    await connection.execute(insert(licence_ledger), rows)
    columns = {str(account): after.get(account, 0) for account in Account if account is not Account.RIGHTS_HOLDER}
    await session.execute(update(licences).where(licences.c.id == licence.id).values(**columns))
    return replace(licence, balances=after)


def licence_of(row: Any) -> Licence:
    """A row as a licence. The rights-holder's account is not kept: it is the others' sum below zero."""
    return Licence(
        id=row.id,
        design_id=row.design_id,
        organisation_id=row.organisation_id,
        rights_holder_id=row.rights_holder_id,
        units=row.units,
        balances={
            Account.AVAILABLE: row.available,
            Account.RESERVED: row.reserved,
            Account.USED: row.used,
            Account.RIGHTS_HOLDER: -(row.available + row.reserved + row.used),
        },
        territory=row.territory,
        until=row.until,
    )
