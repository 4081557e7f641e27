import stat
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError

from launcher.errors import StartError
from launcher.nats import EmbeddedNats
from launcher.testing import start_nats
from messaging.streams import apply

pytestmark = pytest.mark.integration


async def stored(server: EmbeddedNats, stream: str) -> int:
    client = await nats.connect(server.url, user_credentials=str(server.creds("launcher")))
    try:
        return (await client.jetstream().stream_info(stream)).state.messages
    finally:
        await client.close()


async def publish(server: EmbeddedNats, subject: str) -> None:
    client = await nats.connect(server.url, user_credentials=str(server.creds("launcher")))
    try:
        await apply(client.jetstream())
        await client.jetstream().publish(subject, b"{}")
    finally:
        await client.close()


async def test_acknowledged_messages_survive_a_kill_and_an_orderly_stop(nats_server: EmbeddedNats) -> None:
    await publish(nats_server, "evt.orders.v1.order-placed")
    for end in (nats_server.kill, nats_server.stop):
        end()
        assert not nats_server.ready
        nats_server.start()
        assert await stored(nats_server, "EVT_ORDERS") == 1


async def test_credentials_are_good_after_a_restart(nats_server: EmbeddedNats) -> None:
    creds = nats_server.creds("orders")
    before = creds.read_text()
    nats_server.restart()
    assert nats_server.creds("orders").read_text() == before
    client = await nats.connect(nats_server.url, user_credentials=str(creds))
    await client.close()


async def test_two_servers_side_by_side(tmp_path: Path) -> None:
    with start_nats(tmp_path / "one") as one, start_nats(tmp_path / "two") as two:
        await publish(one, "evt.orders.v1.order-placed")
        await publish(two, "evt.orders.v1.order-placed")
        assert await stored(one, "EVT_ORDERS") == 1
        with pytest.raises(NatsError):
            await nats.connect(
                two.url, user_credentials=str(one.creds("orders")), allow_reconnect=False, error_cb=_ignore
            )


async def test_nobody_connects_without_credentials(nats_server: EmbeddedNats) -> None:
    with pytest.raises(NatsError):
        await nats.connect(nats_server.url, allow_reconnect=False, error_cb=_ignore)


async def test_the_system_user_hears_of_the_server(nats_server: EmbeddedNats) -> None:
    client = await nats.connect(nats_server.url, user_credentials=str(nats_server.system_creds))
    answer = await client.request("$SYS.REQ.SERVER.PING", b"", timeout=2)
    assert b'"fabmesh"' in answer.data
    await client.close()


def test_a_taken_port_is_said(nats_server: EmbeddedNats, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=f"port {nats_server.port}"):
        EmbeddedNats(tmp_path / "second", port=nats_server.port).start()


def test_keys_are_for_their_owner_alone(nats_server: EmbeddedNats) -> None:
    for secret in (nats_server.creds("orders"), nats_server.data_dir / "secrets" / "nats.json"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


async def _ignore(_: Exception) -> None:
    return
