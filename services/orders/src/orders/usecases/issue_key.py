"""Issue an organisation a key for its programs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.auth import SCOPES, Principal, key_hash, store_key
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.errors import Missing, NotPermitted, Unacceptable
from orders.domain.organisations import ApiKey, Organisation
from orders.messages import events
from orders.store import organisations


@dataclass(frozen=True, slots=True)
class IssueKey:
    """A key for an organisation; `expires_at` None: for good."""

    organisation_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


async def issue_key(command: IssueKey, principal: Principal, uow: UnitOfWork) -> tuple[ApiKey, str]:
    """A new key and its secret, which is kept nowhere.

    An organisation issues keys for itself, with no scope that its own key lacks; the operator for everybody. Raises
    Missing, NotPermitted or Unacceptable.
    """
    organisation = await organisations.organisation(uow.session, command.organisation_id)
    if organisation is None or not principal.owns(organisation.id):
        raise Missing("no-such-organisation", "There is no organisation of that id.")
    unknown = sorted(set(command.scopes) - set(SCOPES))
    if unknown:
        known = ", ".join(SCOPES)
        raise Unacceptable("unknown-scope", f"{', '.join(unknown)}: no such scope; known: {known}", scopes=list(SCOPES))
    if not principal.is_operator and (beyond := sorted(set(command.scopes) - principal.scopes)):
        raise NotPermitted("scope-beyond-yours", f"Your own key does not hold {', '.join(beyond)}.")
    if command.expires_at is not None and command.expires_at <= datetime.now(UTC):
        raise Unacceptable("already-expired", "`expires_at` must lie in the future.")
    secret = "fm_" + secrets.token_hex(32)
    key = ApiKey(uuid7(), organisation.id, key_hash(secret), tuple(dict.fromkeys(command.scopes)), command.expires_at)
    await record_key(key, organisation, uow)
    return key, secret


async def record_key(key: ApiKey, organisation: Organisation, uow: UnitOfWork) -> bool:
    """Keep a key, let it open this service at once and the others as soon as they hear of it; False where it is kept
    already.
    """
    if not await organisations.insert_key(uow.session, key):
        return False
    message = events.api_key_issued(key, organisation)
    await store_key(message, uow)
    uow.emit(message, aggregate_id=organisation.id)
    return True
