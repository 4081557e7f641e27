"""`/routing/v1/hubs`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import http, pages
from chassis.auth import Principal, Requires
from chassis.http import Body, Text
from chassis.idempotency import OptionalKey, once
from chassis.problems import BadRequest, NotFound, Unprocessable, problem_responses
from chassis.unit_of_work import UnitOfWork
from routing.api.shapes import hub_shape, instant
from routing.domain.errors import BadHub
from routing.domain.geography import Place
from routing.domain.opening_hours import OpeningHours
from routing.state import State
from routing.store import queries
from routing.store.hubs import HubRecord, hub_of, machines_of, stock_of
from routing.usecases import run_hub
from routing.usecases.register_hub import NewMachine, Registration, register_hub

router = http.router("/routing/v1")

Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Grams = Annotated[float, Field(ge=0, le=10_000_000)]
Stock = Annotated[dict[Annotated[Text, Field(min_length=1, max_length=64)], Grams], Field(max_length=500)]
Reader = Annotated[Principal, Depends(Requires("routing:read"))]
Writer = Annotated[Principal, Depends(Requires("routing:write"))]


def _distinct(machines: list[MachineBody]) -> list[MachineBody]:
    if len({each.name for each in machines}) != len(machines):
        raise ValueError("two machines have the same name")
    return machines


class Location(Body):
    """WGS 84."""

    lat: Lat
    lon: Lon


class MachineBody(Body):
    """A machine: its name is its own within the hub."""

    name: Text = Field(min_length=1, max_length=100)
    profile_id: Text = Field(min_length=1, max_length=64)


class HubBody(Body):
    """A hub to register. Hours are local: `{"mon": ["08:00", "18:00"]}`; stock is in grams by material."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    name: Text = Field(min_length=1, max_length=200)
    location: Location
    timezone: Text = Field(max_length=64)
    opening_hours: dict[str, list[str]] = Field(max_length=7)
    machines: Annotated[list[MachineBody], Field(min_length=1, max_length=200), AfterValidator(_distinct)]
    stock: Stock = Field(default_factory=dict)

    def registration(self) -> Registration:
        """The command. Raises the problem of what is wrong."""
        try:
            hours = OpeningHours.of(self.timezone, self.opening_hours)
        except BadHub as error:
            code = {"BadTimezone": "bad-timezone", "BadOpeningHours": "bad-opening-hours"}[type(error).__name__]
            raise Unprocessable(code, str(error)) from error
        machines = [NewMachine(each.name, each.profile_id) for each in self.machines]
        return Registration(
            self.slug, self.name, Place(self.location.lat, self.location.lon), hours, machines, self.stock
        )


@router.post("/hubs", status_code=201, responses=problem_responses(401, 403, 409, 422))
async def register(body: HubBody, request: Request, principal: Writer) -> Response:
    """Register a hub. The enrolment token is shown in this answer alone; the same slug again answers 200, with a fresh
    token as long as no agent has enrolled.
    """
    async with _state(request).units.begin() as uow:
        done = await register_hub(body.registration(), principal, uow)
    shape = {
        "id": done.hub_id,
        "enrolment_token": done.enrolment_token,
        "machines": [{"id": each.id, "name": each.name, "profile_id": each.profile_id} for each in done.machines],
    }
    headers = {"Location": f"/routing/v1/hubs/{done.hub_id}", "Cache-Control": "no-store"}
    return JSONResponse(shape, 201 if done.created else 200, headers=headers)


@router.get("/hubs", responses=problem_responses(400, 401, 403, 422))
async def list_hubs(
    request: Request,
    _: Reader,
    lat: Annotated[Lat | None, Query(allow_inf_nan=False)] = None,
    lon: Annotated[Lon | None, Query(allow_inf_nan=False)] = None,
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> dict[str, Any]:
    """All hubs; with `lat` and `lon`, how far each is."""
    near = _near(lat, lon)
    key = pages.decode(cursor)
    async with _state(request).units.read() as session:
        rows = await queries.hubs_page(session, str(key[0]) if key else None, limit + 1)
        shapes = await _shapes(session, [hub_of(row) for row in rows], near)
    return pages.page(shapes, limit)


@router.get("/hubs/{hub_id}", responses=problem_responses(400, 401, 403, 404, 422))
async def show_hub(
    hub_id: str,
    request: Request,
    _: Reader,
    lat: Annotated[Lat | None, Query(allow_inf_nan=False)] = None,
    lon: Annotated[Lon | None, Query(allow_inf_nan=False)] = None,
) -> dict[str, Any]:
    """One hub, and what happened to it last."""
    near = _near(lat, lon)
    async with _state(request).units.read() as session:
        row = await queries.hub(session, _plain(hub_id))
        if row is None:
            raise NotFound("no-such-hub", "There is no hub of that id.")
        (shape,) = await _shapes(session, [hub_of(row)], near)
        events = await queries.hub_events(session, row.id)
    return {**shape, "events": [{"what": each["what"], "at": instant(each["at"])} for each in events]}


@router.put("/hubs/{hub_id}/stock", responses=problem_responses(401, 403, 404, 422))
async def put_stock(hub_id: str, body: Stock, request: Request, principal: Writer) -> dict[str, Any]:
    """Say what lies at the hub, in grams by material; what is not named is not there."""
    async with _state(request).units.begin() as uow:
        await run_hub.set_stock(_plain(hub_id), body, principal, uow)
    return {"stock": body}


@router.post("/hubs/{hub_id}/cordon", responses=problem_responses(401, 403, 404, 422))
async def cordon(hub_id: str, request: Request, principal: Writer, key: OptionalKey = None) -> Response:
    """Give the hub no new job orders; what it has it keeps."""
    return await _cordon(hub_id, True, request, principal, key)


@router.post("/hubs/{hub_id}/uncordon", responses=problem_responses(401, 403, 404, 422))
async def uncordon(hub_id: str, request: Request, principal: Writer, key: OptionalKey = None) -> Response:
    """Give the hub new job orders again."""
    return await _cordon(hub_id, False, request, principal, key)


async def _cordon(hub_id: str, cordoned: bool, request: Request, principal: Principal, key: str | None) -> Response:
    async def act(uow: UnitOfWork) -> Response:
        await run_hub.set_cordoned(_plain(hub_id), cordoned, principal, uow)
        return JSONResponse({"id": hub_id, "cordoned": cordoned})

    return await once(_state(request).units, request, principal, key, act)


async def _shapes(session: AsyncSession, hubs: list[HubRecord], near: Place | None) -> list[dict[str, Any]]:
    ids = [hub.id for hub in hubs]
    machines, stock = await machines_of(session, ids), await stock_of(session, ids)
    return [hub_shape(hub, machines[hub.id], stock[hub.id], near) for hub in hubs]


def _near(lat: float | None, lon: float | None) -> Place | None:
    if (lat is None) != (lon is None):
        raise BadRequest("half-a-place", "Send both lat and lon, or neither.")
    return None if lat is None or lon is None else Place(lat, lon)


def _plain(hub_id: str) -> str:
    """An id that the database can look for; anything else is no hub's."""
    if not hub_id.isprintable():
        raise NotFound("no-such-hub", "There is no hub of that id.")
    return hub_id


def _state(request: Request) -> State:
    state: State = request.app.state.service
    return state
