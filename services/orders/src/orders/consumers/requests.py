"""What other services ask: the public keys that tokens are verified by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from google.protobuf.message import Message
from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.unit_of_work import UnitsOfWork
from messaging.requests import serve
from orders.messages.requests import GetSigningKeys, signing_keys
from orders.usecases.signing import public_keys


class SigningKeys:
    """Answers which keys sign tokens."""

    def __init__(self, units: UnitsOfWork, nats: Client) -> None:
        self._units = units
        self._nats = nats

    async def public(self) -> Mapping[str, bytes]:
        """The public keys by their ids."""
        async with self._units.read() as session:
            return await public_keys(session)

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set."""
        subscription = await serve(self._nats, GetSigningKeys, self._answer, service="orders", at_once=8)
        await stop.wait()
        with contextlib.suppress(NatsError):
            await subscription.unsubscribe()

    async def _answer(self, _: GetSigningKeys) -> Message:
        return signing_keys(await self.public())
