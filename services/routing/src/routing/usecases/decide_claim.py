"""A hub asks for the right to start a job order."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from chassis.auth import key_hash
from chassis.unit_of_work import UnitOfWork
from routing.domain.errors import NotTheHolder
from routing.domain.job_order import Holder, State
from routing.domain.network import Presence
from routing.domain.rules import Rules
from routing.messages.hub import Grant
from routing.messages.said import job_order_claimed
from routing.store import hubs, job_orders
from routing.store.clock import now
from routing.usecases.announcing import announce

DOWNLOAD_PREFIX = "dl_"


@dataclass(frozen=True, slots=True)
class Claim:
    """`holder` would start the job order."""

    job_order_id: str
    holder: Holder


async def decide_claim(claim: Claim, uow: UnitOfWork, rules: Rules, public_url: str) -> Grant:
    """Grant the claim of the newest token's holder, also again as long as nothing has started.

    Raises NotTheHolder with what to tell the hub. The grant counts once the unit of work is committed.
    """
    job = await job_orders.take(uow.session, claim.job_order_id)
    if job is None:
        raise NotTheHolder("there is no such job order")
    if await hubs.presence_of(uow.session, claim.holder.hub_id) is not Presence.ONLINE:
        raise NotTheHolder("the hub is lost; it must be heard before it claims")
    key = DOWNLOAD_PREFIX + secrets.token_urlsafe(32)
    running = job.claimed(claim.holder, await now(uow.session), rules.lease_s, key_hash(key))
    if job.state is not State.RUNNING:
        running = announce(uow, running, job_order_claimed(running, claim.holder))
    await job_orders.save(uow.session, [running])
    assert running.program is not None
    return Grant(
        token=running.token,
        lease_s=rules.lease_s,
        program_url=f"{public_url}/fabrication/v1/programs/{running.program.id}/content",
        program_sha256=running.program.sha256,
        download_key=key,
    )
