"""An order and its parts: where they stand, and how they come to an end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from orders.domain.licences import Unit
from orders.domain.money import Money


class Status(StrEnum):
    """How far an order or a part is; up to READY in the order of progress."""

    PLACED = "placed"
    WAITING = "waiting"
    ALLOCATED = "allocated"
    FABRICATING = "fabricating"
    DISPATCHED = "dispatched"
    MAKING = "making"
    INSPECTING = "inspecting"
    READY = "ready_for_pickup"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"


_RANK = {status: rank for rank, status in enumerate(Status)}
ENDED = frozenset({Status.COLLECTED, Status.CANCELLED, Status.REFUSED, Status.FAILED})
"""Nothing happens any more to an order in one of these."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code for programs, words for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the customer is (WGS 84, degrees)."""

    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True)
class OrderedPart:
    """One part of an order; its id becomes the serial number. `hub_id`: where it lies since it was accepted."""

    id: str
    status: Status = Status.PLACED
    licence_id: str | None = None
    unit: Unit | None = None
    hub_id: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One configuration of one design version, some parts of it, for one place.

    `fee` is that of one licence unit. `closed` is set when the order has ended; until then its status is that of its
    least advanced part. `revision` counts the changes.
    """

    id: str
    organisation_id: str
    design_id: str
    slug: str
    version_id: str
    version: int
    parameters_json: str
    material_id: str
    destination: Destination
    parts: tuple[OrderedPart, ...]
    placed_at: datetime
    price: Money | None = None
    fee: Money | None = None
    closed: Status | None = None
    reasons: tuple[Reason, ...] = ()
    pickup_hub_id: str | None = None
    pickup_hub_name: str | None = None
    pickup_code_sha256: bytes = b""
    assessment_id: str | None = None
    started_at: datetime | None = None
    revision: int = 1

    @property
    def status(self) -> Status:
        """That of the end, or of the least advanced part."""
        return self.closed or min((part.status for part in self.parts), key=_RANK.__getitem__)

    @property
    def open_parts(self) -> tuple[OrderedPart, ...]:
        """The parts that are still to be made."""
        return tuple(part for part in self.parts if part.status is not Status.READY)

    def chosen(self, part_ids: Collection[str]) -> tuple[OrderedPart, ...]:
        """Those of the order's parts whose ids are named."""
        return tuple(part for part in self.parts if part.id in part_ids)

    def with_parts(self, changed: Iterable[OrderedPart]) -> Order:
        """The order with some of its parts as given."""
        by_id = {part.id: part for part in changed}
        return replace(self, parts=tuple(by_id.get(part.id, part) for part in self.parts))

    def moved(self, part_ids: Collection[str], status: Status) -> Order:
        """The named parts at `status`; accepted ones stay accepted."""
        parts = (p for p in self.chosen(part_ids) if p.status is not Status.READY)
        return self.with_parts(replace(part, status=status) for part in parts)

    def accepted(self, part_ids: Collection[str], hub_id: str, hub_name: str) -> Order:
        """The named parts passed inspection and lie at a hub; the first hub is where all are picked up."""
        parts = self.with_parts(replace(part, status=Status.READY, hub_id=hub_id) for part in self.chosen(part_ids))
        if self.pickup_hub_id or not part_ids:
            return parts
        return replace(parts, pickup_hub_id=hub_id, pickup_hub_name=hub_name)

    def ended(self, status: Status, reasons: Iterable[Reason] = ()) -> Order:
        """The order at its end; parts that are not accepted end with it, all of them when it is collected."""
        ending = self.parts if status is Status.COLLECTED else self.open_parts
        parts = self.with_parts(replace(part, status=status) for part in ending)
        return replace(parts, closed=status, reasons=tuple(reasons))
