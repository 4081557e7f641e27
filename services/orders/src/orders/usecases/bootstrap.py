"""The organisations and keys that a network starts with. Safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.auth import NETWORK_OPERATOR, SCOPES
from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.organisations import ApiKey, Organisation
from orders.store import organisations
from orders.usecases.issue_key import record_key
from orders.usecases.register_organisation import announce
from orders.usecases.signing import make_signing_key

PARTNER_SCOPES = (
    "catalog:read",
    "orders:read",
    "orders:write",
    "routing:read",
    "quality:read",
    "fabrication:read",
)
OPERATOR = "fabmesh network"
PARTNER = "Demo partner"
RIGHTS_HOLDERS = ("Acme Coffee", "Nordhaus Appliances", "Civic Commons")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """SHA-256 of the operator's and the demonstration partner's keys; None: no key is issued."""

    admin_key_sha256: bytes | None = None
    partner_key_sha256: bytes | None = None


async def bootstrap(command: Bootstrap, uow: UnitOfWork) -> list[str]:
    """Make what is missing; answers what was made, a line each."""
    await organisations.hold_bootstrap(uow.session)
    done: list[str] = []
    operator = await _organisation(OPERATOR, NETWORK_OPERATOR, done, uow)
    partner = await _organisation(PARTNER, "partner", done, uow)
    for name in RIGHTS_HOLDERS:
        await _organisation(name, "rights-holder", done, uow)
    for owner, digest, scopes in (
        (operator, command.admin_key_sha256, tuple(SCOPES)),
        (partner, command.partner_key_sha256, PARTNER_SCOPES),
    ):
        if digest is not None and await record_key(ApiKey(uuid7(), owner.id, digest, scopes), owner, uow):
            done.append(f"key issued to {owner.name}")
    if await make_signing_key(uow):
        done.append("signing key made")
    return done


async def _organisation(name: str, kind: str, done: list[str], uow: UnitOfWork) -> Organisation:
    known = await organisations.named(uow.session, name)
    if known is not None:
        return known
    organisation = Organisation(uuid7(), name, kind)
    await organisations.insert_organisation(uow.session, organisation)
    announce(organisation, uow)
    done.append(f"{name} registered")
    return organisation
