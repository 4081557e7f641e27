"""The consumer's promises on a real server: order within an aggregate, retry, dead letter, drain."""

from __future__ import annotations

import asyncio

import pytest

from fabmesh.fabrication.v1.requests_pb2 import InspectModel, ModelInspected
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from messaging.consumer import Consumer, Subscription
from messaging.dead_letters import browse
from messaging.envelope import seal
from messaging.errors import NobodyAnswered, RequestFailed, RetryLater
from messaging.publisher import Outgoing, Publisher
from messaging.requests import ask, serve
from messaging.streams import apply
from messaging.subjects import subject_of

pytestmark = pytest.mark.integration


def outgoing(aggregate: str, number: int) -> Outgoing:
    message = OrderPlaced(order_id=aggregate, part_ids=[str(number)])
    return Outgoing(subject_of(message), seal(message, source="orders", subject=aggregate))


async def consume(mesh, handler, **options):
    stop = asyncio.Event()
    subscription = Subscription("quality", "quality-test", "EVT_ORDERS", {OrderPlaced: handler}, **options)
    return stop, asyncio.create_task(Consumer(mesh.jetstream(), subscription).run(stop))


async def test_one_aggregates_messages_are_handled_in_order_others_side_by_side(mesh, eventually):
    batch = [outgoing(f"a{number % 7}", number) for number in range(700)]
    assert await Publisher(mesh.jetstream()).publish_batch(batch) == [None] * 700
    seen: dict[str, list[int]] = {}
    busy, most = 0, 0

    async def handle(received):
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.001)
        busy -= 1
        seen.setdefault(received.message.order_id, []).append(int(received.message.part_ids[0]))

    stop, task = await consume(mesh, handle)

    async def all_seen():
        return sum(map(len, seen.values())) == 700

    await eventually(all_seen)
    stop.set()
    await task
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert most > 1


async def test_retry_later_comes_again_and_a_failing_handler_ends_as_a_dead_letter(mesh, eventually):
    await Publisher(mesh.jetstream()).publish_batch([outgoing("later", 1), outgoing("never", 2)])
    attempts: dict[str, int] = {}

    async def handle(received):
        order = received.message.order_id
        attempts[order] = attempts.get(order, 0) + 1
        if order == "later" and attempts[order] < 4:
            raise RetryLater("not yet", delay_s=0.05)
        if order == "never":
            raise ValueError("always")

    stop, task = await consume(mesh, handle, attempts=3)

    async def dead():
        return [letter async for letter in browse(mesh.jetstream())]

    (letter,) = await eventually(dead)
    assert (letter.attempts, letter.queue) == (3, "dlq.quality.order-placed")

    async def handled():
        return attempts.get("later") == 4

    await eventually(handled)
    stop.set()
    await task


async def test_stopping_finishes_what_is_begun_and_gives_back_the_rest(mesh, eventually):
    await Publisher(mesh.jetstream()).publish_batch([outgoing("a", number) for number in range(30)])
    done: list[int] = []
    begun = asyncio.Event()

    async def slow(received):
        begun.set()
        await asyncio.sleep(0.2)
        done.append(int(received.message.part_ids[0]))

    stop, task = await consume(mesh, slow)
    await begun.wait()
    stop.set()
    await task
    assert done == [0]

    async def quick(received):
        done.append(int(received.message.part_ids[0]))

    stop, task = await consume(mesh, quick)

    async def all_done():
        return sorted(done) == list(range(30))

    await eventually(all_done)
    stop.set()
    await task


async def test_a_request_is_answered_refused_or_nobody_is_there(mesh):
    question = InspectModel(model_source="x")
    with pytest.raises(NobodyAnswered):
        await ask(mesh, question, ModelInspected, source="catalog", timeout_s=1)

    async def answer(asked):
        if asked.model_source == "bad":
            raise RequestFailed("bad-script", "it is bad\nreally")
        if asked.model_source == "broken":
            raise ValueError
        return ModelInspected(bodies=2)

    await serve(mesh, InspectModel, answer, service="fabrication")
    assert (await ask(mesh, question, ModelInspected, source="catalog", timeout_s=5)).bodies == 2
    for source, code in (("bad", "bad-script"), ("broken", "internal-error")):
        with pytest.raises(RequestFailed) as caught:
            await ask(mesh, InspectModel(model_source=source), ModelInspected, source="catalog", timeout_s=5)
        assert caught.value.code == code


async def test_where_nothing_died_there_is_nothing_to_browse(mesh):
    await mesh.jetstream().delete_stream("DEAD")
    await apply(mesh.jetstream())
    assert [letter async for letter in browse(mesh.jetstream())] == []
