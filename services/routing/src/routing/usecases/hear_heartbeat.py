"""A hub lives: its state and its machines' are kept, and its leases renewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.unit_of_work import UnitOfWork
from routing.domain.heartbeats import Answer, Lost, MachineHeard, answer
from routing.domain.network import Presence
from routing.domain.rules import Rules
from routing.messages.said import hub_recovered
from routing.store import hubs, job_orders
from routing.store.clock import now
from routing.store.hubs import HubRecord, MachineRecord


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the hub's agent says."""

    hub_id: str
    agent_version: str
    machines: Sequence[MachineHeard]


@dataclass(frozen=True, slots=True)
class Heard:
    """What to answer. `arrived`: the hub is heard for the first time, or again after it was lost."""

    answer: Answer
    arrived: bool


async def hear_heartbeat(heartbeat: Heartbeat, uow: UnitOfWork, rules: Rules) -> Heard:
    """Take in a heartbeat. A hub that routing does not know is told to stop everything."""
    hub = await hubs.take(uow.session, heartbeat.hub_id)
    if hub is None:
        lost = [Lost(each.job_order_id, each.token, "the hub is unknown") for each in heartbeat.machines]
        return Heard(Answer((), (), tuple(each for each in lost if each.job_order_id)), arrived=False)
    named = {each.job_order_id for each in heartbeat.machines if each.job_order_id}
    jobs = {job.id: job for job in await job_orders.take_of_hub(uow.session, hub.id, named)}
    at = await now(uow.session)
    await hubs.set_heard(uow.session, hub.id, heartbeat.agent_version, at)
    if hub.presence is not Presence.ONLINE:
        await _arrive(hub, uow, at)
    await _hear_machines(hub, heartbeat.machines, uow, at, rules)
    reply = answer(hub.id, heartbeat.machines, jobs, at, rules)
    await job_orders.save(uow.session, reply.changed)
    return Heard(reply, arrived=hub.presence is not Presence.ONLINE)


async def _arrive(hub: HubRecord, uow: UnitOfWork, at: datetime) -> None:
    lost = hub.presence is Presence.LOST
    if lost:
        uow.emit(hub_recovered(hub.id), aggregate_id=hub.id)
    await hubs.note(uow.session, [hub.id], "recovered" if lost else "online", at)
    await hubs.touch_network(uow.session)


async def _hear_machines(
    hub: HubRecord, heard: Sequence[MachineHeard], uow: UnitOfWork, at: datetime, rules: Rules
) -> None:
    """Keep the states of the hub's own machines; one that can work again may have been waited for."""
    before = {each.id: each for each in (await hubs.machines_of(uow.session, [hub.id]))[hub.id]}
    own = [each for each in heard if each.machine_id in before]
    await hubs.set_machines_heard(uow.session, own, at)
    silent_since = at - timedelta(seconds=rules.hub_lost_s)
    if any(_works_again(before[each.machine_id], each, silent_since) for each in own):
        await hubs.touch_network(uow.session)


def _works_again(before: MachineRecord, heard: MachineHeard, silent_since: datetime) -> bool:
    could = before.state.takes_work and before.heard_at is not None and before.heard_at >= silent_since
    return heard.state.takes_work and not could
