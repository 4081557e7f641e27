"""Who calls, and what the caller may do. Each service checks keys against its own copy of their hashes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.listening import Listener
from chassis.problems import Forbidden, NotFound, Unauthorised
from chassis.tables import access_keys
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from fabmesh.orders.v1.events_pb2 import ApiKeyIssued, ApiKeyRevoked

_CACHE_S = 1.0
_CACHE_SIZE = 4096
SCOPES = {
    "catalog:read": "see released designs and materials",
    "catalog:write": "publish and withdraw designs",
    "orders:read": "see one's orders",
    "orders:write": "place, cancel and collect orders",
    "licences:write": "grant licences for one's designs",
    "organisations:write": "register organisations and issue keys",
    "routing:read": "see hubs and allocations",
    "routing:write": "register hubs and machines",
    "quality:read": "see inspections",
    "quality:write": "enter measurements and decide",
    "fabrication:read": "see programs' reports and estimates",
    "artefacts:read": "read models, solids and program content",
}
"""Every scope a key can hold, and what it permits."""

NETWORK_OPERATOR = "network-operator"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller: an organisation and what its key permits."""

    organisation_id: str
    kind: str
    scopes: frozenset[str]
    key_id: str

    @property
    def is_operator(self) -> bool:
        """Whether this is the organisation that runs the network."""
        return self.kind == NETWORK_OPERATOR

    def owns(self, organisation_id: str) -> bool:
        """Whether what belongs to `organisation_id` may be shown to this caller."""
        return self.is_operator or self.organisation_id == organisation_id

    def must_own(self, organisation_id: str, what: str) -> None:
        """Raises NotFound, as for a thing that does not exist, unless the caller owns it."""
        if not self.owns(organisation_id):
            raise NotFound(f"no-such-{what}", f"There is no {what} of that id.")


def key_hash(secret: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).digest()


TokenVerifier = Callable[[str], Awaitable[Principal | None]]
"""Answers whose a short-lived JWT is; None where it is not one."""


class Authenticator:
    """Finds the principal of a bearer key. Answers are kept for a second, so that a busy caller costs no query."""

    def __init__(self, units: UnitsOfWork, verify_token: TokenVerifier | None = None) -> None:
        self._units = units
        self._verify_token = verify_token
        self._cache: dict[bytes, tuple[float, Principal | None]] = {}

    async def principal(self, secret: str) -> Principal | None:
        """The caller behind `secret`, or None."""
        digest = key_hash(secret)
        kept = self._cache.get(digest)
        if kept is not None and time.monotonic() - kept[0] < _CACHE_S:
            return kept[1]
        found: Principal | None = None
        if secret.count(".") == 2 and self._verify_token is not None:
            found = await self._verify_token(secret)
        else:
            async with self._units.read() as session:
                found = await _find(session, digest)
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[digest] = (time.monotonic(), found)
        return found


async def _find(session: AsyncSession, digest: bytes) -> Principal | None:
    row = (await session.execute(select(access_keys).where(access_keys.c.sha256 == digest))).first()
    if row is None or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= datetime.now(UTC):
        return None
    return Principal(row.organisation_id, row.organisation_kind, frozenset(row.scopes), row.key_id)


_bearer = HTTPBearer(auto_error=False, description="An API key, or a token of POST /orders/v1/token")


class Requires:
    """A dependency that lets in callers whose key has `scope`, and hands their principal over."""

    def __init__(self, scope: str) -> None:
        if scope not in SCOPES:
            raise ValueError(f"unknown scope {scope}")
        self.scope = scope

    async def __call__(self, request: Request, given: Annotated[Any, Depends(_bearer)] = None) -> Principal:
        if given is None:
            raise Unauthorised("missing-key", "Send your key as `Authorization: Bearer <key>`.")
        authenticator: Authenticator = request.app.state.authenticator
        principal = await authenticator.principal(given.credentials)
        if principal is None:
            raise Unauthorised("unknown-key", "The key is unknown, revoked or expired.")
        if self.scope not in principal.scopes:
            raise Forbidden("missing-scope", f"This needs the scope {self.scope}.", scope=self.scope)
        return principal


def public(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a route that is open to everybody on purpose."""
    endpoint.__fabmesh_public__ = True  # type: ignore[attr-defined]
    return endpoint


async def store_key(message: ApiKeyIssued, uow: UnitOfWork) -> None:
    """Copy a key's hash, owner and scopes."""
    expires = message.expires_at.ToDatetime(tzinfo=UTC) if message.HasField("expires_at") else None
    row = {
        "sha256": message.sha256,
        "key_id": message.key_id,
        "organisation_id": message.organisation_id,
        "organisation_kind": message.organisation_kind,
        "scopes": list(message.scopes),
        "expires_at": expires,
    }
    await uow.session.execute(upsert(access_keys).values(**row).on_conflict_do_nothing())


async def revoke_key(message: ApiKeyRevoked, uow: UnitOfWork) -> None:
    """Mark a key as revoked."""
    await uow.session.execute(
        update(access_keys)
        .where(access_keys.c.key_id == message.key_id)
        .values(revoked_at=message.revoked_at.ToDatetime(tzinfo=UTC))
    )


ACCESS_LISTENER = Listener(source="access", handlers={ApiKeyIssued: store_key, ApiKeyRevoked: revoke_key}, lanes=1)
"""Keeps a service's own copy of the keys."""
