"""Licences as lists show them, and what is owed for the units that were used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.licences import Account
from orders.domain.money import Money
from orders.domain.organisations import Organisation
from orders.store.orders import money
from orders.store.tables import design_versions, licence_ledger, licences, organisations


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """One licence. `available` None: without limit."""

    id: str
    design_id: str
    slug: str
    organisation: Organisation
    rights_holder_id: str
    units: int | None
    available: int | None
    reserved: int
    used: int
    territory: str
    until: datetime | None
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one licence owes its rights-holder, for units used at one fee."""

    licence_id: str
    design_id: str
    slug: str
    organisation: Organisation
    rights_holder_id: str
    units_used: int
    fee: Money | None
    key: str


def _concerning(organisation_id: str | None) -> ColumnElement[bool]:
    """Licences that an organisation holds or has granted; None: all."""
    if organisation_id is None:
        return true()
    return or_(licences.c.organisation_id == organisation_id, licences.c.rights_holder_id == organisation_id)


_slug = (
    select(design_versions.c.slug)
    .where(design_versions.c.design_id == licences.c.design_id)
    .order_by(design_versions.c.number.desc())
    .limit(1)
    .scalar_subquery()
    .label("slug")
)


async def licence_lines(
    session: AsyncSession,
    *,
    organisation_id: str | None,
    before: str | None = None,
    licence_id: str | None = None,
    limit: int = 1,
) -> list[LicenceLine]:
    """Licences that concern an organisation, the newest first, one more than `limit`."""
    chosen: Select[tuple[object, ...]] = (
        select(licences, _slug, organisations.c.name, organisations.c.kind)
        .join(organisations, organisations.c.id == licences.c.organisation_id)
        .where(_concerning(organisation_id))
        .order_by(licences.c.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        chosen = chosen.where(licences.c.id < before)
    if licence_id is not None:
        chosen = chosen.where(licences.c.id == licence_id)
    return [
        LicenceLine(
            id=row.id,
            design_id=row.design_id,
            slug=row.slug,
            organisation=Organisation(row.organisation_id, row.name, row.kind),
            rights_holder_id=row.rights_holder_id,
            units=row.units,
            available=None if row.units is None else row.available,
            reserved=row.reserved,
            used=row.used,
            territory=row.territory,
            until=row.until,
            granted_at=row.granted_at,
        )
        for row in await session.execute(chosen)
    ]


async def statement_lines(
    session: AsyncSession, *, organisation_id: str | None, after: tuple[str, str] | None, limit: int
) -> list[StatementLine]:
    """What is owed by licence and fee, over all time; one more than `limit`."""
    fee_key = func.coalesce(licence_ledger.c.fee_amount, 0)
    currency = func.coalesce(licence_ledger.c.fee_currency, "")
    key = func.concat(fee_key, currency).label("key")
    used = (
        select(
            licence_ledger.c.licence_id,
            licence_ledger.c.fee_amount,
            licence_ledger.c.fee_currency,
            key,
            func.sum(licence_ledger.c.units).label("units_used"),
        )
        .where(licence_ledger.c.account == Account.USED)
        .group_by(licence_ledger.c.licence_id, licence_ledger.c.fee_amount, licence_ledger.c.fee_currency)
        .subquery()
    )
    chosen = (
        select(used, licences, _slug, organisations.c.name, organisations.c.kind)
        .join(licences, licences.c.id == used.c.licence_id)
        .join(organisations, organisations.c.id == licences.c.organisation_id)
        .where(_concerning(organisation_id))
        .order_by(used.c.licence_id, used.c.key)
        .limit(limit + 1)
    )
    if after is not None:
        chosen = chosen.where(tuple_(used.c.licence_id, used.c.key) > tuple_(*after))
    return [
        StatementLine(
            licence_id=row.licence_id,
            design_id=row.design_id,
            slug=row.slug,
            organisation=Organisation(row.organisation_id, row.name, row.kind),
            rights_holder_id=row.rights_holder_id,
            units_used=row.units_used,
            fee=money(row.fee_amount, row.fee_currency),
            key=row.key,
        )
        for row in await session.execute(chosen)
    ]
