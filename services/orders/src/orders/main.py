"""Orders' composition root."""

from __future__ import annotations

from chassis.cli import load_settings
from chassis.cli import main as run_command
from chassis.sagas import Deadlines
from chassis.service import API, CONSUMERS, Parts, Runtime, Service
from chassis.tokens import Tokens
from orders import cli
from orders.api import events, licences, organisations, tokens
from orders.api import orders as orders_api
from orders.consumers import catalog, fabrication, quality, routing
from orders.consumers.requests import SigningKeys
from orders.sagas.fulfilment import FULFILMENT, OrderFulfilment
from orders.sagas.withdrawals import Withdrawals
from orders.settings import OrdersSettings
from orders.state import OrdersState
from orders.store.changes import Changes


async def compose(runtime: Runtime[OrdersSettings]) -> Parts:
    """Put the service together."""
    changes = Changes(runtime.settings.asyncpg_url())
    keys = SigningKeys(runtime.units, runtime.nats)
    return Parts(
        listeners=[catalog.LISTENER, fabrication.LISTENER, routing.LISTENER, quality.LISTENER],
        loops={
            API: [changes.run],
            CONSUMERS: [Deadlines(FULFILMENT, runtime.units).run, Withdrawals(runtime.units).run, keys.run],
        },
        state=OrdersState(runtime.units, OrderFulfilment(), changes, runtime.settings.public_url),
        verify_token=Tokens(keys.public, runtime.units, public_url=runtime.settings.public_url).principal,
    )


SERVICE = Service(
    name="orders",
    title="Orders: orders, licences, organisations and keys",
    settings=OrdersSettings,
    routers=[orders_api.ROUTER, events.ROUTER, organisations.ROUTER, licences.ROUTER, tokens.ROUTER],
    compose=compose,
    migrations="orders.migrations",
)


def main() -> int:
    """The entry of `fabmesh-orders`."""
    return run_command(SERVICE, extend=cli.add_commands(lambda: load_settings(SERVICE)))
