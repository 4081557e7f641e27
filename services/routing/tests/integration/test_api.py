"""The public API: what is refused and why, and who may see what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from played_hubs import BERGEDORF, HAMBURG, alive, allocate, enrol, registration

from fabmesh.routing.v1.events_pb2 import HubEnrolled, JobOrderAllocated
from messaging import identity

pytestmark = pytest.mark.integration


async def test_a_hub_is_registered_once_by_its_slug(operator, played):
    first = await operator.post("/routing/v1/hubs", json=registration("altona"))
    assert first.status_code == 201
    assert first.headers["location"] == f"/routing/v1/hubs/{first.json()['id']}"
    second = await operator.post("/routing/v1/hubs", json=registration("altona"))
    assert second.status_code == 200
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["machines"] == first.json()["machines"]
    assert second.json()["enrolment_token"] != first.json()["enrolment_token"]
    nkey = identity.public_key(identity.create_seed(identity.KeyKind.USER))
    old = {"token": first.json()["enrolment_token"], "public_nkey": nkey}
    assert (await operator.post("/routing/v1/enrolments", json=old)).status_code == 401
    new = {"token": second.json()["enrolment_token"], "public_nkey": nkey}
    enrolled = await operator.post("/routing/v1/enrolments", json=new)
    assert enrolled.status_code == 200
    again = await operator.post("/routing/v1/enrolments", json=new)
    assert (again.status_code, again.json()["hub_id"]) == (200, first.json()["id"])
    stolen = new | {"public_nkey": identity.public_key(identity.create_seed(identity.KeyKind.USER))}
    refused = await operator.post("/routing/v1/enrolments", json=stolen)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fabmesh:problem:enrolment-token-used")
    third = await operator.post("/routing/v1/hubs", json=registration("altona"))
    assert (third.status_code, third.json()["enrolment_token"]) == (200, None)
    assert [each.name for each in await played.heard(HubEnrolled)] == ["Altona"]


BAD_HUBS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"timezone": "Europe/Hamburg"}, "bad-timezone"),
    ({"opening_hours": {"mon": ["18:00", "08:00"]}}, "bad-opening-hours"),
    ({"opening_hours": {}}, "bad-opening-hours"),
    ({"location": {"lat": 90.1, "lon": 0}}, "invalid-request"),
    ({"location": {"lat": 0, "lon": -180.1}}, "invalid-request"),
    ({"slug": "Altona Nord"}, "invalid-request"),
    ({"slug": "a" * 65}, "invalid-request"),
    ({"name": "a\x00b"}, "invalid-request"),
    ({"machines": []}, "invalid-request"),
    ({"machines": [{"name": "one", "profile_id": "mk4"}] * 2}, "invalid-request"),
    ({"stock": {"pla": -1}}, "invalid-request"),
    ({"surprise": 1}, "invalid-request"),
)


async def test_a_hub_that_cannot_be_is_refused(operator, sql):
    for change, problem in BAD_HUBS:
        answer = await operator.post("/routing/v1/hubs", json=registration("altona", **change))
        assert answer.status_code == 422, change
        assert answer.json()["type"] == f"urn:fabmesh:problem:{problem}", change
    assert await sql("select count(*) from hubs") == [(0,)]


async def test_bad_enrolments_are_refused(operator):
    token = (await operator.post("/routing/v1/hubs", json=registration("altona"))).json()["enrolment_token"]
    user = identity.public_key(identity.create_seed(identity.KeyKind.USER))
    account = identity.public_key(identity.create_seed(identity.KeyKind.ACCOUNT))
    for body, status in (
        ({"token": "he_wrong", "public_nkey": user}, 401),
        ({"token": token, "public_nkey": account}, 422),
        ({"token": token, "public_nkey": "U" * 56}, 422),
        ({"token": token}, 422),
    ):
        assert (await operator.post("/routing/v1/enrolments", json=body)).status_code == status


async def test_hubs_are_listed_with_their_distance(new_hub, operator):
    for slug, place in (("altona", HAMBURG), ("bergedorf", BERGEDORF), ("third", BERGEDORF)):
        await operator.post("/routing/v1/hubs", json=registration(slug, place))
    first = (await operator.get("/routing/v1/hubs", params={"limit": 2, **HAMBURG})).json()
    assert [(hub["slug"], hub["distance_km"]) for hub in first["items"]] == [("altona", 0.0), ("bergedorf", 16.318)]
    rest = (await operator.get("/routing/v1/hubs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [hub["slug"] for hub in rest["items"]] == ["third"]
    assert rest["next_cursor"] is None
    assert "distance_km" not in rest["items"][0]
    shown = (await operator.get(f"/routing/v1/hubs/{first['items'][0]['id']}")).json()
    assert (shown["state"], shown["stock"], shown["machines"][0]["state"]) == ("registered", {"pla": 1000.0}, "unknown")
    for wrong in ({"lat": 91, "lon": 0}, {"lat": "nan", "lon": 0}):
        assert (await operator.get("/routing/v1/hubs", params=wrong)).status_code == 422
    assert (await operator.get("/routing/v1/hubs", params={"lat": 1})).status_code == 400


async def test_who_may_see_and_do_what(callers, played):
    owner, shop, rival, operator = (callers[name] for name in ("owner", "shop", "rival", "operator"))
    hub = await enrol(owner, registration("altona"))
    await hub.connect()
    try:
        await hub.heartbeat()
        await played.allocate("j1")
    finally:
        await hub.close()
    for path in ("/routing/v1/allocations/j1", "/routing/v1/job-orders/j1"):
        statuses = [(await caller.get(path)).status_code for caller in (shop, operator, rival, owner)]
        assert statuses == [200, 200, 404, 404], path
    assert [(await caller.get("/routing/v1/hubs")).status_code for caller in callers.values()] == [200] * 4
    for method, path, body in (
        ("POST", "/routing/v1/hubs", registration("mine")),
        ("PUT", f"/routing/v1/hubs/{hub.id}/stock", {"pla": 1}),
        ("POST", f"/routing/v1/hubs/{hub.id}/cordon", None),
    ):
        assert (await shop.request(method, path, json=body)).status_code == 403, path
    stranger = await operator.post("/routing/v1/hubs", json=registration("bergedorf", BERGEDORF))
    for path in ("cordon", "uncordon"):
        assert (await owner.post(f"/routing/v1/hubs/{stranger.json()['id']}/{path}")).status_code == 404
    assert (await owner.put(f"/routing/v1/hubs/{stranger.json()['id']}/stock", json={"pla": 1})).status_code == 404
    taken = await owner.post("/routing/v1/hubs", json=registration("bergedorf"))
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:fabmesh:problem:slug-taken")
    assert (await operator.post(f"/routing/v1/hubs/{hub.id}/cordon")).status_code == 200


async def test_nothing_of_routing_is_open_without_a_key(url):
    async with httpx.AsyncClient(base_url=url) as nobody:
        for path in ("/hubs", "/hubs/x", "/allocations/x", "/job-orders/x"):
            assert (await nobody.get("/routing/v1" + path)).status_code == 401, path


async def test_what_does_not_exist_is_not_found(operator):
    for path in ("hubs", "job-orders", "allocations"):
        for name in ("no-such", "%00", "%ff", "a%0Ab", "x" * 2000):
            assert (await operator.get(f"/routing/v1/{path}/{name}")).status_code == 404, (path, name)


async def test_a_decision_is_shown_with_its_cost_and_its_runners_up(near, far, played, operator):
    async with alive(near), alive(far):
        await played.send(allocate("j1"), "j1")
        (allocated,) = await played.heard(JobOrderAllocated, "j1")
    (decision,) = (await operator.get("/routing/v1/allocations/j1")).json()["items"]
    assert decision["fencing_token"] == allocated.fencing_token
    assert decision["chosen"]["hub_id"] == near.id
    assert [each["hub_id"] for each in decision["runners_up"]] == [far.id]
    cost = decision["chosen"]["cost_micro"]
    assert cost["total"] == sum(value for name, value in cost.items() if name != "total")
    assert cost["making"] == 25 * 50_000
