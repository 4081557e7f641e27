"""The keys that sign short-lived tokens, and the tokens."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import key_hash
from chassis.tokens import ALGORITHM, AUDIENCE, issuer
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.errors import NotPermitted, Unacceptable, Unproven
from orders.domain.organisations import ApiKey
from orders.store import organisations

TOKEN_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IssueToken:
    """A client's id and secret are its API key's. `scopes` None: all that the key holds."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...] | None
    public_url: str


@dataclass(frozen=True, slots=True)
class Token:
    """A signed JWT, and for how long and what for it is good."""

    text: str
    life_s: int
    scopes: tuple[str, ...]


async def issue_token(command: IssueToken, session: AsyncSession) -> Token:
    """A token of ten minutes at the most, never longer than its key.

    Raises Unproven (`invalid-client`), NotPermitted (`invalid-scope`) or Unacceptable (`no-signing-key`).
    """
    now = datetime.now(UTC)
    key = await _proven(command, session, now)
    scopes = key.scopes if command.scopes is None else command.scopes
    if beyond := sorted(set(scopes) - set(key.scopes)):
        raise NotPermitted("invalid-scope", f"The key does not hold {', '.join(beyond)}.")
    organisation = await organisations.organisation(session, key.organisation_id)
    signing = await organisations.current_signing_keys(session)
    if organisation is None or not signing:
        raise Unacceptable("no-signing-key", "This network has no signing key yet: run `fabmesh-orders bootstrap`.")
    expires_at = min(now + TOKEN_LIFE, key.expires_at or now + TOKEN_LIFE)
    claims = {
        "iss": issuer(command.public_url),
        "aud": AUDIENCE,
        "sub": organisation.id,
        "kind": organisation.kind,
        "client_id": key.id,
        "scope": " ".join(scopes),
        "jti": uuid7(),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key_id, seed = signing[0]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    text = jwt.encode(claims, private, algorithm=ALGORITHM, headers={"kid": key_id})
    return Token(text, int((expires_at - now).total_seconds()), tuple(scopes))


async def _proven(command: IssueToken, session: AsyncSession, now: datetime) -> ApiKey:
    key = await organisations.key(session, command.client_id.lower())
    digest = key_hash(command.client_secret)
    if key is None or not hmac.compare_digest(key.sha256, digest) or not key.valid(now):
        raise Unproven("invalid-client", "No valid key has this id and secret.")
    return key


async def public_keys(session: AsyncSession) -> Mapping[str, bytes]:
    """The public keys (32 bytes each) of those that sign, by their ids."""
    return {
        key_id: Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        for key_id, seed in await organisations.current_signing_keys(session)
    }


async def make_signing_key(uow: UnitOfWork) -> bool:
    """Make the first signing key; False where there is one."""
    if await organisations.current_signing_keys(uow.session):
        return False
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    await organisations.insert_signing_key(uow.session, uuid7(), seed)
    return True
