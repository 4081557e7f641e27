"""An agent trades the hub's enrolment token for a NATS identity of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.auth import key_hash
from chassis.problems import Conflict, Unauthorised, Unprocessable
from chassis.unit_of_work import UnitOfWork
from messaging.identity import IdentityError, KeyKind, mint_hub_user, require_public_key
from routing.messages.said import hub_enrolled
from routing.store import hubs
from routing.store.clock import now
from routing.store.hubs import MachineRecord


@dataclass(frozen=True, slots=True)
class Minting:
    """What vouches for hubs: the scoped signing key, the account in which hubs live, and where they reach NATS."""

    signing_seed: str
    account: str
    nats_url: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The agent's identity and its machines."""

    hub_id: str
    nats_jwt: str
    machines: Sequence[MachineRecord]


async def enrol_hub(token: str, public_nkey: str, minting: Minting, uow: UnitOfWork) -> Enrolled:
    """Enrol the holder of `public_nkey`, who keeps its seed. The same token and key again are answered again, so an
    agent that did not hear the answer may ask once more; another key is refused.

    Raises the problems `bad-public-nkey`, `unknown-enrolment-token`, `enrolment-token-used`.
    """
    try:
        require_public_key(public_nkey, KeyKind.USER)
    except IdentityError as error:
        raise Unprocessable("bad-public-nkey", f"public_nkey: {error}; one of a user is wanted (U…).") from error
    hub = await hubs.take_by_enrolment_token(uow.session, key_hash(token))
    if hub is None:
        raise Unauthorised("unknown-enrolment-token", "The enrolment token is unknown, or a newer one replaced it.")
    if hub.enrolled and hub.public_nkey != public_nkey:
        raise Conflict("enrolment-token-used", "Another agent has enrolled with this token already.")
    if not hub.enrolled:
        at = await now(uow.session)
        await hubs.set_enrolled(uow.session, hub.id, public_nkey, at)
        await hubs.note(uow.session, [hub.id], "enrolled", at)
        uow.emit(hub_enrolled(hub.id, hub.name, hub.organisation_id), aggregate_id=hub.id)
    jwt = mint_hub_user(public_nkey, hub.id, minting.signing_seed, minting.account)
    return Enrolled(hub.id, jwt, (await hubs.machines_of(uow.session, [hub.id]))[hub.id])
