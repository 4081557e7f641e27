"""The chassis as a service lives on it: HTTP in, events out, events in, dead letters, probes."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from fabmesh.orders.v1.events_pb2 import OrderPlaced
from messaging.dead_letters import browse, replay
from messaging.envelope import seal
from messaging.publisher import Publisher
from messaging.subjects import subject_of

pytestmark = pytest.mark.integration


async def publish(mesh, order_id: str):
    envelope = seal(OrderPlaced(order_id=order_id), source="orders", subject=order_id)
    await Publisher(mesh.jetstream()).publish(subject_of(OrderPlaced), envelope)
    return envelope


async def test_an_event_goes_out_comes_back_and_is_handled_once(api, sql, mesh, eventually):
    answer = await api.post("/orders/v1/notes", json={"text": "one"})
    assert answer.status_code == 201
    note = answer.json()["id"]

    async def counted():
        return await sql("select * from counted where order_id = :n", n=note)

    assert await eventually(counted) == [(note,)]

    async def all_published():
        return await sql("select 1 where not exists (select from outbox where published_at is null)")

    await eventually(all_published)
    assert len(await sql("select * from outbox")) == 2
    causes = await sql("select headers->>'ce-causationid', headers->>'ce-correlationid' from outbox order by id")
    placed = await sql("select event_id from outbox order by id limit 1")
    assert causes[1] == (placed[0][0], note)


async def test_the_same_message_twice_changes_nothing_the_second_time(api, sql, mesh, eventually):
    envelope = await publish(mesh, "n1")
    headers = envelope.headers() | {"Nats-Msg-Id": "another"}
    await mesh.jetstream().publish(subject_of(OrderPlaced), envelope.data, headers=headers)
    await publish(mesh, "n2")

    async def last():
        return await sql("select 1 from counted where order_id = 'n2'")

    await eventually(last)
    assert await sql("select count(*) from counted where order_id = 'n1'") == [(1,)]


@pytest.mark.parametrize(
    ("order", "reason"), [("poison", "this order is poison"), ("broken", "a fault in the handler")]
)
async def test_a_message_that_cannot_be_handled_is_kept_with_its_reason(api, sql, mesh, eventually, order, reason):
    await publish(mesh, order)
    js = mesh.jetstream()

    async def dead():
        return [letter async for letter in browse(js)]

    (letter,) = await eventually(dead)
    assert reason in letter.reason
    assert letter.subject == subject_of(OrderPlaced)
    assert letter.queue == "dlq.orders.order-placed"
    assert await sql("select * from counted") == []
    await publish(mesh, "after")

    async def after():
        return await sql("select 1 from counted where order_id = 'after'")

    await eventually(after)


async def test_garbage_is_dead_lettered_and_replayed_garbage_again(api, mesh, eventually):
    js = mesh.jetstream()
    await js.publish(subject_of(OrderPlaced), b"\xff\xfe garbage", headers={"ce-id": "1"})

    async def dead():
        return [letter async for letter in browse(js)]

    (letter,) = await eventually(dead)
    assert "missing attributes" in letter.reason
    await replay(js, letter)

    async def again():
        found = await dead()
        return found if found and found[0].sequence != letter.sequence else None

    (second,) = await eventually(again)
    assert second.data == letter.data


async def test_one_idempotency_key_one_note_also_when_both_come_at_once(api, sql):
    headers = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(
        *(api.post("/orders/v1/notes", json={"text": "once"}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await sql("select count(*) from notes") == [(1,)]
    other = await api.post("/orders/v1/notes", json={"text": "other"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:fabmesh:problem:idempotency-key-reused"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed-json"),
        (b'{"text": "\\ud800"}', 400, "malformed-json"),
        (b'{"text": NaN}', 400, "malformed-json"),
        (b"[" * 100_00 + b"]", 413, "body-too-large"),
        (b"[" * 5_000, 400, "malformed-json"),
        (b'{"text": "a\\u0000b"}', 422, "invalid-request"),
        (b'{"text": "a", "extra": 1}', 422, "invalid-request"),
        (b'{"text": "a", "count": 1e999}', 422, "invalid-request"),
        (b"", 422, "invalid-request"),
    ],
)
async def test_bad_bodies_are_problems(api, content, status, code):
    answer = await api.post("/orders/v1/notes", content=content, headers={"content-type": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:fabmesh:problem:{code}")


async def test_keys_and_scopes_are_asked_for(api):
    async def status(**headers):
        answer = await api.post("/orders/v1/notes", json={"text": "x"}, headers=headers)
        return answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]

    assert await status(Authorization="") == (401, "missing-key")
    assert await status(Authorization="Bearer wrong") == (401, "unknown-key")
    assert await status(Authorization="Bearer fm_" + "5" * 64 + "r") == (403, "missing-scope")
    assert (await api.get("/orders/v1/nothing")).json()["type"] == "urn:fabmesh:problem:no-such-route"
    assert (await api.put("/orders/v1/notes")).status_code == 405


async def test_the_probes_tell_alive_from_ready(api, postgres):
    assert (await api.get("/livez")).json() == {"status": "alive"}
    postgres.kill()
    try:
        away = await api.get("/readyz")
        assert away.status_code == 503
        assert "database" in away.json()["parts"]
        refused = await api.post("/orders/v1/notes", json={"text": "x"})
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
    finally:
        postgres.start()

    async def ready():
        return (await api.get("/readyz")).status_code == 200

    async with asyncio.timeout(20):
        while not await ready():
            await asyncio.sleep(0.1)
    async with asyncio.timeout(20):
        while (await api.post("/orders/v1/notes", json={"text": "back"})).status_code != 201:
            await asyncio.sleep(0.1)


async def test_nothing_is_lost_while_nats_is_away(api, sql, mesh, nats_server, eventually):
    nats_server.kill()
    try:
        for number in range(20):
            assert (await api.post("/orders/v1/notes", json={"text": str(number)})).status_code == 201
    finally:
        nats_server.start()

    async def counted():
        return await sql("select 1 from counted having count(*) = 20")

    await eventually(counted, within_s=40)


async def test_the_transport_is_closed_after_the_block(settings):
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{settings.http_port}/livez")
