"""Short-lived tokens: how they are got, what they open, and what no token opens."""

from __future__ import annotations

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.problems import Unavailable
from chassis.tokens import Tokens, issuer, keys_from_orders
from messaging.connection import close, connect

pytestmark = pytest.mark.integration


def code(answer):
    return answer.json()["type"].rsplit(":", 1)[-1]


@pytest.fixture
async def key(admin, world):
    """A key of a workshop: the answer that showed it."""
    made = (await admin.post("/orders/v1/organisations", json={"name": "Workshop", "kind": "partner"})).json()
    url = f"/orders/v1/organisations/{made['id']}/keys"
    return (await admin.post(url, json={"scopes": ["orders:read", "orders:write"]})).json()


@pytest.fixture
async def anybody(service_url):
    async with httpx.AsyncClient(base_url=service_url, timeout=20) as client:
        yield client


def form(key, **changes):
    given = {"grant_type": "client_credentials", "client_id": key["id"], "client_secret": key["key"]} | changes
    return {name: value for name, value in given.items() if value is not None}


async def got(anybody, key, **changes):
    answer = await anybody.post("/orders/v1/token", data=form(key, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def opened(anybody, token, path="/orders/v1/orders"):
    return (await anybody.get(path, headers={"Authorization": f"Bearer {token}"})).status_code


async def test_a_token_opens_what_its_key_opens(anybody, key):
    answer = await anybody.post("/orders/v1/token", data=form(key))
    body = answer.json()
    assert (body["token_type"], body["scope"]) == ("Bearer", "orders:read orders:write")
    assert 595 <= body["expires_in"] <= 600
    assert answer.headers["cache-control"] == "no-store"
    assert await opened(anybody, body["access_token"]) == 200
    assert await opened(anybody, body["access_token"], "/orders/v1/organisations") == 403


async def test_a_client_may_ask_for_less_and_not_for_more(anybody, key):
    token = await got(anybody, key, scope="orders:write")
    assert await opened(anybody, token) == 403
    more = await anybody.post("/orders/v1/token", data=form(key, scope="orders:read artefacts:read"))
    assert (more.status_code, code(more)) == (403, "invalid-scope")


async def test_id_and_secret_may_come_by_basic_authentication(anybody, key):
    answer = await anybody.post(
        "/orders/v1/token", data={"grant_type": "client_credentials"}, auth=(key["id"], key["key"])
    )
    assert await opened(anybody, answer.json()["access_token"]) == 200


@pytest.mark.parametrize(
    ("changes", "status", "wanted"),
    [
        ({"client_secret": "fm_" + "0" * 64}, 401, "invalid-client"),
        ({"client_id": "0192f000-0000-7000-8000-00000000ffff"}, 401, "invalid-client"),
        ({"client_id": "a\x00b"}, 400, "malformed-form"),
        ({"client_secret": None}, 401, "invalid-client"),
        ({"grant_type": "password"}, 400, "unsupported-grant-type"),
        ({"grant_type": None}, 400, "unsupported-grant-type"),
        ({"scope": "x" * 5000}, 400, "malformed-form"),
    ],
)
async def test_without_the_right_credentials_there_is_no_token(anybody, key, changes, status, wanted):
    answer = await anybody.post("/orders/v1/token", data=form(key, **changes))
    assert (answer.status_code, code(answer)) == (status, wanted)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Authorization": "Basic ÿÿÿ"}, b"grant_type=client_credentials"),
        ({"Authorization": "Basic !!"}, b"grant_type=client_credentials"),
        ({}, b"grant_type=client_credentials&grant_type=client_credentials"),
        ({}, b"\xff\xfe"),
        ({}, b"grant_type=%ff"),
    ],
)
async def test_garbage_is_no_server_error(anybody, headers, content):
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await anybody.post("/orders/v1/token", content=content, headers=raw)
    assert answer.status_code in {400, 401}


async def test_a_token_ends_with_its_key(anybody, key, admin, eventually):
    token = await got(anybody, key)
    assert await opened(anybody, token) == 200
    await admin.delete(f"/orders/v1/keys/{key['id']}")
    assert (await anybody.post("/orders/v1/token", data=form(key))).status_code == 401

    async def shut():
        return await opened(anybody, token) == 401

    assert await eventually(shut)


async def test_a_token_does_not_outlive_a_key_that_expires(anybody, key, world):
    await world.sql("update api_keys set expires_at = now() + interval '30 s' where id = :k", k=key["id"])
    answer = await anybody.post("/orders/v1/token", data=form(key))
    assert 25 <= answer.json()["expires_in"] <= 30


async def signing_key(world):
    (row,) = await world.sql("select id, seed from signing_keys")
    return row.id, Ed25519PrivateKey.from_private_bytes(row.seed)


def claims(key, **changes):
    now = int(time.time())
    whole = {
        "iss": issuer("http://127.0.0.1"), "aud": "fabmesh", "sub": key["organisation"], "kind": "partner",
        "client_id": key["id"], "scope": "orders:read", "iat": now, "exp": now + 60,
    } | changes  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


async def test_claims_signed_by_orders_are_believed_and_no_others(anybody, key, world):
    kid, private = await signing_key(world)

    def signed(changes, headers=None, by=private):
        return jwt.encode(claims(key, **changes), by, algorithm="EdDSA", headers={"kid": kid} | (headers or {}))

    assert await opened(anybody, signed({})) == 200
    now = int(time.time())
    wrong = [
        signed({"exp": now - 60}),
        signed({"exp": None}),
        signed({"iat": now + 600}),
        signed({"iss": "http://elsewhere/orders/v1"}),
        signed({"aud": "another"}),
        signed({"client_id": None}),
        signed({"scope": None}),
        signed({"scope": ["orders:read"]}),
        signed({"exp": "soon"}),
        signed({}, headers={"kid": "unknown"}),
        signed({}, by=Ed25519PrivateKey.generate()),
        jwt.encode(claims(key), "x" * 32, algorithm="HS256", headers={"kid": kid}),
        jwt.encode(claims(key), None, algorithm="none", headers={"kid": kid}),
        "a.b.c",
        "..",
    ]
    assert {await opened(anybody, token) for token in wrong} == {401}


async def test_other_services_verify_by_keys_that_they_ask_for(anybody, key, nats_server, world, mesh):
    token = await got(anybody, key)
    client = await connect(nats_server.url, name="catalog", creds=nats_server.creds("catalog"))
    try:
        fetch = keys_from_orders(client, "catalog")
        listed = (await anybody.get("/orders/v1/jwks")).json()["keys"]
        assert [(each["kty"], each["crv"], each["alg"]) for each in listed] == [("OKP", "Ed25519", "EdDSA")]
        assert list(await fetch()) == [each["kid"] for each in listed]
        by_jwks = jwt.PyJWK(listed[0])
        assert jwt.decode(token, by_jwks, audience="fabmesh", algorithms=["EdDSA"])["sub"] == key["organisation"]
        principal = await Tokens(fetch, world.units, public_url="http://127.0.0.1").principal(token)
    finally:
        await close(client)
    assert principal is not None
    assert (principal.organisation_id, principal.key_id, principal.kind) == (key["organisation"], key["id"], "partner")
    assert principal.scopes == {"orders:read", "orders:write"}


async def test_known_keys_serve_on_while_orders_is_away(world, key, anybody):
    token = await got(anybody, key)
    kid, private = await signing_key(world)
    asked = []

    async def fetch():
        asked.append(1)
        if len(asked) > 1:
            raise Unavailable("signing-keys-away", "x")
        return {kid: private.public_key().public_bytes_raw()}

    tokens = Tokens(fetch, world.units, public_url="http://127.0.0.1")
    assert await tokens.principal(token) is not None
    tokens._fetched_at -= 1000
    assert await tokens.principal(token) is not None
    assert len(asked) == 2


async def test_without_any_key_a_token_is_a_503_and_nobody_waits_twice(mesh, world, key, anybody):
    token = await got(anybody, key)
    asked = []

    async def fetch():
        asked.append(1)
        raise Unavailable("signing-keys-away", "x")

    tokens = Tokens(fetch, world.units, public_url="http://127.0.0.1")
    for _ in range(3):
        with pytest.raises(Unavailable):
            await tokens.principal(token)
    assert len(asked) == 1
