"""Orders over HTTP: what is accepted, what is refused and with what words, and who sees it."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from orders_harness.service import client_with, running
from orders_harness.world import PARTNER_KEY

pytestmark = pytest.mark.integration

PLACE = {"lat": 53.55, "lon": 9.99}


@pytest.fixture
async def shop(world, knob, clip, partner):
    """The service with a free design, and one whose licence has three units left."""
    await world.release(knob)
    await world.release(clip)
    world.licence = await world.grant(3)
    return partner


def body(**changes):
    return {"design": "clip", "parameters": {}, "material": "pla", "quantity": 1, "destination": PLACE} | changes


async def post(client, key="k", **changes):
    return await client.post("/orders/v1/orders", json=body(**changes), headers={"Idempotency-Key": key})


def code(answer):
    return answer.json()["type"].rsplit(":", 1)[-1]


async def test_an_order_is_placed_read_and_listed(shop):
    answer = await post(shop, design="knob", parameters={"diameter": 41.5}, quantity=2, version=1)
    assert answer.status_code == 201
    order = answer.json()
    assert answer.headers["location"] == f"/orders/v1/orders/{order['id']}"
    assert answer.headers["etag"] == '"1"'
    assert order["parameters"] == {"diameter": 41.5, "grips": 6, "mark": "dot", "wall": 2}
    assert order["price"] == {"amount": "3.00", "currency": "EUR"}
    assert (order["quantity"], len(order["parts"])) == (2, 2)
    assert [(line["status"], line["why"]) for line in order["timeline"]] == [("placed", "2 parts of Knob")]
    assert len(order.pop("pickup_code")) == 9
    read = await shop.get(answer.headers["location"])
    assert read.json() == order
    listed = (await shop.get("/orders/v1/orders")).json()
    assert [item["id"] for item in listed["items"]] == [order["id"]]
    assert listed["items"][0]["design"]["slug"] == "knob"


async def test_an_unchanged_order_is_not_sent_again(shop):
    order = (await post(shop)).json()
    url = f"/orders/v1/orders/{order['id']}"
    etag = (await shop.get(url)).headers["etag"]
    assert (await shop.get(url, headers={"If-None-Match": etag})).status_code == 304
    assert (await shop.get(url, headers={"If-None-Match": '"99"'})).status_code == 200


async def test_a_free_design_has_no_price_yet(shop):
    assert "price" not in (await post(shop)).json()


async def test_one_key_is_one_order_and_its_code_is_kept_as_a_hash_only(shop, world):
    answers = await asyncio.gather(*(post(shop, "same", design="knob") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await world.balances(world.licence) == {"available": 2, "reserved": 1, "used": 0}
    pickup_code = answers[0].json()["pickup_code"]
    rows = await world.sql("select convert_from(body, 'utf8') as body from idempotency_keys")
    assert all(pickup_code not in row.body and pickup_code.replace("-", "") not in row.body for row in rows)
    other = await post(shop, "same", quantity=2)
    assert (other.status_code, code(other)) == (422, "idempotency-key-reused")
    missing = await shop.post("/orders/v1/orders", json=body())
    assert (missing.status_code, code(missing)) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("changes", "wanted", "facts"),
    [
        ({"design": "nothing"}, "unknown-design", {}),
        ({"design": "0192f000-0000-7000-8000-00000000ffff"}, "unknown-design", {}),
        ({"version": 2}, "unknown-version", {"versions": [1]}),
        ({"version": "v9"}, "unknown-version", {"versions": [1]}),
        ({"material": "gold"}, "material-not-allowed", {"materials": ["pla", "petg"]}),
        ({"parameters": {"size": 1}}, "unknown-parameter", {}),
        ({"parameters": {"diameter": 61}}, "parameter-out-of-bounds", {}),
        ({"parameters": {"diameter": 40.3}}, "parameter-out-of-bounds", {}),
        ({"parameters": {"mark": "cross"}}, "parameter-out-of-bounds", {}),
        ({"parameters": {"wall": 3}}, "parameter-not-adjustable", {}),
        ({"parameters": {"grips": 6.5}}, "parameter-wrong-kind", {}),
        ({"parameters": {"grips": True}}, "parameter-wrong-kind", {}),
        ({"parameters": {"diameter": "40"}}, "parameter-wrong-kind", {}),
        ({"parameters": {"diameter": {"mm": 40}}}, "parameter-wrong-kind", {}),
        ({"parameters": {"diameter": 10**400}}, "parameter-wrong-kind", {}),
        ({"quantity": 4}, "licence-exhausted", {"needed": 4, "available": 3}),
        ({"quantity": 0}, "invalid-request", {}),
        ({"quantity": 101}, "invalid-request", {}),
        ({"quantity": True}, "invalid-request", {}),
        ({"destination": {"lat": 91, "lon": 0}}, "invalid-request", {}),
        ({"destination": {"lat": 0, "lon": -181}}, "invalid-request", {}),
        ({"fulfilment": "drone"}, "invalid-request", {}),
        ({"material": "p\u0000la"}, "invalid-request", {}),
        ({"gift": True}, "invalid-request", {}),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(shop, world, changes, wanted, facts):
    await world.sent()
    answer = await post(shop, **({"design": "knob"} | changes))
    assert (answer.status_code, code(answer)) == (422, wanted)
    assert {name: answer.json()[name] for name in facts} == facts
    assert await world.sql("select 1 from orders") == []
    assert await world.sent() == []
    assert await world.balances(world.licence) == {"available": 3, "reserved": 0, "used": 0}


async def test_every_wrong_parameter_is_named_with_what_is_right(shop):
    answer = await post(shop, design="knob", parameters={"diameter": 19, "grips": 2, "size": 1})
    errors = {error["parameter"]: error for error in answer.json()["errors"]}
    assert errors["diameter"]["min"] == 20
    assert errors["diameter"]["detail"] == "diameter must be at least 20 and at most 60 mm"
    assert (errors["grips"]["min"], errors["grips"]["max"]) == (3, 12)
    assert errors["size"]["known"] == ["diameter", "grips", "mark", "wall"]


async def test_equal_configurations_have_one_spelling(shop, world):
    for number, given in enumerate(({"diameter": 40}, {"diameter": 40.0, "grips": 6.0}, {"wall": 2})):
        assert (await post(shop, str(number), design="knob", parameters=given)).status_code == 201
    assert len(await world.sql("select distinct parameters_json from orders")) == 1


async def test_a_withdrawn_version_cannot_be_ordered_and_the_newest_left_is(shop, world, clip):
    clip.version_id, clip.version = "c2", 2
    await world.release(clip)
    assert (await post(shop, "1")).json()["design"]["version"] == 2
    await world.withdraw("c2")
    assert (await post(shop, "2")).json()["design"]["version"] == 1
    refused = await post(shop, "3", version=2)
    assert (refused.status_code, code(refused)) == (422, "design-withdrawn")
    await world.withdraw("c1")
    assert code(await post(shop, "4")) == "design-withdrawn"


async def test_without_a_licence_nothing_that_needs_one_is_made(shop, world):
    await world.sql("update licences set until = now() - interval '1 second'")
    assert code(await post(shop, design="knob")) == "no-licence"
    assert (await post(shop)).status_code == 201


async def test_units_are_drawn_from_several_licences_the_oldest_first(shop, world):
    second = await world.grant(5)
    assert (await post(shop, "1", design="knob", quantity=4)).status_code == 201
    assert await world.balances(world.licence) == {"available": 0, "reserved": 3, "used": 0}
    assert await world.balances(second) == {"available": 4, "reserved": 1, "used": 0}
    unlimited = await world.grant(None)
    assert (await post(shop, "2", design="knob", quantity=10)).status_code == 201
    assert await world.balances(unlimited) == {"available": 0, "reserved": 6, "used": 0}


async def test_another_organisation_sees_nothing_of_an_order(shop, admin, world):
    order = (await post(shop)).json()
    stranger = await _another_partner(admin, shop)
    url = f"/orders/v1/orders/{order['id']}"
    calls = [
        stranger.get(url),
        stranger.get(url + "/events"),
        stranger.post(url + "/cancel"),
        stranger.post(url + "/collect", json={"code": order["pickup_code"]}),
    ]
    for call in calls:
        answer = await call
        assert (answer.status_code, code(answer)) == (404, "no-such-order")
    assert (await stranger.get("/orders/v1/orders")).json()["items"] == []
    assert (await admin.get(url)).status_code == 200
    assert [item["id"] for item in (await admin.get("/orders/v1/orders")).json()["items"]] == [order["id"]]
    await stranger.aclose()


async def _another_partner(admin, client):
    """A client of an organisation that was registered just now; its key works at once."""
    made = await admin.post("/orders/v1/organisations", json={"name": "Other shop", "kind": "partner"})
    scopes = ["orders:read", "orders:write"]
    issued = await admin.post(f"/orders/v1/organisations/{made.json()['id']}/keys", json={"scopes": scopes})
    return type(client)(
        base_url=client.base_url, headers={"Authorization": f"Bearer {issued.json()['key']}"}, timeout=20
    )


@pytest.mark.parametrize("order_id", ["nothing", "0192f000-0000-7000-8000-00000000ffff", "%00", "a" * 500])
async def test_ids_that_name_nothing_are_404(shop, order_id):
    for path in ("", "/events"):
        assert (await shop.get(f"/orders/v1/orders/{order_id}{path}")).status_code == 404
    assert (await shop.post(f"/orders/v1/orders/{order_id}/cancel")).status_code == 404


async def test_lists_go_on_at_the_cursor(shop):
    placed = [(await post(shop, str(number))).json()["id"] for number in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await shop.get("/orders/v1/orders", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == placed[::-1]
    assert (await shop.get("/orders/v1/orders", params={"status": "ready_for_pickup"})).json()["items"] == []
    assert (await shop.get("/orders/v1/orders", params={"cursor": "%%"})).status_code == 400
    assert (await shop.get("/orders/v1/orders", params={"status": "lost"})).status_code == 422


async def test_an_order_can_be_cancelled_once_and_its_units_go_back(shop, world):
    order = (await post(shop, design="knob", quantity=2)).json()
    url = f"/orders/v1/orders/{order['id']}/cancel"
    stale = await shop.post(url, headers={"If-Match": '"77"'})
    assert (stale.status_code, code(stale)) == (412, "order-changed")
    answer = await shop.post(url, json={"why": "found another"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["reasons"]) == (
        "cancelled",
        [{"code": "cancelled", "detail": "found another"}],
    )
    assert [part["status"] for part in answer.json()["parts"]] == ["cancelled"] * 2
    assert await world.balances(world.licence) == {"available": 3, "reserved": 0, "used": 0}
    again = await shop.post(url)
    assert (again.status_code, again.json()["timeline"]) == (200, answer.json()["timeline"])


async def test_collecting_needs_a_ready_order_and_the_right_code(shop, admin, world):
    order = (await post(shop)).json()
    url, pickup_code = f"/orders/v1/orders/{order['id']}/collect", order["pickup_code"]
    early = await shop.post(url, json={"code": pickup_code})
    assert (early.status_code, code(early)) == (409, "order-not-ready")
    await world.sql("update parts set status = 'ready_for_pickup'")
    await world.sql("update orders set status = 'ready_for_pickup', pickup_hub_id = 'h1', pickup_hub_name = 'Altona'")
    await world.sql("update sagas set step = 'ended', deadline_at = null")
    wrong = await shop.post(url, json={"code": "0000-0000"})
    assert (wrong.status_code, code(wrong)) == (422, "wrong-pickup-code")
    late = await shop.post(f"/orders/v1/orders/{order['id']}/cancel")
    assert (late.status_code, code(late)) == (409, "order-not-cancellable")
    done = await admin.post(url, json={"code": pickup_code.lower().replace("-", " ")})
    assert (done.status_code, done.json()["status"]) == (200, "collected")
    assert done.json()["pickup"] == {"hub": "h1", "hub_name": "Altona"}
    assert (await shop.post(url, json={"code": pickup_code})).status_code == 200
    assert [message.DESCRIPTOR.name for message in await world.sent()].count("OrderCollected") == 1


async def test_an_order_is_followed_live_until_it_ends(shop):
    order = (await post(shop)).json()
    url = f"/orders/v1/orders/{order['id']}/events"
    events = []
    async with asyncio.timeout(15), shop.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        events.append(await _event(lines))
        await shop.post(f"/orders/v1/orders/{order['id']}/cancel")
        events.append(await _event(lines))
        assert [line async for line in lines if line] == []
    assert [event["data"]["status"] for event in events] == ["placed", "cancelled"]
    async with asyncio.timeout(15), shop.stream("GET", url, headers={"Last-Event-ID": events[0]["id"]}) as answer:
        assert (await _event(answer.aiter_lines()))["data"]["status"] == "cancelled"
    assert (await shop.get(url, headers={"Last-Event-ID": events[1]["id"]})).status_code == 204


async def test_who_follows_hears_on_after_the_database_was_away(shop, postgres):
    order = (await post(shop)).json()
    url = f"/orders/v1/orders/{order['id']}"
    async with asyncio.timeout(30), shop.stream("GET", url + "/events") as answer:
        lines = answer.aiter_lines()
        await _event(lines)
        postgres.kill()
        postgres.start()
        while (await shop.post(url + "/cancel")).status_code != 200:
            await asyncio.sleep(0.1)
        assert (await _event(lines))["data"]["status"] == "cancelled"


async def test_a_service_that_stops_lets_its_followers_go(settings, nats_server, mesh, observed, world, clip):
    await world.release(clip)
    connected = settings.model_copy(update={"nats_url": nats_server.url, "nats_creds": nats_server.creds("orders")})
    service = AsyncExitStack()
    url = await service.enter_async_context(running(connected, observed, "api"))
    async with client_with(url, PARTNER_KEY) as client, asyncio.timeout(15):
        order = (await post(client)).json()
        async with client.stream("GET", f"/orders/v1/orders/{order['id']}/events") as answer:
            lines = answer.aiter_lines()
            await _event(lines)
            stopping = asyncio.create_task(service.aclose())
            assert [line async for line in lines if line] == []
        await stopping


async def _event(lines):
    """The next event of a stream."""
    found: dict = {}
    async for line in lines:
        if line == "" and "data" in found:
            return found
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            found[name] = json.loads(value) if name == "data" else value
    raise AssertionError("the stream ended")
