"""`/token` and `/jwks`: short-lived tokens for clients that would rather not send their key each time."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from chassis.auth import public
from chassis.http import router
from chassis.problems import BadRequest, Unauthorised, problem_responses
from orders.api.callers import service
from orders.api.problems import as_problems
from orders.usecases.signing import IssueToken, issue_token, public_keys

ROUTER = router("/orders/v1")
_MAX_BYTES = 4096
_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_id": {"type": "string", "description": "the key's id; or send id and secret by HTTP Basic"},
        "client_secret": {"type": "string", "description": "the key"},
        "scope": {"type": "string", "description": "some of the key's scopes, separated by spaces; without it all"},
    },
}
_BODY = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": _FORM}}}


class TokenShape(BaseModel):
    access_token: str
    token_type: str
    expires_in: int
    scope: str


class KeySet(BaseModel):
    keys: list[dict[str, str]]


@ROUTER.post(
    "/token",
    summary="A token of ten minutes, by client credentials (RFC 6749 §4.4)",
    response_model=TokenShape,
    responses=problem_responses(400, 401, 403),
    openapi_extra={"requestBody": _BODY},
)
@public
async def token(request: Request) -> Response:
    given = await _form(request)
    if given.get("grant_type") != "client_credentials":
        raise BadRequest(
            "unsupported-grant-type", "Send `grant_type=client_credentials` as a form.", error="unsupported_grant_type"
        )
    client_id, secret = _client(request, given)
    state = service(request)
    scopes = tuple(given["scope"].split()) if given.get("scope") else None
    async with state.units.read() as session:
        with as_problems():
            made = await issue_token(IssueToken(client_id, secret, scopes, state.public_url), session)
    body = {
        "access_token": made.text,
        "token_type": "Bearer",
        "expires_in": made.life_s,
        "scope": " ".join(made.scopes),
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@ROUTER.get("/jwks", summary="The public keys that tokens are signed with (RFC 7517)", response_model=KeySet)
@public
async def jwks(request: Request) -> Response:
    async with service(request).units.read() as session:
        keys = await public_keys(session)
    return JSONResponse({"keys": [_jwk(key_id, key) for key_id, key in keys.items()]})


def _jwk(key_id: str, key: bytes) -> dict[str, str]:
    """RFC 8037: an Ed25519 public key."""
    encoded = base64.urlsafe_b64encode(key).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key_id, "x": encoded}


async def _form(request: Request) -> dict[str, str]:
    """The form's fields. Raises BadRequest for one that is too long, no UTF-8 or names a field twice."""
    body = await request.body()
    try:
        pairs = parse_qsl(body[: _MAX_BYTES + 1].decode(), max_num_fields=10, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadRequest("malformed-form", "The body is no form.", error="invalid_request") from error
    fields: dict[str, Any] = dict(pairs)
    if len(body) > _MAX_BYTES or len(fields) != len(pairs) or any("\x00" in value for value in fields.values()):
        raise BadRequest("malformed-form", "The form is too long or names a field twice.", error="invalid_request")
    return fields


def _client(request: Request, given: dict[str, str]) -> tuple[str, str]:
    """The client's id and secret, by HTTP Basic or in the form (RFC 6749 §2.3.1). Raises Unauthorised."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            name = secret = ""
        name, secret = unquote_plus(name), unquote_plus(secret)
    else:
        name, secret = given.get("client_id", ""), given.get("client_secret", "")
    if not name or not secret or "\x00" in name:
        raise Unauthorised("invalid-client", "Send the id of a key and the key.", error="invalid_client")
    return name, secret
