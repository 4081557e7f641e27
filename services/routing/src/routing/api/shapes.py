"""How hubs, job orders and decisions look to a caller."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from routing.domain.geography import Place
from routing.store.hubs import HubRecord, MachineRecord


def instant(moment: datetime | None) -> str | None:
    """UTC with a Z."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def machine_shape(machine: MachineRecord) -> dict[str, Any]:
    """A machine of a hub."""
    return {
        "id": machine.id,
        "name": machine.name,
        "profile_id": machine.profile_id,
        "state": machine.state.value,
        "heard_at": instant(machine.heard_at),
    }


def hub_shape(
    hub: HubRecord, machines: list[MachineRecord], stock: dict[str, float], near: Place | None
) -> dict[str, Any]:
    """A hub; with its distance where the caller says where they are."""
    shape: dict[str, Any] = {
        "id": hub.id,
        "slug": hub.slug,
        "name": hub.name,
        "organisation_id": hub.organisation_id,
        "location": {"lat": hub.place.lat_deg, "lon": hub.place.lon_deg},
        "timezone": hub.hours.timezone,
        "opening_hours": hub.hours.texts(),
        "open": hub.hours.is_open(datetime.now(UTC)),
        "state": hub.state,
        "presence": hub.presence.value,
        "enrolled": hub.enrolled,
        "last_heard_at": instant(hub.last_heard_at),
        "machines": [machine_shape(each) for each in machines],
        "stock": stock,
    }
    if near is not None:
        shape["distance_km"] = round(hub.place.distance_km(near), 3)
    return shape


def job_order_shape(row: Row[Any]) -> dict[str, Any]:
    """A job order and who holds it."""
    return {
        "id": row.id,
        "order_id": row.order_id,
        "state": row.state,
        "fencing_token": row.token,
        "part_ids": row.requirements["part_ids"],
        "hub_id": row.hub_id,
        "hub_name": row.hub_name,
        "machine_id": row.machine_id,
        "lease_expires_at": instant(row.lease_expires_at),
        "lapsed": row.lapsed,
        "claimed_at": instant(row.claimed_at),
        "started_at": instant(row.started_at),
        "fraction": row.fraction,
        "ahead": row.ahead,
        "minutes": round(row.minutes, 3),
        "grams": round(row.grams, 3),
        "promised_at": instant(row.promised_at),
        "program_id": row.program["id"] if row.program else None,
        "program_sha256": row.program["sha256"] if row.program else None,
        "setbacks": row.setbacks,
        "reasons": row.reasons,
        "created_at": instant(row.created_at),
    }


def decision_shape(row: Row[Any]) -> dict[str, Any]:
    """One decision: what was chosen, and why the others could not."""
    return {"at": instant(row.decided_at), "outcome": row.outcome, "fencing_token": row.token, **row.record}
