"""`/licences` and `/statements`: the right to make parts, and what is owed for it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field, StrictInt

from chassis import pages
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once
from chassis.problems import problem_responses
from chassis.unit_of_work import UnitOfWork
from orders.api.callers import Grantor, Reader, seen_by, service
from orders.api.problems import as_problems
from orders.api.shapes import Money, amount, instant
from orders.store import royalties
from orders.usecases.grant_licence import GrantLicence, grant_licence

ROUTER = router("/orders/v1")


class LicenceBody(Body):
    design: Annotated[Text, Field(min_length=1, max_length=200)] = Field(description="slug or id")
    organisation: Annotated[Text, Field(min_length=1, max_length=200)] = Field(description="the partner's id or name")
    units: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] | None = Field(description="null: without limit")
    territory: Annotated[Text, Field(max_length=100)] = ""
    until: AwareDatetime | None = None


class DesignName(BaseModel):
    id: str
    slug: str


class OrganisationName(BaseModel):
    id: str
    name: str


class LicenceShape(BaseModel):
    id: str
    design: DesignName
    organisation: OrganisationName
    rights_holder: str
    units: int | None = Field(description="null: without limit")
    available: int | None
    reserved: int
    used: int
    territory: str
    until: str | None
    granted_at: str


class LicencePage(BaseModel):
    items: list[LicenceShape]
    next_cursor: str | None


class StatementShape(BaseModel):
    licence: str
    design: DesignName
    organisation: OrganisationName
    rights_holder: str
    units_used: int
    fee: Money | None
    royalties: Money | None


class StatementPage(BaseModel):
    items: list[StatementShape]
    next_cursor: str | None


@ROUTER.post(
    "/licences",
    status_code=201,
    summary="Grant an organisation units of a design",
    response_model=LicenceShape,
    responses=problem_responses(401, 403, 422),
)
async def grant(body: LicenceBody, request: Request, principal: Grantor, key: OptionalKey = None) -> Response:
    command = GrantLicence(body.design, body.organisation, body.units, body.territory, body.until)

    async def act(uow: UnitOfWork) -> Response:
        with as_problems():
            licence = await grant_licence(command, principal, uow)
        (line,) = await royalties.licence_lines(uow.session, organisation_id=None, licence_id=licence.id)
        return JSONResponse(_licence(line), 201)

    return await once(service(request).units, request, principal, key, act)


@ROUTER.get(
    "/licences",
    summary="Licences that one holds or has granted, the newest first",
    response_model=LicencePage,
    responses=problem_responses(401, 403),
)
async def list_licences(
    request: Request, principal: Reader, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> Response:
    before = pages.decode(cursor)
    async with service(request).units.read() as session:
        lines = await royalties.licence_lines(
            session,
            organisation_id=seen_by(principal),
            before=None if before is None else str(before[0]),
            limit=limit,
        )
    return JSONResponse(pages.page([_licence(line) for line in lines], limit))


@ROUTER.get(
    "/statements",
    summary="Royalties by licence: units used × fee",
    response_model=StatementPage,
    responses=problem_responses(401, 403),
)
async def list_statements(
    request: Request, principal: Reader, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> Response:
    after = pages.decode(cursor, parts=2)
    async with service(request).units.read() as session:
        lines = await royalties.statement_lines(
            session,
            organisation_id=seen_by(principal),
            after=None if after is None else (str(after[0]), str(after[1])),
            limit=limit,
        )
    shown, more = lines[:limit], len(lines) > limit
    cursor = pages.encode(shown[-1].licence_id, shown[-1].key) if more else None
    return JSONResponse({"items": [_statement(line) for line in shown], "next_cursor": cursor})


def _licence(line: royalties.LicenceLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "design": {"id": line.design_id, "slug": line.slug},
        "organisation": {"id": line.organisation.id, "name": line.organisation.name},
        "rights_holder": line.rights_holder_id,
        "units": line.units,
        "available": line.available,
        "reserved": line.reserved,
        "used": line.used,
        "territory": line.territory,
        "until": None if line.until is None else instant(line.until),
        "granted_at": instant(line.granted_at),
    }


def _statement(line: royalties.StatementLine) -> dict[str, Any]:
    return {
        "licence": line.licence_id,
        "design": {"id": line.design_id, "slug": line.slug},
        "organisation": {"id": line.organisation.id, "name": line.organisation.name},
        "rights_holder": line.rights_holder_id,
        "units_used": line.units_used,
        "fee": amount(line.fee),
        "royalties": amount(None if line.fee is None else line.fee.times(line.units_used)),
    }
