"""What a service is: its name, its settings, and one function that puts its parts together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fastapi import APIRouter
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.auth import TokenVerifier
from chassis.database import Database
from chassis.listening import Listener
from chassis.settings import ServiceSettings
from chassis.unit_of_work import UnitsOfWork
from messaging.requests import ask

T = TypeVar("T", bound=ServiceSettings)
A = TypeVar("A", bound=Message)

API, CONSUMERS, RELAY = "api", "consumers", "relay"
ROLES = (API, CONSUMERS, RELAY)

Loop = Callable[[asyncio.Event], Awaitable[None]]
"""`async def run(stop)`: works until `stop` is set, then returns."""


@dataclass
class Runtime(Generic[T]):
    """What a composition root is given: the process's connections, and the roles in which it runs."""

    name: str
    settings: T
    database: Database
    units: UnitsOfWork
    nats: Client
    roles: frozenset[str] = frozenset(ROLES)

    @property
    def js(self) -> JetStreamContext:
        """JetStream on this process's connection."""
        return self.nats.jetstream()

    async def ask(self, question: Message, answer: type[A], *, timeout_s: float) -> A:
        """Ask another service for an answer that must be fresh. Raises messaging's RequestFailed."""
        return await ask(self.nats, question, answer, source=self.name, timeout_s=timeout_s)


@dataclass
class Parts:
    """A service put together. `loops` run in the role that is their key."""

    listeners: Sequence[Listener] = ()
    loops: dict[str, Sequence[Loop]] = field(default_factory=dict)
    state: Any = None
    verify_token: TokenVerifier | None = None
    """None: by the keys that orders answers over NATS."""
    ready: Callable[[], Awaitable[str | None]] | None = None
    """Answers why the service cannot do its work now, or None."""


@dataclass(frozen=True)
class Service(Generic[T]):
    """One service of fabmesh.

    `compose` is its composition root; `routers` its public API (they find what compose answered as `state` in
    `request.app.state.service`); `migrations` the package with its Alembic scripts; `roles` those beyond the usual
    three that it knows.
    """

    name: str
    title: str
    settings: type[T]
    routers: Sequence[APIRouter]
    compose: Callable[[Runtime[T]], Awaitable[Parts]]
    migrations: str
    roles: tuple[str, ...] = ROLES
