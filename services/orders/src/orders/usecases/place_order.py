"""Place an order: everything that the own copy of the catalogue and the ledger decide, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.unit_of_work import UnitOfWork
from messaging.envelope import uuid7
from orders.domain.configuration import canonical_json, configure
from orders.domain.designs import DesignVersion
from orders.domain.errors import Unacceptable
from orders.domain.licences import Licence, Movement, Unit, share_out
from orders.domain.order import Destination, Order, OrderedPart
from orders.domain.pickup import code_for, code_hash
from orders.messages import events
from orders.store import designs, licences, placing
from orders.usecases.fulfilment import Fulfilment


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """What somebody orders. `design`: slug or id; `version`: number or id, None for the newest.

    `secret` is what the caller authenticated with: the pickup code is derived from it.
    """

    organisation_id: str
    design: str
    version: int | str | None
    parameters: Mapping[str, Any]
    material_id: str
    quantity: int
    destination: Destination
    secret: str


async def place_order(command: PlaceOrder, fulfilment: Fulfilment, uow: UnitOfWork) -> tuple[Order, str]:
    """Accept the order, or raise Unacceptable with what would be right; answers it with its timeline's first words."""
    version = await _orderable(command, uow)
    parameters_json = canonical_json(configure(version.parameters, command.parameters))
    order_id, now = uuid7(), datetime.now(UTC)
    part_ids = [uuid7() for _ in range(command.quantity)]
    shares = await _reserved(command, version, order_id, part_ids, now, uow)
    licence_of = {m.part_id: licence.id for licence, movements in shares for m in movements}
    fee = version.licence.fee if version.licence.per_part else None
    order = Order(
        id=order_id,
        organisation_id=command.organisation_id,
        design_id=version.design_id,
        slug=version.slug,
        version_id=version.id,
        version=version.number,
        parameters_json=parameters_json,
        material_id=command.material_id,
        destination=command.destination,
        parts=tuple(_part(part_id, licence_of.get(part_id)) for part_id in part_ids),
        placed_at=now,
        price=None if fee is None else fee.times(command.quantity),
        fee=fee,
        pickup_code_sha256=code_hash(code_for(command.secret, order_id), order_id),
    )
    why = f"{_parts(command.quantity)} of {version.title or version.slug}"
    await placing.insert_order(uow.session, order, shares, why)
    uow.emit(events.order_placed(order), aggregate_id=order_id, version=order.revision)
    for part in order.parts:
        if part.licence_id is not None:
            reserved = events.unit_reserved(order, part.licence_id, part.id)
            uow.emit(reserved, aggregate_id=part.id, correlation_id=order_id)
    await fulfilment.begin(order, uow)
    return order, why


async def _orderable(command: PlaceOrder, uow: UnitOfWork) -> DesignVersion:
    found = await designs.find(uow.session, command.design, command.version)
    if found is None:
        numbers = await designs.numbers(uow.session, command.design)
        if not numbers:
            raise Unacceptable("unknown-design", f"No design {command.design!r} is released; see /catalog/v1/designs.")
        raise Unacceptable(
            "unknown-version",
            f"{command.design} has no version {command.version}; it has {', '.join(map(str, numbers))}.",
            versions=numbers,
        )
    version = found.version
    if found.withdrawn is not None:
        raise Unacceptable(
            "design-withdrawn", f"Version {version.number} of {version.slug} is withdrawn: {found.withdrawn.why}"
        )
    if command.material_id not in version.materials:
        raise Unacceptable(
            "material-not-allowed",
            f"{version.slug} can be made of {', '.join(version.materials)}, not of {command.material_id}.",
            materials=list(version.materials),
        )
    return version


async def _reserved(
    command: PlaceOrder, version: DesignVersion, order_id: str, part_ids: list[str], now: datetime, uow: UnitOfWork
) -> list[tuple[Licence, list[Movement]]]:
    if not version.licence.per_part:
        return []
    held = await licences.locked_for_order(uow.session, version.design_id, command.organisation_id, now)
    return share_out(held, part_ids, order_id, now)


def _part(part_id: str, licence_id: str | None) -> OrderedPart:
    return OrderedPart(part_id, licence_id=licence_id, unit=None if licence_id is None else Unit.RESERVED)


def _parts(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"
