"""What a hub and a service can and cannot do, tried against the real server."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig

from launcher.nats import EmbeddedNats
from launcher.testing import start_nats
from messaging.identity import (
    MAX_HUB_PAYLOAD_BYTES,
    KeyKind,
    create_seed,
    format_creds,
    mint_hub_user,
    public_key,
)
from messaging.streams import ARTEFACTS, apply

pytestmark = pytest.mark.integration
SETTLE_S = 0.15
PULL = b'{"batch":1,"expires":500000000}'


class Peer:
    """A client and what the server refused it."""

    def __init__(self, client: Client, refusals: list[str]) -> None:
        self.client = client
        self.refusals = refusals

    async def refused(self, subject: str, payload: bytes = b"{}", reply: str = "") -> bool:
        return await self._complaint(self.client.publish(subject, payload, reply=reply))

    async def refused_subscription(self, subject: str) -> bool:
        return await self._complaint(self.client.subscribe(subject))

    async def _complaint(self, attempt: object) -> bool:
        before = len(self.refusals)
        await attempt
        await settled(self)
        return any("permissions violation" in text for text in self.refusals[before:])


async def settled(peer: Peer) -> None:
    """Waits until the server has taken what the peer sent: a flush alone may overtake a subscription in the client."""
    await peer.client.flush()
    await asyncio.sleep(SETTLE_S)


@asynccontextmanager
async def connected(server: EmbeddedNats, creds: Path, inbox: str = "_INBOX") -> AsyncIterator[Peer]:
    refusals: list[str] = []

    async def note(error: Exception) -> None:
        refusals.append(str(error).lower())

    client = await nats.connect(
        server.url, user_credentials=str(creds), inbox_prefix=inbox.encode(), error_cb=note, allow_reconnect=False
    )
    try:
        yield Peer(client, refusals)
    finally:
        await client.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with start_nats(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
async def routing(server: EmbeddedNats) -> AsyncIterator[Peer]:
    """Routing, after the launcher made the streams afresh and with a job waiting for each of two hubs."""
    async with connected(server, server.creds("launcher")) as launcher:
        streams = launcher.client.jetstream()
        await apply(streams)
        for stream in ("JOBS", "REPORTS"):
            await streams.purge_stream(stream)
    async with connected(server, server.creds("routing")) as peer:
        streams = peer.client.jetstream()
        for hub in ("A", "B"):
            config = ConsumerConfig(
                durable_name=hub,
                filter_subject=f"hub.{hub}.jobs.*",
                ack_policy=AckPolicy.EXPLICIT,
                mem_storage=True,
            )
            await streams.add_consumer("JOBS", config)
            await streams.publish(f"hub.{hub}.jobs.m1", f"job for {hub}".encode())
        yield peer


@asynccontextmanager
async def hub(server: EmbeddedNats, folder: Path, hub_id: str) -> AsyncIterator[Peer]:
    seed = create_seed(KeyKind.USER)
    token = mint_hub_user(public_key(seed), hub_id, server.hub_signing_seed, server.hubs_account)
    creds = folder / f"{hub_id}.creds"
    creds.write_text(format_creds(token, seed))
    async with connected(server, creds, f"_INBOX_{hub_id}") as peer:
        yield peer


@pytest.fixture
async def hub_a(server: EmbeddedNats, routing: Peer, tmp_path: Path) -> AsyncIterator[Peer]:
    async with hub(server, tmp_path, "A") as peer:
        yield peer


async def messages(peer: Peer, stream: str) -> int:
    return (await peer.client.jetstream().stream_info(stream)).state.messages


async def test_a_hub_pulls_and_finishes_its_own_jobs(routing: Peer, hub_a: Peer) -> None:
    pull = await hub_a.client.jetstream().pull_subscribe_bind(durable="A", stream="JOBS")
    [job] = await pull.fetch(1, timeout=2)
    assert job.data == b"job for A"
    await job.ack_sync()
    assert await messages(routing, "JOBS") == 1
    assert hub_a.refusals == []


async def test_a_hubs_report_is_kept_and_acknowledged(routing: Peer, hub_a: Peer) -> None:
    receipt = await hub_a.client.jetstream().publish("hub.A.reports.m1", b"{}")
    assert receipt.stream == "REPORTS"
    assert await messages(routing, "REPORTS") == 1


@pytest.mark.parametrize("question", ["hub.A.claims", "hub.A.heartbeat"])
async def test_routing_answers_a_hub(routing: Peer, hub_a: Peer, question: str) -> None:
    async def answer(message: nats.aio.msg.Msg) -> None:
        await message.respond(b"granted to " + message.subject.encode())

    await routing.client.subscribe("hub.*.*", cb=answer)
    await settled(routing)
    assert (await hub_a.client.request(question, b"{}", timeout=2)).data == b"granted to " + question.encode()


@pytest.mark.parametrize(
    "subject",
    [
        "hub.B.reports.m1",
        "hub.B.heartbeat",
        "hub.B.claims",
        "hub.A.jobs.m1",
        "hub.B.jobs.m1",
        "hub.A.reports.m1.more",
        "evt.orders.v1.order-placed",
        "cmd.routing.v1.dispatch-job-order",
        "req.fabrication.v1.inspect-model",
        "dlq.orders.order-placed",
        "_INBOX.abc",
        "_INBOX_B.abc",
        "$JS.API.INFO",
        "$JS.API.STREAM.PURGE.JOBS",
        "$JS.API.STREAM.DELETE.JOBS",
        "$JS.API.STREAM.INFO.JOBS",
        "$JS.API.STREAM.MSG.GET.JOBS",
        "$JS.API.DIRECT.GET.JOBS",
        "$JS.API.CONSUMER.CREATE.JOBS.A",
        "$JS.API.CONSUMER.DELETE.JOBS.B",
        "$JS.API.CONSUMER.INFO.JOBS.A",
        "$JS.API.CONSUMER.MSG.NEXT.JOBS.B",
        "$JS.API.CONSUMER.MSG.NEXT.REPORTS.A",
        "$JS.ACK.JOBS.B.1.1.1.1700000000000000000.0",
        "$SYS.REQ.CLAIMS.UPDATE",
        "$SYS.REQ.SERVER.PING",
    ],
)
async def test_a_hub_publishes_under_its_own_name_alone(hub_a: Peer, subject: str) -> None:
    assert await hub_a.refused(subject)


@pytest.mark.parametrize(
    "subject",
    [">", "hub.>", "hub.A.>", "hub.B.jobs.*", "hub.*.claims", "evt.>", "_INBOX.>", "_INBOX_B.>", "$JS.>", "$SYS.>"],
)
async def test_a_hub_listens_to_its_own_inbox_alone(hub_a: Peer, subject: str) -> None:
    assert await hub_a.refused_subscription(subject)


TRIGGERS = [
    "$JS.API.CONSUMER.MSG.NEXT.JOBS.A",
    "$JS.ACK.JOBS.A.1.1.1.1700000000000000000.0",
    "hub.A.reports.m1",
    "hub.A.heartbeat",
]
TRICKS = [
    "$JS.API.STREAM.PURGE.JOBS",
    "$JS.API.STREAM.DELETE.JOBS",
    "$JS.API.STREAM.PURGE.REPORTS",
    "$JS.API.CONSUMER.DELETE.JOBS.B",
    "$JS.API.CONSUMER.MSG.NEXT.JOBS.B",
    "hub.B.jobs.m1",
]


@pytest.mark.parametrize(("trigger", "trick"), list(itertools.product(TRIGGERS, TRICKS)))
async def test_a_reply_subject_is_no_way_around(routing: Peer, hub_a: Peer, trigger: str, trick: str) -> None:
    streams = routing.client.jetstream()
    await streams.publish("hub.A.jobs.m1", b"a second job")
    for payload in (PULL, b"not json", b"+ACK", b""):
        await hub_a.client.publish(trigger, payload, reply=trick)
    await settled(hub_a)
    other = await streams.consumer_info("JOBS", "B")
    assert (other.delivered.consumer_seq, other.num_pending, other.num_ack_pending) == (0, 1, 0)
    assert await messages(routing, "JOBS") == 3


async def test_a_hub_cannot_send_much_at_once(routing: Peer, hub_a: Peer) -> None:
    await hub_a.client.publish("hub.A.reports.m1", b" " * MAX_HUB_PAYLOAD_BYTES)
    await hub_a.client.flush()
    with pytest.raises(NatsError):
        await hub_a.client.jetstream().publish("hub.A.reports.m1", b" " * (MAX_HUB_PAYLOAD_BYTES + 1), timeout=1)
    assert await messages(routing, "REPORTS") == 1


async def test_a_hub_vouched_for_by_a_strange_key_is_refused(server: EmbeddedNats, tmp_path: Path) -> None:
    seed = create_seed(KeyKind.USER)
    token = mint_hub_user(public_key(seed), "A", create_seed(KeyKind.ACCOUNT), server.hubs_account)
    creds = tmp_path / "strange.creds"
    creds.write_text(format_creds(token, seed))
    with pytest.raises(NatsError):
        async with connected(server, creds):
            pass


@pytest.mark.parametrize(
    "subject",
    [
        "evt.orders.v1.order-placed",
        "dlq.orders.order-placed",
        "hub.A.jobs.m1",
        "$JS.API.STREAM.PURGE.JOBS",
        "$JS.API.STREAM.DELETE.JOBS",
        "$JS.API.STREAM.UPDATE.JOBS",
        "$JS.API.STREAM.CREATE.MINE",
        "$JS.API.STREAM.MSG.DELETE.DEAD",
    ],
)
async def test_a_service_speaks_for_itself_alone(server: EmbeddedNats, subject: str) -> None:
    async with connected(server, server.creds("catalog")) as catalog:
        assert await catalog.refused(subject)


@pytest.mark.parametrize("subject", ["hub.>", "req.fabrication.>", "evt.>", ">"])
async def test_a_service_hears_by_the_streams_alone(server: EmbeddedNats, subject: str) -> None:
    async with connected(server, server.creds("catalog")) as catalog:
        assert await catalog.refused_subscription(subject)


async def say_yes(message: nats.aio.msg.Msg) -> None:
    await message.respond(b"yes")


async def test_services_do_their_work(server: EmbeddedNats, routing: Peer) -> None:
    async with (
        connected(server, server.creds("orders")) as orders,
        connected(server, server.creds("fabrication")) as fabrication,
    ):
        config = ConsumerConfig(durable_name="orders-x", filter_subject="evt.fabrication.>", ack_policy="explicit")
        await orders.client.jetstream().add_consumer("EVT_FABRICATION", config)
        await fabrication.client.jetstream().publish("evt.fabrication.v1.configuration-assessed", b"x")
        pull = await orders.client.jetstream().pull_subscribe_bind(durable="orders-x", stream="EVT_FABRICATION")
        [event] = await pull.fetch(1, timeout=2)
        await event.ack_sync()
        await orders.client.jetstream().publish("cmd.fabrication.v1.assess-configuration", b"x")
        await orders.client.jetstream().publish("dlq.orders.configuration-assessed", b"x")
        await fabrication.client.subscribe("req.fabrication.v1.inspect-model", cb=say_yes)
        await settled(fabrication)
        assert (await orders.client.request("req.fabrication.v1.inspect-model", b"", timeout=2)).data == b"yes"
        assert orders.refusals == fabrication.refusals == []


async def test_fabrication_keeps_artefacts_in_the_object_store(server: EmbeddedNats) -> None:
    async with connected(server, server.creds("launcher")) as launcher:
        await apply(launcher.client.jetstream(), [ARTEFACTS])
    content = bytes(range(256)) * 4_000
    async with connected(server, server.creds("fabrication")) as fabrication:
        bucket = await fabrication.client.jetstream().object_store("artefacts")
        await bucket.put("part.step", content)
        assert (await bucket.get("part.step")).data == content
        assert fabrication.refusals == []
    async with connected(server, server.creds("catalog")) as catalog:
        assert await catalog.refused("$O.artefacts.M.x")
