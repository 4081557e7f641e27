"""Keep what other services announce and inspections need."""

from __future__ import annotations

from chassis.unit_of_work import UnitOfWork
from quality.store import copies
from quality.store.copies import DesignVersion


async def keep_order(order_id: str, organisation_id: str, uow: UnitOfWork) -> None:
    """Remember whose an order is. It may come after the order's first inspection."""
    await copies.keep_order(uow.session, order_id, organisation_id)


async def keep_version(version: DesignVersion, uow: UnitOfWork) -> None:
    """Remember how the parts of a version are checked."""
    await copies.keep_version(uow.session, version)
