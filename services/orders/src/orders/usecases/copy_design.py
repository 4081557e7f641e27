"""Keep the own copy of the catalogue."""

from __future__ import annotations

from chassis.unit_of_work import UnitOfWork
from messaging.errors import RetryLater
from orders.domain.designs import DesignVersion
from orders.store import designs
from orders.store.designs import Withdrawn


async def copy_design(version: DesignVersion, uow: UnitOfWork) -> None:
    """A version may be ordered from now on."""
    await designs.keep(version, uow.session)


async def withdraw_design(version_id: str, withdrawn: Withdrawn, uow: UnitOfWork) -> None:
    """A version may not be ordered any more. Raises RetryLater where its release has not been heard yet."""
    if not await designs.withdraw(version_id, withdrawn, uow.session):
        raise RetryLater(f"version {version_id} is withdrawn and not released yet")
