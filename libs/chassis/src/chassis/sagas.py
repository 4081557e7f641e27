"""Sagas: a persisted process over several services, its steps and compensations readable on one screen.

A saga enters a step by sending commands, then waits for one of the events that the step names. The reaction changes
the saga's state and answers the next step. Each step has a deadline: past it the step is entered again, `tries` times,
then `gave_up` decides. State, step and the commands sent are committed in the transaction of the event that caused
them, so a crash at any moment leaves the saga before or after a step and never in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from opentelemetry import context as otel_context
from opentelemetry import propagate
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import is_transient
from chassis.listening import InTransaction
from chassis.tables import sagas
from chassis.unit_of_work import UnitOfWork, UnitsOfWork

log = logging.getLogger(__name__)

S = TypeVar("S")
ENDED = "ended"
_BEGIN = insert(sagas)
_PAUSE = timedelta(seconds=30)
"""How long an instance is left alone after its deadline could not be treated."""

Enter = Callable[[Any, UnitOfWork], Awaitable[None]]
"""`async def send_it(state, uow)`: sends the step's commands."""

Reaction = Callable[[Any, Any, UnitOfWork], Awaitable[str | None]]
"""`async def on_it(state, message, uow)`: changes the state; answers the next step, or None to stay."""

GiveUp = Callable[[Any, str, UnitOfWork], Awaitable[str | None]]
"""`async def gave_up(state, step, uow)`: a step's deadline passed for the last time; answers the next step."""


@dataclass(frozen=True)
class Step:
    """One step: what is sent on entering, and what each awaited message leads to."""

    name: str
    enter: Enter
    on: Mapping[type[Message], Reaction]
    deadline: timedelta
    tries: int = 3


@dataclass(frozen=True)
class Saga(Generic[S]):
    """A process: its steps in order (it starts with the first), what is heard in every step, and how it gives up.

    `state` is a dataclass of plain JSON values; `id_of` names the instance that a message belongs to.
    """

    name: str
    state: type[S]
    steps: tuple[Step, ...]
    id_of: Callable[[Any], str]
    gave_up: GiveUp
    anywhere: Mapping[type[Message], Reaction] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """The step of that name. Raises KeyError."""
        return {step.name: step for step in self.steps}[name]

    def messages(self) -> set[type[Message]]:
        """Every message that this saga waits for somewhere."""
        return {*self.anywhere, *(kind for step in self.steps for kind in step.on)}

    def handlers(self) -> dict[type[Message], InTransaction]:
        """The saga as handlers for a Listener."""

        async def handle(message: Message, uow: UnitOfWork) -> None:
            await react(self, message, uow)

        return dict.fromkeys(self.messages(), handle)


async def start(saga: Saga[S], saga_id: str, state: S, uow: UnitOfWork) -> None:
    """Begin an instance with its first step."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    first = saga.steps[0]
    await first.enter(state, uow)
    row = {
        "saga": saga.name,
        "id": saga_id,
        "step": first.name,
        "data": _dump(state),
        "deadline_at": datetime.now(UTC) + first.deadline,
        "attempt": 1,
        "trace": carrier,
    }
    await uow.session.execute(_BEGIN, row)


async def react(saga: Saga[S], message: Message, uow: UnitOfWork) -> None:
    """Let the instance that `message` belongs to react; what no step waits for is ignored."""
    row = await _lock(saga, saga.id_of(message), uow.session)
    if row is None or row.step == ENDED:
        return
    reaction = saga.step(row.step).on.get(type(message)) or saga.anywhere.get(type(message))
    if reaction is None:
        log.info("saga %s %s in %s ignores %s", saga.name, row.id, row.step, message.DESCRIPTOR.name)
        return
    state = _load(saga, row)
    await _proceed(saga, row, state, await reaction(state, message, uow), uow)


async def steer(
    saga: Saga[S], saga_id: str, decide: Callable[[S, str, UnitOfWork], Awaitable[str | None]], uow: UnitOfWork
) -> bool:
    """Let a use case (a cancellation, say) decide the next step of a running instance; False where none runs."""
    row = await _lock(saga, saga_id, uow.session)
    if row is None or row.step == ENDED:
        return False
    state = _load(saga, row)
    await _proceed(saga, row, state, await decide(state, row.step, uow), uow)
    return True


class Deadlines:
    """The loop that enters late steps again, or lets the saga give up."""

    def __init__(self, saga: Saga[Any], units: UnitsOfWork, *, every_s: float = 0.5) -> None:
        self._saga = saga
        self._units = units
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            try:
                while await self.sweep_one():
                    pass
            except Exception as error:  # the loop that owns its errors: a fault of one saga must not stop the others
                if not is_transient(error):
                    log.exception("saga %s: deadline", self._saga.name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every_s)

    async def sweep_one(self) -> bool:
        """Treat one instance whose deadline has passed; False when there is none.

        One that cannot be treated is left alone for a while, so that it does not stand before all the others.
        """
        late: str | None = None
        try:
            async with self._units.begin() as uow:
                row = await self._due(uow.session)
                if row is None:
                    return False
                late = row.id
                token = otel_context.attach(propagate.extract(row.trace))
                try:
                    await self._late(row, uow)
                finally:
                    otel_context.detach(token)
        except Exception as error:
            if late is not None and not is_transient(error):
                await self._put_off(late)
            raise
        return True

    async def _due(self, session: AsyncSession) -> Row[Any] | None:
        due = (
            select(sagas)
            .where(sagas.c.saga == self._saga.name, sagas.c.deadline_at <= datetime.now(UTC))
            .order_by(sagas.c.deadline_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return (await session.execute(due)).first()

    async def _put_off(self, saga_id: str) -> None:
        async with self._units.begin() as uow:
            await uow.session.execute(
                update(sagas)
                .where(sagas.c.saga == self._saga.name, sagas.c.id == saga_id, sagas.c.deadline_at <= datetime.now(UTC))
                .values(deadline_at=datetime.now(UTC) + _PAUSE)
            )

    async def _late(self, row: Row[Any], uow: UnitOfWork) -> None:
        saga, state = self._saga, _load(self._saga, row)
        step = saga.step(row.step)
        if row.attempt < step.tries:
            log.warning("saga %s %s: %s is late, attempt %d", saga.name, row.id, step.name, row.attempt + 1)
            await step.enter(state, uow)
            await _save(saga, row.id, state, step.name, step.deadline, row.attempt + 1, uow)
            return
        await _proceed(saga, row, state, await saga.gave_up(state, row.step, uow) or ENDED, uow)


async def _proceed(saga: Saga[S], row: Row[Any], state: S, following: str | None, uow: UnitOfWork) -> None:
    if following is None:
        await uow.session.execute(
            update(sagas).where(sagas.c.saga == saga.name, sagas.c.id == row.id).values(data=_dump(state))
        )
    elif following == ENDED:
        await _save(saga, row.id, state, ENDED, None, 0, uow)
    else:
        step = saga.step(following)
        await step.enter(state, uow)
        await _save(saga, row.id, state, step.name, step.deadline, 1, uow)


async def _save(
    saga: Saga[S], saga_id: str, state: S, step: str, deadline: timedelta | None, attempt: int, uow: UnitOfWork
) -> None:
    now = datetime.now(UTC)
    await uow.session.execute(
        update(sagas)
        .where(sagas.c.saga == saga.name, sagas.c.id == saga_id)
        .values(
            step=step,
            data=_dump(state),
            deadline_at=None if deadline is None else now + deadline,
            attempt=attempt,
            updated_at=now,
        )
    )


async def _lock(saga: Saga[S], saga_id: str, session: AsyncSession) -> Row[Any] | None:
    chosen = select(sagas).where(sagas.c.saga == saga.name, sagas.c.id == saga_id).with_for_update()
    return (await session.execute(chosen)).first()


def _load(saga: Saga[S], row: Row[Any]) -> S:
    return saga.state(**row.data)


def _dump(state: Any) -> dict[str, Any]:
    return dataclasses.asdict(state)
