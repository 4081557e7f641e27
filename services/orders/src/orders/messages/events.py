"""Events that the service emits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from fabmesh.orders.v1.events_pb2 import (
    ApiKeyIssued,
    ApiKeyRevoked,
    LicenceUnitReserved,
    LicenceUnitReturned,
    LicenceUnitUsed,
    OrderCancelled,
    OrderCollected,
    OrderFailed,
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefused,
    OrganisationRegistered,
)
from fabmesh.types.v1 import types_pb2 as types
from orders.domain.order import Order, Reason
from orders.domain.organisations import ApiKey, Organisation


def stamp(moment: datetime) -> Timestamp:
    """An instant as the contracts have it."""
    message = Timestamp()
    message.FromDatetime(moment.astimezone(UTC))
    return message


def order_placed(order: Order) -> OrderPlaced:
    """An order was accepted."""
    return OrderPlaced(
        order_id=order.id,
        organisation_id=order.organisation_id,
        design_id=order.design_id,
        version_id=order.version_id,
        parameters_json=order.parameters_json,
        material_id=order.material_id,
        part_ids=[part.id for part in order.parts],
        destination=types.GeoPoint(lat_deg=order.destination.lat_deg, lon_deg=order.destination.lon_deg),
        placed_at=stamp(order.placed_at),
    )


def order_ready(order: Order, now: datetime) -> OrderReadyForPickup:
    """All parts are accepted."""
    return OrderReadyForPickup(
        order_id=order.id,
        organisation_id=order.organisation_id,
        pickup_hub_id=order.pickup_hub_id or "",
        part_ids=[part.id for part in order.parts],
        ready_at=stamp(now),
    )


def order_collected(order: Order, now: datetime) -> OrderCollected:
    """The customer has the parts."""
    return OrderCollected(order_id=order.id, organisation_id=order.organisation_id, collected_at=stamp(now))


def order_cancelled(order: Order, why: str, now: datetime) -> OrderCancelled:
    """The customer does not want it any more."""
    return OrderCancelled(order_id=order.id, organisation_id=order.organisation_id, why=why, cancelled_at=stamp(now))


def order_refused(order: Order, now: datetime) -> OrderRefused:
    """Nobody can make it."""
    return OrderRefused(
        order_id=order.id,
        organisation_id=order.organisation_id,
        reasons=_reasons(order.reasons),
        refused_at=stamp(now),
    )


def order_failed(order: Order, now: datetime) -> OrderFailed:
    """It was not made in the end."""
    return OrderFailed(
        order_id=order.id,
        organisation_id=order.organisation_id,
        reasons=_reasons(order.reasons),
        failed_at=stamp(now),
    )


def _reasons(given: Iterable[Reason]) -> list[types.Reason]:
    return [types.Reason(code=each.code, detail=each.detail) for each in given]


def unit_reserved(order: Order, licence_id: str, part_id: str) -> LicenceUnitReserved:
    """A unit is set aside for a part."""
    return LicenceUnitReserved(licence_id=licence_id, design_id=order.design_id, part_id=part_id, order_id=order.id)


def unit_used(order: Order, licence_id: str, part_id: str) -> LicenceUnitUsed:
    """A part was started: its unit is used, and the fee owed."""
    fee = order.fee
    return LicenceUnitUsed(
        licence_id=licence_id,
        design_id=order.design_id,
        part_id=part_id,
        order_id=order.id,
        fee=None if fee is None else types.Money(amount=fee.text, currency=fee.currency),
    )


def unit_returned(order: Order, licence_id: str, part_id: str, why: str) -> LicenceUnitReturned:
    """A part ended without a start: its unit goes back."""
    return LicenceUnitReturned(
        licence_id=licence_id, design_id=order.design_id, part_id=part_id, order_id=order.id, why=why
    )


def organisation_registered(organisation: Organisation) -> OrganisationRegistered:
    """An organisation takes part from now on."""
    return OrganisationRegistered(organisation_id=organisation.id, name=organisation.name, kind=organisation.kind)


def api_key_issued(key: ApiKey, organisation: Organisation) -> ApiKeyIssued:
    """A key was issued; every service keeps its hash."""
    return ApiKeyIssued(
        key_id=key.id,
        sha256=key.sha256,
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        scopes=key.scopes,
        expires_at=None if key.expires_at is None else stamp(key.expires_at),
    )


def api_key_revoked(key_id: str, now: datetime) -> ApiKeyRevoked:
    """A key opens nothing any more."""
    return ApiKeyRevoked(key_id=key_id, revoked_at=stamp(now))
