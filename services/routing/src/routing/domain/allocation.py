"""Choosing the machine for a job order: the cheapest of those that can make it, with every reason kept."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.domain.costs import Cost
from routing.domain.network import HubView, MachineView, Network, Presence
from routing.domain.rejections import (
    HubCordoned,
    HubLost,
    HubNotEnrolled,
    HubSilent,
    MachineNotReady,
    MachineSilent,
    NoStock,
    NotAssessed,
    PlateTooSmall,
    ProfileCannot,
    Rejection,
    TooLarge,
)
from routing.domain.requirements import ProfileNeed, Reason, Requirements
from routing.domain.rules import Rules

_RUNNERS_UP = 5
_EXPLAINED = 50
_REASONS = 12


class Outcome(enum.StrEnum):
    """What became of a decision."""

    CHOSEN = "chosen"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A machine that can make the job order now, and what that would cost."""

    machine: MachineView
    minutes: float
    grams: float
    distance_km: float
    queue_minutes: float
    ahead: int
    promised_at: datetime
    cost: Cost

    @property
    def why(self) -> str:
        """Why here, in words for the customer."""
        queue = f"free in about {self.queue_minutes:.0f} min" if self.ahead else "free now"
        return f"{self.machine.hub.name}, {self.distance_km:.1f} km away, {queue}, {self.minutes:.0f} min to make"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A machine that cannot, and why."""

    machine: MachineView
    rejections: tuple[Rejection, ...]

    @property
    def passing(self) -> bool:
        """Whether waiting may help."""
        return all(each.passing for each in self.rejections)


@dataclass(frozen=True, slots=True)
class Decision:
    """The record of one decision. `rejected` holds the first fifty, `rejected_by_code` counts all."""

    at: datetime
    outcome: Outcome
    chosen: Candidate | None
    runners_up: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    rejected_by_code: dict[str, int]
    reasons: tuple[Reason, ...]


def decide(needs: Requirements, setbacks: Sequence[str], network: Network, at: datetime, rules: Rules) -> Decision:
    """Choose a machine for `needs` at the moment `at`.

    Feasible is a machine whose hub is online and not cordoned and has enough unreserved material, whose profile can
    make the parts, all of them on one plate, and which is heard of and not at fault. Opening hours do not stop a
    machine: it runs unattended; they move the promise to the next moment at which the desk is open. The feasible
    machine of the least `Cost.total` wins, ties go to the lesser machine id.

    `setbacks` holds the id of a machine once for each time that it gave this job order up. Nothing feasible: the job
    order waits where waiting may help, else it is refused.
    """
    candidates: list[Candidate] = []
    rejected: list[Rejected] = []
    for machine in network.machines:
        rejections = _rejections(machine, needs, network, at, rules)
        if rejections:
            rejected.append(Rejected(machine, rejections))
        else:
            candidates.append(_candidate(machine, needs, setbacks, at, rules))
    candidates.sort(key=lambda each: (each.cost.total, each.machine.id))
    rejected.sort(key=lambda each: (not each.passing, each.machine.id))
    if candidates:
        outcome = Outcome.CHOSEN
    else:
        outcome = Outcome.WAITING if any(each.passing for each in rejected) else Outcome.REFUSED
    return Decision(
        at=at,
        outcome=outcome,
        chosen=candidates[0] if candidates else None,
        runners_up=tuple(candidates[1 : 1 + _RUNNERS_UP]),
        rejected=tuple(rejected[:_EXPLAINED]),
        rejected_by_code=dict(Counter(rejection.code for each in rejected for rejection in each.rejections)),
        reasons=() if candidates else _reasons(rejected),
    )


def _rejections(
    machine: MachineView, needs: Requirements, network: Network, at: datetime, rules: Rules
) -> tuple[Rejection, ...]:
    """The lasting reasons against a machine; where there are none, the passing ones."""
    lasting = tuple(_lasting(machine, needs, network))
    return lasting or tuple(_passing(machine, needs, at, rules))


def _lasting(machine: MachineView, needs: Requirements, network: Network) -> Iterable[Rejection]:
    if not machine.hub.enrolled:
        yield HubNotEnrolled()
    need = needs.profiles.get(machine.profile_id)
    volume = network.volumes.get(machine.profile_id)
    if need is None:
        yield NotAssessed(machine.profile_id)
    elif not need.makeable:
        if volume is not None and not needs.extent.fits_turned(volume):
            yield TooLarge(needs.extent, volume)
        else:
            yield ProfileCannot(machine.profile_id, need.findings)
    elif need.plate_capacity < needs.parts:
        yield PlateTooSmall(needs.parts, need.plate_capacity)


def _passing(machine: MachineView, needs: Requirements, at: datetime, rules: Rules) -> Iterable[Rejection]:
    hub = machine.hub
    if hub.presence is Presence.LOST and hub.last_heard_at is not None:
        yield HubLost(hub.last_heard_at)
    elif hub.presence is not Presence.ONLINE:
        yield HubSilent()
    elif machine.heard_at is None or at - machine.heard_at > timedelta(seconds=rules.hub_lost_s):
        yield MachineSilent(machine.heard_at, rules.hub_lost_s)
    elif not machine.state.takes_work:
        yield MachineNotReady(machine.state)
    if hub.cordoned:
        yield HubCordoned()
    needed_g = needs.profiles[machine.profile_id].grams(needs.parts)
    free_g = hub.free_g.get(needs.material_id, 0.0)
    if free_g < needed_g:
        yield NoStock(needs.material_id, needed_g, free_g)


def _candidate(
    machine: MachineView, needs: Requirements, setbacks: Sequence[str], at: datetime, rules: Rules
) -> Candidate:
    need: ProfileNeed = needs.profiles[machine.profile_id]
    hub: HubView = machine.hub
    minutes = need.minutes(needs.parts)
    distance_km = hub.place.distance_km(needs.destination) if needs.destination else 0.0
    finished_at = at + timedelta(minutes=rules.preparation_minutes + machine.backlog_minutes + minutes)
    promised_at = hub.hours.open_from(finished_at)
    return Candidate(
        machine=machine,
        minutes=minutes,
        grams=need.grams(needs.parts),
        distance_km=distance_km,
        queue_minutes=machine.backlog_minutes,
        ahead=machine.ahead,
        promised_at=promised_at,
        cost=Cost.of(
            rules.rates,
            minutes=minutes,
            queue_minutes=machine.backlog_minutes,
            distance_km=distance_km,
            desk_minutes=(promised_at - finished_at).total_seconds() / 60,
            setbacks=setbacks.count(machine.id),
            other_hub=bool(needs.pickup_hub_id) and needs.pickup_hub_id != hub.id,
        ),
    )


def _reasons(rejected: Sequence[Rejected]) -> tuple[Reason, ...]:
    """What to say of a network in which nobody can, those first who may be able to later; each thing once."""
    if not rejected:
        return (Reason("no-machines", "the network has no machines yet"),)
    found: dict[Reason, None] = {}
    for each in rejected:
        for rejection in each.rejections:
            found.setdefault(Reason(rejection.code, f"{each.machine.hub.name}: {rejection.detail()}"))
    return tuple(found)[:_REASONS]
