"""Organisations and keys: who may register and issue what, and that a key opens and shuts everywhere."""

from __future__ import annotations

import hashlib

import pytest

from fabmesh.orders.v1 import events_pb2 as events
from orders.cli import run_bootstrap

pytestmark = pytest.mark.integration

SCOPES = ["orders:read", "organisations:write"]


def code(answer):
    return answer.json()["type"].rsplit(":", 1)[-1]


def client_of(client, key):
    return type(client)(base_url=client.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=20)


@pytest.fixture
async def workshop(admin):
    """An organisation with a key that may issue keys: (its answer, a client of it)."""
    made = (await admin.post("/orders/v1/organisations", json={"name": " Workshop ", "kind": "hub-operator"})).json()
    issued = await admin.post(f"/orders/v1/organisations/{made['id']}/keys", json={"scopes": SCOPES})
    async with client_of(admin, issued.json()["key"]) as client:
        yield made, client


async def test_the_operator_registers_organisations(world, admin, partner, workshop):
    made, client = workshop
    assert (made["name"], made["kind"]) == ("Workshop", "hub-operator")
    again = await admin.post("/orders/v1/organisations", json={"name": "WORKSHOP", "kind": "partner"})
    assert (again.status_code, code(again)) == (409, "organisation-exists")
    refused = await client.post("/orders/v1/organisations", json={"name": "Mine", "kind": "network-operator"})
    assert (refused.status_code, code(refused)) == (403, "operator-only")
    assert (
        code(await partner.post("/orders/v1/organisations", json={"name": "x", "kind": "partner"})) == "missing-scope"
    )
    names = [item["name"] for item in (await admin.get("/orders/v1/organisations")).json()["items"]]
    assert names == [
        "fabmesh network",
        "Demo partner",
        "Acme Coffee",
        "Nordhaus Appliances",
        "Civic Commons",
        "Workshop",
    ]
    assert (await client.get("/orders/v1/organisations")).json()["items"] == [made]
    (registered,) = [m for m in await world.sent() if isinstance(m, events.OrganisationRegistered)]
    assert (registered.organisation_id, registered.name, registered.kind) == (made["id"], "Workshop", "hub-operator")


@pytest.mark.parametrize(
    "body", [{"name": " ", "kind": "partner"}, {"name": "x", "kind": "king"}, {"name": "x\x00", "kind": "partner"}]
)
async def test_an_organisation_has_a_name_and_a_known_kind(admin, body):
    assert (await admin.post("/orders/v1/organisations", json=body)).status_code == 422


async def test_a_key_is_shown_once_opens_at_once_and_is_told_to_everybody(admin, workshop, world):
    made, client = workshop
    await world.sent()
    answer = await client.post(f"/orders/v1/organisations/{made['id']}/keys", json={"scopes": ["orders:read"]})
    issued = answer.json()
    assert answer.status_code == 201
    assert issued["key"].startswith("fm_")
    assert len(issued["key"]) == 67
    (told,) = await world.sent()
    assert told.sha256 == hashlib.sha256(issued["key"].encode()).digest()
    assert (told.organisation_id, told.organisation_kind, list(told.scopes)) == (
        made["id"],
        "hub-operator",
        ["orders:read"],
    )
    keys = (await client.get(f"/orders/v1/organisations/{made['id']}/keys")).json()["items"]
    assert [key["id"] for key in keys][-1] == issued["id"]
    assert all("key" not in key for key in keys)
    async with client_of(admin, issued["key"]) as fresh:
        assert (await fresh.get("/orders/v1/orders")).status_code == 200
        assert code(await fresh.get("/orders/v1/organisations")) == "missing-scope"


async def test_a_revoked_key_opens_nothing(admin, workshop, eventually):
    made, client = workshop
    issued = (await client.post(f"/orders/v1/organisations/{made['id']}/keys", json={"scopes": ["orders:read"]})).json()
    async with client_of(admin, issued["key"]) as fresh:
        assert (await fresh.get("/orders/v1/orders")).status_code == 200
        for _ in range(2):
            assert (await client.delete(f"/orders/v1/keys/{issued['id']}")).status_code == 204

        async def shut():
            return (await fresh.get("/orders/v1/orders")).status_code == 401

        assert await eventually(shut)


async def test_no_key_holds_more_than_its_issuer_and_none_is_for_another_organisation(admin, workshop, world):
    made, client = workshop
    url = f"/orders/v1/organisations/{made['id']}/keys"
    beyond = await client.post(url, json={"scopes": ["orders:read", "artefacts:read"]})
    assert (beyond.status_code, code(beyond)) == (403, "scope-beyond-yours")
    assert "artefacts:read" in beyond.json()["detail"]
    theirs = f"/orders/v1/organisations/{world.partner_id}/keys"
    for answer in (await client.post(theirs, json={"scopes": ["orders:read"]}), await client.get(theirs)):
        assert (answer.status_code, code(answer)) == (404, "no-such-organisation")
    keys = (await admin.get(theirs)).json()["items"]
    stolen = await client.delete(f"/orders/v1/keys/{keys[0]['id']}")
    assert (stolen.status_code, code(stolen)) == (404, "no-such-key")
    assert (await admin.get(theirs)).json()["items"] == keys


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"scopes": ["everything"]}, "unknown-scope"),
        ({"scopes": []}, "invalid-request"),
        ({"scopes": ["orders:read"], "expires_at": "2020-01-01T00:00:00Z"}, "already-expired"),
        ({"scopes": ["orders:read"], "expires_at": "soon"}, "invalid-request"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(admin, workshop, body, wanted):
    answer = await admin.post(f"/orders/v1/organisations/{workshop[0]['id']}/keys", json=body)
    assert (answer.status_code, code(answer)) == (422, wanted)


async def test_an_expired_key_opens_nothing(admin, workshop, world, eventually):
    url = f"/orders/v1/organisations/{workshop[0]['id']}/keys"
    body = {"scopes": ["orders:read"], "expires_at": "2099-01-01T00:00:00Z"}
    issued = (await admin.post(url, json=body)).json()
    assert issued["expires_at"] == "2099-01-01T00:00:00Z"
    await world.sql("update access_keys set expires_at = now() where key_id = :k", k=issued["id"])
    async with client_of(admin, issued["key"]) as fresh:
        assert (await fresh.get("/orders/v1/orders")).status_code == 401


async def test_the_bootstrap_is_done_once_and_tells_everybody(world):
    rows = await world.sql("select headers, data from outbox order by id")
    kinds = [row.headers["ce-type"].rsplit(".", 1)[-1] for row in rows]
    assert kinds.count("OrganisationRegistered") == 5
    assert kinds.count("ApiKeyIssued") == 2
    assert await run_bootstrap(world.settings) == []
    assert await world.sent() == []
    changed = world.settings.model_copy(update={"bootstrap_partner_key_sha256": "00" * 32})
    assert await run_bootstrap(changed) == ["key issued to Demo partner"]
