"""The hub's connection to the network. It only dials out, and dials again when it is cut off.

The client's own reconnecting is off: it keeps what is published meanwhile and sends it later, but a claim that nobody
waits for any more must not be granted.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from hub.agent.back_off import BackOff
from hub.agent.credentials import Credentials
from hub.agent.pulling import pull
from hub.errors import Unreachable
from messaging.identity import sign

log = logging.getLogger(__name__)

_CONNECT_S = 10.0


class Link:
    """`run` keeps it up; the other methods raise Unreachable while it is down."""

    def __init__(self, credentials: Credentials, seed: str, nats_url: str) -> None:
        self._credentials = credentials
        self._seed = seed
        self._url = nats_url
        self._client: Client | None = None
        self._up = asyncio.Event()
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Keep connected until cancelled."""
        back_off = BackOff()
        reason = ""
        while True:
            closed = asyncio.Event()
            try:
                self._client = await self._connect(closed)
            except (NatsError, OSError, TimeoutError) as error:
                if str(error) != reason:
                    reason = str(error)
                    log.warning("no connection to %s: %s; trying on", self._url, reason or type(error).__name__)
                await back_off.wait()
                continue
            log.info("connected to %s", self._url)
            reason = ""
            back_off.reset()
            self._up.set()
            try:
                await closed.wait()
                log.warning("connection to %s lost", self._url)
            finally:
                self._up.clear()
                self._heard.clear()
                client, self._client = self._client, None
                with contextlib.suppress(NatsError, OSError, TimeoutError):
                    await asyncio.wait_for(client.close(), 2)

    async def until_up(self) -> None:
        """Wait until there is a connection."""
        await self._up.wait()

    async def until_heard(self) -> None:
        """Wait until the network answers this hub's heartbeats: before it knows that a hub lives it grants nothing."""
        await self._heard.wait()

    def note_heard(self, *, heard: bool) -> None:
        """Say whether a heartbeat was answered."""
        if heard:
            self._heard.set()
        else:
            self._heard.clear()

    async def request(self, subject: str, body: bytes, *, timeout_s: float) -> bytes:
        """The answer to a request. Raises Unreachable."""
        try:
            reply = await self._connected().request(subject, body, timeout=timeout_s)
        except (NatsError, OSError, TimeoutError) as error:
            raise Unreachable(f"{subject}: {error or type(error).__name__}") from error
        return bytes(reply.data)

    async def publish(self, subject: str, body: bytes, *, message_id: str, timeout_s: float) -> None:
        """Publish, and return when the stream has it. Raises Unreachable."""
        stream = self._connected().jetstream()
        try:
            await stream.publish(subject, body, timeout=timeout_s, headers={"Nats-Msg-Id": message_id})
        except (NatsError, APIError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"{subject}: {error or type(error).__name__}") from error

    async def each_message(self, stream: str, handle: Callable[[Msg], Awaitable[None]]) -> None:
        """Handle the messages of this hub's durable in a stream, one by one, while the connection lasts.

        Raises Unreachable when it does not.
        """
        client = self._connected()
        try:
            async with contextlib.aclosing(pull(client, stream=stream, durable=self._credentials.hub_id)) as messages:
                async for msg in messages:
                    await handle(msg)
        except (NatsError, OSError) as error:
            raise Unreachable(f"{stream}: {error or type(error).__name__}") from error

    def _connected(self) -> Client:
        client = self._client
        if client is None or not client.is_connected:
            raise Unreachable("no connection")
        return client

    async def _connect(self, closed: asyncio.Event) -> Client:
        address = urlsplit(self._url)
        _, writer = await asyncio.wait_for(asyncio.open_connection(address.hostname, address.port or 4222), _CONNECT_S)
        writer.close()

        async def on_closed() -> None:
            closed.set()

        async def on_error(error: Exception) -> None:
            log.warning("nats: %s: %s", type(error).__name__, error)

        return await asyncio.wait_for(
            nats.connect(
                self._url,
                name=f"hub-{self._credentials.hub_id}",
                user_jwt_cb=lambda: bytearray(self._credentials.nats_jwt.encode()),
                signature_cb=lambda nonce: base64.b64encode(sign(self._seed, nonce.encode())),
                inbox_prefix=f"_INBOX_{self._credentials.hub_id}".encode(),
                allow_reconnect=False,
                connect_timeout=5,
                ping_interval=5,
                max_outstanding_pings=2,
                closed_cb=on_closed,
                error_cb=on_error,
            ),
            _CONNECT_S,
        )
