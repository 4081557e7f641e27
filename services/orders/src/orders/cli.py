"""`fabmesh-orders bootstrap`: what a new network starts with."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import Any

from chassis.cli import Extend
from chassis.database import Database
from chassis.unit_of_work import UnitsOfWork
from orders.settings import OrdersSettings
from orders.usecases.bootstrap import Bootstrap, bootstrap


def add_commands(load: Callable[[], OrdersSettings]) -> Extend:
    """What this service adds to `run`, `migrate` and `openapi`; `load` reads its settings."""

    def bootstrap_now(_: argparse.Namespace) -> int:
        print("\n".join(asyncio.run(run_bootstrap(load()))) or "nothing to do")
        return 0

    def extend(commands: Any) -> None:
        parser = commands.add_parser(
            "bootstrap",
            help="register the network's operator, the demonstration's partner and rights-holders, and their keys",
        )
        parser.set_defaults(run=bootstrap_now)

    return extend


async def run_bootstrap(settings: OrdersSettings) -> list[str]:
    """Make what is missing in the database that `settings` name; answers what was made, a line each."""
    database = Database(settings, application_name="orders-bootstrap")
    try:
        async with UnitsOfWork(database.sessions, source="orders").begin() as uow:
            return await bootstrap(
                Bootstrap(_digest(settings.bootstrap_admin_key_sha256), _digest(settings.bootstrap_partner_key_sha256)),
                uow,
            )
    finally:
        await database.close()


def _digest(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
