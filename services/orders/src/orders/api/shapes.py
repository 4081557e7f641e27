"""What the API answers with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from orders.domain import money
from orders.domain.making import JobOrder
from orders.domain.order import Order, Status
from orders.store.queries import OrderLine, OrderView, Told


class Money(BaseModel):
    amount: str = Field(examples=["12.30"])
    currency: str = Field(examples=["EUR"])


class OrderedDesign(BaseModel):
    id: str
    slug: str
    version: int
    version_id: str


class Place(BaseModel):
    lat: float = Field(description="degrees, WGS 84")
    lon: float


class ReasonShape(BaseModel):
    code: str
    detail: str


class PartShape(BaseModel):
    id: str = Field(description="becomes the part's serial number")
    status: Status


class TimelineShape(BaseModel):
    status: Status
    at: datetime
    why: str


class JobOrderShape(BaseModel):
    id: str
    state: str
    parts: list[str]
    hub: str | None
    hub_name: str | None
    machine: str | None
    machine_profile: str | None
    fencing_token: int | None
    program: str | None = Field(description="the program's id at /fabrication/v1/programs")
    program_sha256: str | None
    minutes: float | None
    grams: float | None


class PickupShape(BaseModel):
    hub: str | None
    hub_name: str | None


class OrderSummary(BaseModel):
    id: str
    status: Status
    design: OrderedDesign
    material: str
    quantity: int
    price: Money | None = Field(default=None, description="absent where it cannot be told yet")
    placed_at: datetime


class OrderShape(OrderSummary):
    parameters: dict[str, Any] = Field(description="the full configuration")
    destination: Place
    fulfilment: str
    parts: list[PartShape]
    timeline: list[TimelineShape]
    job_orders: list[JobOrderShape]
    pickup: PickupShape
    reasons: list[ReasonShape] = Field(description="why it was refused, failed or cancelled")


class PlacedOrder(OrderShape):
    pickup_code: str = Field(description="shown here only; the customer brings it to the pickup desk")


class OrderPage(BaseModel):
    items: list[OrderSummary]
    next_cursor: str | None


def instant(moment: datetime) -> str:
    """A UTC instant with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def amount(value: money.Money | None) -> dict[str, str] | None:
    """Money as the API writes it."""
    return None if value is None else {"amount": value.text, "currency": value.currency}


def etag(order: Order) -> str:
    """The tag of an order's present state."""
    return f'"{order.revision}"'


def order_shape(view: OrderView) -> dict[str, Any]:
    """An order as its owner sees it."""
    order = view.order
    return {
        "id": order.id,
        "status": order.status,
        "design": {"id": order.design_id, "slug": order.slug, "version": order.version, "version_id": order.version_id},
        "parameters": json.loads(order.parameters_json),
        "material": order.material_id,
        "quantity": len(order.parts),
        **({} if order.price is None else {"price": amount(order.price)}),
        "destination": {"lat": order.destination.lat_deg, "lon": order.destination.lon_deg},
        "fulfilment": "pickup",
        "placed_at": instant(order.placed_at),
        "parts": [{"id": part.id, "status": part.status} for part in order.parts],
        "timeline": [told_shape(line) for line in view.timeline],
        "job_orders": [_job_order(each) for each in view.job_orders],
        "pickup": {"hub": order.pickup_hub_id, "hub_name": order.pickup_hub_name},
        "reasons": [{"code": reason.code, "detail": reason.detail} for reason in order.reasons],
    }


def told_shape(line: Told) -> dict[str, Any]:
    """One line of the timeline."""
    return {"status": line.status, "at": instant(line.at), "why": line.why}


def line_shape(line: OrderLine) -> dict[str, Any]:
    """An order as lists show it."""
    return {
        "id": line.id,
        "status": line.status,
        "design": {"id": line.design_id, "slug": line.slug, "version": line.version, "version_id": line.version_id},
        "material": line.material_id,
        "quantity": line.quantity,
        **({} if line.price is None else {"price": amount(line.price)}),
        "placed_at": instant(line.placed_at),
    }


def _job_order(job_order: JobOrder) -> dict[str, Any]:
    program = job_order.program
    return {
        "id": job_order.id,
        "state": job_order.state,
        "parts": list(job_order.part_ids),
        "hub": job_order.hub_id,
        "hub_name": job_order.hub_name,
        "machine": job_order.machine_id,
        "machine_profile": job_order.profile_id,
        "fencing_token": job_order.fencing_token,
        "program": None if program is None else program.id,
        "program_sha256": None if program is None else program.sha256,
        "minutes": None if program is None else program.minutes,
        "grams": None if program is None else program.grams,
    }
