"""Let a key open nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime

from chassis.auth import Principal
from chassis.auth import revoke_key as forget_key
from chassis.unit_of_work import UnitOfWork
from orders.domain.errors import Missing
from orders.messages import events
from orders.store import organisations


async def revoke_key(key_id: str, principal: Principal, uow: UnitOfWork) -> None:
    """Let a key open nothing any more; a revoked one stays so. Raises Missing."""
    key = await organisations.key(uow.session, key_id)
    if key is None or not principal.owns(key.organisation_id):
        raise Missing("no-such-key", "There is no key of that id.")
    now = datetime.now(UTC)
    if not await organisations.revoke(uow.session, key_id, now):
        return
    message = events.api_key_revoked(key_id, now)
    await forget_key(message, uow)
    uow.emit(message, aggregate_id=key.organisation_id)
