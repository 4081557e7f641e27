"""What a heartbeat does to the job orders of its hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing.domain.errors import NotTheHolder
from routing.domain.job_order import UNCLAIMED, Holder, JobOrder, State
from routing.domain.network import MachineState
from routing.domain.rules import Rules

_BUSY = frozenset({MachineState.RUNNING, MachineState.BED_OCCUPIED})


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """What an agent says of one machine; `job_order_id` and `token` where it holds one."""

    machine_id: str
    state: MachineState
    job_order_id: str = ""
    token: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """The hub must stop this: the lease is not its own any more."""

    job_order_id: str
    token: int
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`changed` are the job orders with new leases; `renewed` and `lost` is what the hub is told."""

    changed: tuple[JobOrder, ...]
    renewed: tuple[JobOrder, ...]
    lost: tuple[Lost, ...]


def answer(
    hub_id: str, heard: Sequence[MachineHeard], jobs: Mapping[str, JobOrder], now: datetime, rules: Rules
) -> Answer:
    """Renew what the hub names with the right token, and offers that it has still to come to.

    `jobs` are those that it names and those that are placed at it. An offer at a machine that neither runs nor waits
    for its bed to be cleared is not renewed: its agent should have claimed it, so it moves on when its time is over.
    """
    renewed, lost = [], []
    for each in heard:
        if not each.job_order_id:
            continue
        job = jobs.get(each.job_order_id)
        if job is None:
            lost.append(Lost(each.job_order_id, each.token, "there is no such job order"))
            continue
        holder = Holder(hub_id, each.machine_id, each.token)
        try:
            renewed.append(job.renewed(holder, now, rules.lease_s))
        except NotTheHolder as error:
            if not _settled_or_open(job, holder):
                lost.append(Lost(each.job_order_id, each.token, error.why))
    offers = _offers(hub_id, {each.machine_id: each.state for each in heard}, jobs.values())
    extended = tuple(job.offer_renewed(now, rules.allocation_lease_s) for job in offers)
    return Answer((*renewed, *extended), tuple(renewed), tuple(lost))


def _settled_or_open(job: JobOrder, holder: Holder) -> bool:
    """Whether nothing is to be stopped: it completed by this very lease, or is offered to it and not claimed yet."""
    if job.lease is None or job.lease.holder != holder:
        return False
    return job.state is State.COMPLETED or job.state in UNCLAIMED


def _offers(hub_id: str, states: Mapping[str, MachineState], jobs: Iterable[JobOrder]) -> Iterable[JobOrder]:
    for job in jobs:
        if job.state in UNCLAIMED and job.lease is not None and job.lease.holder.hub_id == hub_id:
            state = states.get(job.lease.holder.machine_id)
            if job.state is not State.DISPATCHED or state in _BUSY:
                yield job
