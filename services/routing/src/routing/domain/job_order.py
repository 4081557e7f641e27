"""A job order: its states, its lease, and the token that makes an older lease powerless.

    waiting ──▶ pending ──▶ ready ──▶ dispatched ──▶ running ──▶ completed
       ▲           │          │           │             │
       └───────────┴──────────┴───────────┴─────────────┘   lease over, hub lost, or the machine gave up
    waiting ──▶ aborted (no machine will make it)       any of the open states ──▶ cancelled

A running job order whose lease has run out keeps its holder (*lapsed*) as long as nobody else was given a higher token:
if the hub comes back in time it goes on, and if it finished meanwhile its parts count.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from routing.domain.errors import IllegalTransition, NotTheHolder, TokenNotHigher
from routing.domain.requirements import Reason, Requirements


class State(enum.StrEnum):
    """B2MML's states, as far as a job order takes them."""

    WAITING = "waiting"
    PENDING = "pending"
    READY = "ready"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    COMPLETED = "completed"
    ABORTED = "aborted"
    CANCELLED = "cancelled"


UNCLAIMED = frozenset({State.PENDING, State.READY, State.DISPATCHED})
PLACED = UNCLAIMED | {State.RUNNING}
ENDED = frozenset({State.COMPLETED, State.ABORTED, State.CANCELLED})

_FOLLOWS: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.PENDING, State.RUNNING, State.COMPLETED, State.ABORTED, State.CANCELLED}),
    State.PENDING: frozenset({State.READY, State.WAITING, State.CANCELLED}),
    State.READY: frozenset({State.DISPATCHED, State.WAITING, State.CANCELLED}),
    State.DISPATCHED: frozenset({State.RUNNING, State.WAITING, State.CANCELLED}),
    State.RUNNING: frozenset({State.COMPLETED, State.WAITING, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.ABORTED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the right to a job order: a hub's machine, by a token that nobody had before."""

    hub_id: str
    machine_id: str
    token: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The time-bound right of `holder`. `lapsed`: it ran out, and nobody else has been given one since."""

    holder: Holder
    expires_at: datetime
    lapsed: bool = False
    claimed_at: datetime | None = None
    started_at: datetime | None = None
    fraction: float = 0.0
    last_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """The verified program that a release binds to the lease."""

    id: str
    sha256: str
    bytes: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Setback:
    """A machine gave the job order up."""

    machine_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the allocation counted with."""

    minutes: float
    grams: float
    ahead: int
    distance_km: float
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class JobOrder:
    """The smallest thing dispatched. `token` is the highest that was issued for it; `version` counts its events."""

    id: str
    order_id: str
    organisation_id: str
    requirements: Requirements
    state: State = State.WAITING
    version: int = 0
    token: int = 0
    lease: Lease | None = None
    estimate: Estimate | None = None
    program: Program | None = None
    setbacks: tuple[Setback, ...] = ()
    reasons: tuple[Reason, ...] = ()
    download_key_sha256: bytes | None = None
    trace: Mapping[str, str] = field(default_factory=dict)

    # -- placing ----------------------------------------------------------------------------------------------------

    def allocated(self, holder: Holder, estimate: Estimate, expires_at: datetime) -> JobOrder:
        """Give a waiting job order to `holder`. Raises TokenNotHigher, IllegalTransition."""
        if holder.token <= self.token:
            raise TokenNotHigher(f"{self.id}: token {holder.token} after {self.token}")
        return replace(
            self._to(State.PENDING),
            token=holder.token,
            lease=Lease(holder, expires_at),
            estimate=estimate,
            program=None,
            reasons=(),
            download_key_sha256=None,
        )

    def kept_waiting(self, reasons: tuple[Reason, ...]) -> JobOrder:
        """No machine can take it now. Raises IllegalTransition unless it waits."""
        if self.state is not State.WAITING:
            raise IllegalTransition(f"{self.id} is {self.state}, not waiting")
        return replace(self, reasons=reasons)

    def refused(self, reasons: tuple[Reason, ...]) -> JobOrder:
        """No machine will ever make it."""
        return replace(self._to(State.ABORTED), lease=None, reasons=reasons)

    # -- before the claim -------------------------------------------------------------------------------------------

    def programmed(self, token: int, program: Program) -> JobOrder:
        """Its program is verified for the holder of `token`. Raises NotTheHolder, IllegalTransition."""
        if token != self.token:
            raise NotTheHolder(f"the newest token is {self.token}")
        return replace(self._to(State.READY), program=program)

    def offered(self) -> JobOrder:
        """It is on its way to the hub."""
        return self._to(State.DISPATCHED)

    def offer_renewed(self, now: datetime, allocation_lease_s: float) -> JobOrder:
        """Its hub is heard: it may be programmed and claimed for that much longer."""
        lease = self._lease()
        return replace(self, lease=replace(lease, expires_at=now + timedelta(seconds=allocation_lease_s)))

    # -- with the hub -----------------------------------------------------------------------------------------------

    def claimed(self, holder: Holder, now: datetime, lease_s: float, download_key_sha256: bytes) -> JobOrder:
        """Grant the claim of `holder`, also again as long as it has not started. Raises NotTheHolder."""
        lease = self.held_by(holder)
        if lease.started_at is not None:
            raise NotTheHolder("it was started already")
        if self.state not in (State.DISPATCHED, State.RUNNING):
            raise NotTheHolder(f"it is {self.state}")
        if now >= lease.expires_at:
            raise NotTheHolder("the lease has run out")
        running = self if self.state is State.RUNNING else self._to(State.RUNNING)
        granted = replace(
            lease, expires_at=now + timedelta(seconds=lease_s), claimed_at=lease.claimed_at or now, lapsed=False
        )
        return replace(running, lease=granted, download_key_sha256=download_key_sha256)

    def renewed(self, holder: Holder, now: datetime, lease_s: float) -> JobOrder:
        """Extend the claimed lease of `holder`, also a lapsed one. Raises NotTheHolder."""
        lease = self.held_by(holder)
        if lease.claimed_at is None:
            raise NotTheHolder("it was never claimed")
        running = self._to(State.RUNNING) if lease.lapsed else self
        expires_at = max(lease.expires_at, now + timedelta(seconds=lease_s))
        return replace(running, lease=replace(lease, expires_at=expires_at, lapsed=False))

    def started(self, holder: Holder, at: datetime) -> JobOrder:
        """The machine began. Raises NotTheHolder."""
        return replace(self, lease=replace(self._claimed_by(holder), started_at=at))

    def progressed(self, holder: Holder, fraction: float) -> JobOrder:
        """The machine came that far. Raises NotTheHolder."""
        lease = self._claimed_by(holder)
        return replace(self, lease=replace(lease, fraction=max(lease.fraction, fraction)))

    def completed(self, holder: Holder) -> JobOrder:
        """The parts are made. Raises NotTheHolder."""
        lease = self._claimed_by(holder)
        return replace(self._to(State.COMPLETED), lease=replace(lease, fraction=1.0, lapsed=False))

    def given_up(self, holder: Holder, reason: Reason) -> JobOrder:
        """Machine or agent gave up, before the claim or after: it waits again. Raises NotTheHolder."""
        self.held_by(holder)
        setbacks = (*self.setbacks, Setback(holder.machine_id, reason))
        return replace(self._let_go(), setbacks=setbacks)

    # -- taken away -------------------------------------------------------------------------------------------------

    def withdrawn(self) -> JobOrder:
        """Its hub is lost and has not claimed it: it waits. Raises IllegalTransition where it was claimed: that lease
        may be running, and must run out first.
        """
        if self.state not in UNCLAIMED:
            raise IllegalTransition(f"{self.id} is {self.state}: only what nobody claimed is withdrawn")
        return self._let_go()

    def taken_back(self, now: datetime) -> JobOrder:
        """The lease has run out. An unclaimed one is gone, a claimed one lapsed. Raises IllegalTransition before."""
        lease = self._lease()
        if now < lease.expires_at:
            raise IllegalTransition(f"{self.id}: the lease runs until {lease.expires_at.isoformat()}")
        if lease.claimed_at is None:
            return self._let_go()
        return replace(self._to(State.WAITING), lease=replace(lease, lapsed=True))

    def cancelled(self) -> JobOrder:
        """No machine may start it any more."""
        return replace(self._to(State.CANCELLED), download_key_sha256=None)

    # -- asking -----------------------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    def held_by(self, holder: Holder) -> Lease:
        """The lease, if it is `holder`'s and the job order is open. Raises NotTheHolder with what to tell the hub."""
        if self.lease is None or self.lease.holder.token != holder.token:
            raise NotTheHolder(f"the token {holder.token} is powerless, the newest is {self.token}")
        if self.lease.holder != holder:
            raise NotTheHolder("the token was given to another machine")
        if self.ended:
            raise NotTheHolder(f"it is {self.state}")
        return self.lease

    def _claimed_by(self, holder: Holder) -> Lease:
        lease = self.held_by(holder)
        if lease.claimed_at is None:
            raise NotTheHolder("it was never claimed")
        return lease

    def _lease(self) -> Lease:
        if self.lease is None:
            raise IllegalTransition(f"{self.id} is {self.state} and nobody holds it")
        return self.lease

    def _let_go(self) -> JobOrder:
        """Nobody holds it any more; the token is powerless."""
        waiting = self if self.state is State.WAITING else self._to(State.WAITING)
        return replace(waiting, lease=None, download_key_sha256=None)

    def _to(self, state: State) -> JobOrder:
        if state not in _FOLLOWS[self.state]:
            raise IllegalTransition(f"{self.id} is {self.state} and cannot become {state}")
        return replace(self, state=state)
