"""Short-lived tokens of `POST /orders/v1/token`: JWTs signed with Ed25519, verified here by the public keys of orders.

Claims (RFC 7519, RFC 9068): `sub` the organisation, `client_id` the API key that it was made of, `scope`, and of our
own `kind`, the organisation's. A token ends with its key: a key known as revoked or expired takes it along.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nats.aio.client import Client
from sqlalchemy import select

from chassis.auth import SCOPES, Principal
from chassis.problems import Unavailable
from chassis.tables import access_keys
from chassis.unit_of_work import UnitsOfWork
from fabmesh.orders.v1.requests_pb2 import GetSigningKeys, SigningKeys
from messaging.errors import RequestFailed
from messaging.requests import ask

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

AUDIENCE = "fabmesh"
ALGORITHM = "EdDSA"
REQUIRED = ("iss", "sub", "aud", "iat", "exp", "client_id", "kind", "scope")
_LEEWAY_S = 5
_KEEP_S = 300.0
_AGAIN_S = 5.0
_ASK_TIMEOUT_S = 2.0

FetchKeys = Callable[[], Awaitable[Mapping[str, bytes]]]
"""Answers the public keys (32 bytes each) by their ids."""


def issuer(public_url: str) -> str:
    """Who signs the tokens of a network."""
    return f"{public_url}/orders/v1"


def keys_from_orders(nats: Client, service: str) -> FetchKeys:
    """Asks orders for the keys. The problem `signing-keys-away` where it does not answer."""

    async def fetch() -> Mapping[str, bytes]:
        try:
            answer = await ask(nats, GetSigningKeys(), SigningKeys, source=service, timeout_s=_ASK_TIMEOUT_S)
        except RequestFailed as error:
            raise _away() from error
        return {key.key_id: key.public_key for key in answer.keys}

    return fetch


class Tokens:
    """Answers whose a token is. Keys are fetched when a token names one that is not known, and kept for minutes."""

    def __init__(self, fetch: FetchKeys, units: UnitsOfWork, *, public_url: str) -> None:
        self._fetch = fetch
        self._units = units
        self._issuer = issuer(public_url)
        self._keys: Mapping[str, bytes] = {}
        self._fetched_at = -_KEEP_S
        self._away_until = 0.0
        self._asking = asyncio.Lock()

    async def principal(self, token: str) -> Principal | None:
        """The caller behind `token`; None where it is forged, expired, for somebody else, or its key is revoked."""
        import jwt

        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            if key is None:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": list(REQUIRED)},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        found = _principal(claims)
        return found if found is not None and await self._key_holds(found.key_id) else None

    async def _key(self, key_id: str) -> Ed25519PublicKey | None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        async with self._asking:
            age = time.monotonic() - self._fetched_at
            if age >= _KEEP_S or (key_id not in self._keys and age >= _AGAIN_S):
                await self._refresh()
        raw = self._keys.get(key_id)
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)

    async def _refresh(self) -> None:
        """Fetch the keys; those that are known serve on where they cannot be had. Who comes just after somebody who
        waited in vain does not wait again.
        """
        if not self._keys and time.monotonic() < self._away_until:
            raise _away()
        try:
            self._keys = await self._fetch()
        except Unavailable:
            self._away_until = time.monotonic() + 1.0
            if not self._keys:
                raise
        self._fetched_at = time.monotonic()

    async def _key_holds(self, key_id: str) -> bool:
        """Whether the API key behind a token is not known to have ended."""
        ends = select(access_keys.c.revoked_at, access_keys.c.expires_at).where(access_keys.c.key_id == key_id)
        async with self._units.read() as session:
            row = (await session.execute(ends)).first()
        if row is None:  # issued just now; this service has not heard of it yet
            return True
        return row.revoked_at is None and (row.expires_at is None or row.expires_at > datetime.now(UTC))


def _away() -> Unavailable:
    return Unavailable("signing-keys-away", "Tokens cannot be checked now; try again, or send a key.")


def _principal(claims: Mapping[str, Any]) -> Principal | None:
    texts = [claims[name] for name in ("sub", "kind", "scope", "client_id")]
    if not all(isinstance(text, str) for text in texts):
        return None
    organisation_id, kind, scope, key_id = texts
    return Principal(organisation_id, kind, frozenset(scope.split()) & SCOPES.keys(), key_id)
