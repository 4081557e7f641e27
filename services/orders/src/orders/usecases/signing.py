"""The keys that sign short-lived tokens, and the tokens."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.store import organisations


async def make_signing_key(uow: UnitOfWork) -> bool:
    """Make the first signing key; False where there is one."""
    if await organisations.current_signing_keys(uow.session):
        return False
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    await organisations.insert_signing_key(uow.session, uuid7(), seed)
    return True
