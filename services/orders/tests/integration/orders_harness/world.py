"""Orders and its saga on a real database; the test says what other services say, and sees what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from sqlalchemy import func, select, text

from chassis.auth import NETWORK_OPERATOR, SCOPES, Principal
from chassis.database import Database
from chassis.sagas import Deadlines
from chassis.unit_of_work import UnitsOfWork
from fabmesh.catalog.v1 import events_pb2 as catalog
from messaging.envelope import seal
from orders.consumers.catalog import on_released, on_withdrawn
from orders.domain.order import Destination, Order
from orders.sagas.fulfilment import FULFILMENT, OrderFulfilment
from orders.settings import OrdersSettings
from orders.store import orders, queries
from orders.store.tables import licence_ledger, licences
from orders.usecases.grant_licence import GrantLicence, grant_licence
from orders.usecases.place_order import PlaceOrder, place_order

ADMIN_KEY = "fm_" + "a" * 64
PARTNER_KEY = "fm_" + "b" * 64
OPERATOR = Principal("the-network", NETWORK_OPERATOR, frozenset(SCOPES), "k")


class World:
    """Orders and its saga on a real database; the test says what other services say, and sees what is sent."""

    def __init__(self, settings: OrdersSettings, database: Database) -> None:
        self.settings = settings
        self.units = UnitsOfWork(database.sessions, source="orders")
        self.partner_id = ""
        self._seen = 0
        self._clock = datetime.now(UTC)

    async def open(self) -> None:
        rows = await self.sql("select id from organisations where name = 'Demo partner'")
        self.partner_id = rows[0].id
        await self.sent()

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.units.begin() as uow:
            result = await uow.session.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    async def release(self, message: catalog.DesignVersionReleased) -> None:
        async with self.units.begin() as uow:
            await on_released(message, uow)

    async def withdraw(self, version_id: str = "v1") -> None:
        async with self.units.begin() as uow:
            await on_withdrawn(catalog.DesignVersionWithdrawn(version_id=version_id, why="it breaks"), uow)

    async def grant(self, units: int | None, **more: Any) -> str:
        command = GrantLicence("knob", "Demo partner", units, **more)
        async with self.units.begin() as uow:
            return (await grant_licence(command, OPERATOR, uow)).id

    async def place(self, quantity: int = 1, *, design: str = "knob", **more: Any) -> Order:
        command = PlaceOrder(
            organisation_id=self.partner_id,
            design=design,
            version=more.pop("version", None),
            parameters=more.pop("parameters", {}),
            material_id=more.pop("material_id", "pla"),
            quantity=quantity,
            destination=Destination(53.55, 9.99),
            secret="secret",
        )
        async with self.units.begin() as uow:
            order, _ = await place_order(command, OrderFulfilment(), uow)
        return order

    async def say(self, *messages: Message, at: datetime | None = None) -> None:
        """Let other services say this, one after the other, as their events arrive."""
        for message in messages:
            self._clock += timedelta(seconds=1)
            envelope = seal(message, source="test", subject=message.order_id, correlation_id=message.order_id)
            cause = replace(envelope, time=at or self._clock)
            async with self.units.begin(cause) as uow:
                await FULFILMENT.handlers()[type(message)](message, uow)

    async def sent(self) -> list[Message]:
        """What was sent since the last look, in order."""
        rows = await self.sql("select id, headers, data from outbox where id > :seen order by id", seen=self._seen)
        self._seen = rows[-1].id if rows else self._seen
        return [_decoded(row.headers["ce-type"], row.data) for row in rows]

    async def order(self, order_id: str) -> Order:
        async with self.units.read() as session:
            order = await orders.load(session, order_id)
        assert order is not None
        return order

    async def view(self, order_id: str) -> queries.OrderView:
        async with self.units.read() as session:
            found = await queries.view(session, order_id)
        assert found is not None
        return found

    async def saga(self, order_id: str) -> Any:
        (row,) = await self.sql("select step, data, attempt, deadline_at from sagas where id = :id", id=order_id)
        return row

    async def late(self, order_id: str) -> None:
        """Let the present step's deadline pass."""
        await self.sql("update sagas set deadline_at = now() - interval '1 s' where id = :id", id=order_id)
        assert await Deadlines(FULFILMENT, self.units).sweep_one()

    async def balances(self, licence_id: str) -> dict[str, int]:
        """The balances of a licence's accounts by its ledger; they must be those that its row says."""
        async with self.units.read() as session:
            ledger = licence_ledger.c
            sums = select(ledger.account, func.sum(ledger.units)).where(ledger.licence_id == licence_id)
            found = {account: int(units) for account, units in await session.execute(sums.group_by(ledger.account))}
            row = (await session.execute(select(licences).where(licences.c.id == licence_id))).one()
        assert sum(found.values()) == 0
        kept = {name: getattr(row, name) for name in ("available", "reserved", "used")}
        assert {name: found.get(name, 0) for name in kept} == kept
        return kept


def _decoded(full_name: str, data: bytes) -> Message:
    kind = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(full_name))
    return kind.FromString(data)
