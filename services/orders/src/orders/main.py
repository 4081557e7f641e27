"""Orders' composition root."""

from __future__ import annotations

from chassis.cli import load_settings
from chassis.cli import main as run_command
from chassis.sagas import Deadlines
from chassis.service import API, CONSUMERS, Parts, Runtime, Service
from orders import cli
from orders.api import events, licences, organisations
from orders.api import orders as orders_api
from orders.consumers import catalog, fabrication, quality, routing
from orders.sagas.fulfilment import FULFILMENT, OrderFulfilment
from orders.sagas.withdrawals import Withdrawals
from orders.settings import OrdersSettings
from orders.state import OrdersState
from orders.store.changes import Changes


async def compose(runtime: Runtime[OrdersSettings]) -> Parts:
    """Put the service together."""
    changes = Changes(runtime.settings.asyncpg_url())
    return Parts(
        listeners=[catalog.LISTENER, fabrication.LISTENER, routing.LISTENER, quality.LISTENER],
        loops={
            API: [changes.run],
            CONSUMERS: [Deadlines(FULFILMENT, runtime.units).run, Withdrawals(runtime.units).run],
        },
        state=OrdersState(runtime.units, OrderFulfilment(), changes, runtime.settings.public_url),
    )


SERVICE = Service(
    name="orders",
    title="Orders: orders, licences, organisations and keys",
    settings=OrdersSettings,
    routers=[orders_api.ROUTER, events.ROUTER, organisations.ROUTER, licences.ROUTER],
    compose=compose,
    migrations="orders.migrations",
)


def main() -> int:
    """The entry of `fabmesh-orders`."""
    return run_command(SERVICE, extend=cli.add_commands(lambda: load_settings(SERVICE)))
