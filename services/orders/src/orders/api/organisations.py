"""`/organisations` and `/keys`: who takes part, and the keys of their programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from chassis import pages
from chassis.http import Body, Text, router
from chassis.idempotency import OptionalKey, once
from chassis.problems import problem_responses
from chassis.unit_of_work import UnitOfWork
from orders.api.callers import Registrar, plain_id, seen_by, service
from orders.api.problems import as_problems
from orders.api.shapes import instant
from orders.domain.organisations import ApiKey, Kind, Organisation
from orders.store import directory
from orders.usecases.issue_key import IssueKey, issue_key
from orders.usecases.register_organisation import register_organisation
from orders.usecases.revoke_key import revoke_key

ROUTER = router("/orders/v1")


class OrganisationBody(Body):
    name: Annotated[Text, Field(min_length=1, max_length=200, pattern=r"\S")]
    kind: Kind


class KeyBody(Body):
    scopes: list[Annotated[Text, Field(max_length=50)]] = Field(min_length=1, max_length=50)
    expires_at: AwareDatetime | None = None


class OrganisationShape(BaseModel):
    id: str
    name: str
    kind: str


class OrganisationPage(BaseModel):
    items: list[OrganisationShape]
    next_cursor: str | None


class KeyShape(BaseModel):
    id: str
    organisation: str
    scopes: list[str]
    expires_at: str | None
    revoked_at: str | None


class KeyPage(BaseModel):
    items: list[KeyShape]
    next_cursor: str | None


class IssuedKey(KeyShape):
    key: str = Field(description="shown here only")


@ROUTER.post(
    "/organisations",
    status_code=201,
    summary="Register an organisation",
    response_model=OrganisationShape,
    responses=problem_responses(401, 403, 409, 422),
)
async def register(body: OrganisationBody, request: Request, principal: Registrar, key: OptionalKey = None) -> Response:
    async def act(uow: UnitOfWork) -> Response:
        with as_problems():
            organisation = await register_organisation(body.name.strip(), body.kind, principal, uow)
        location = f"/orders/v1/organisations/{organisation.id}"
        return JSONResponse(_organisation(organisation), 201, headers={"Location": location})

    return await once(service(request).units, request, principal, key, act)


@ROUTER.get(
    "/organisations",
    summary="The organisations that one may see",
    response_model=OrganisationPage,
    responses=problem_responses(401, 403),
)
async def list_organisations(
    request: Request, principal: Registrar, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> Response:
    after = pages.decode(cursor)
    async with service(request).units.read() as session:
        found = await directory.organisations_listed(
            session,
            organisation_id=seen_by(principal),
            after=None if after is None else str(after[0]),
            limit=limit,
        )
    return JSONResponse(pages.page([_organisation(each) for each in found], limit))


@ROUTER.post(
    "/organisations/{organisation_id}/keys",
    status_code=201,
    summary="Issue a key; it is shown once",
    response_model=IssuedKey,
    responses=problem_responses(401, 403, 404, 422),
)
async def issue(organisation_id: str, body: KeyBody, request: Request, principal: Registrar) -> Response:
    command = IssueKey(plain_id("organisation", organisation_id), tuple(body.scopes), body.expires_at)
    async with service(request).units.begin() as uow:
        with as_problems():
            key, secret = await issue_key(command, principal, uow)
    return JSONResponse({**_key(key), "key": secret}, 201, headers={"Location": f"/orders/v1/keys/{key.id}"})


@ROUTER.get(
    "/organisations/{organisation_id}/keys",
    summary="The keys of an organisation, without their secrets",
    response_model=KeyPage,
    responses=problem_responses(401, 403, 404),
)
async def list_keys(
    organisation_id: str, request: Request, principal: Registrar, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> Response:
    organisation_id = plain_id("organisation", organisation_id)
    principal.must_own(organisation_id, "organisation")
    after = pages.decode(cursor)
    async with service(request).units.read() as session:
        found = await directory.keys_listed(
            session, organisation_id=organisation_id, after=None if after is None else str(after[0]), limit=limit
        )
    return JSONResponse(pages.page([_key(each) for each in found], limit))


@ROUTER.delete(
    "/keys/{key_id}",
    status_code=204,
    summary="Revoke a key",
    responses=problem_responses(401, 403, 404),
)
async def revoke(key_id: str, request: Request, principal: Registrar) -> Response:
    async with service(request).units.begin() as uow:
        with as_problems():
            await revoke_key(plain_id("key", key_id), principal, uow)
    return Response(status_code=204)


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {"id": organisation.id, "name": organisation.name, "kind": organisation.kind}


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "organisation": key.organisation_id,
        "scopes": list(key.scopes),
        "expires_at": None if key.expires_at is None else instant(key.expires_at),
        "revoked_at": None if key.revoked_at is None else instant(key.revoked_at),
    }
