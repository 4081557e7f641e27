"""Quality's composition root."""

from __future__ import annotations

from chassis.cli import main as run_command
from chassis.service import Parts, Runtime, Service
from chassis.settings import ServiceSettings
from quality.api import inspections, nonconformances, plans
from quality.consumers import catalog, commands, orders
from quality.state import QualityState


async def compose(runtime: Runtime[ServiceSettings]) -> Parts:
    """Put the service together."""
    listeners = [catalog.LISTENER, orders.LISTENER, commands.LISTENER]
    return Parts(listeners=listeners, state=QualityState(runtime.units))


SERVICE = Service(
    name="quality",
    title="Quality: inspections, measurements and nonconformances",
    settings=ServiceSettings,
    routers=[inspections.ROUTER, nonconformances.ROUTER, plans.ROUTER],
    compose=compose,
    migrations="quality.migrations",
)


def main() -> int:
    """The entry of `fabmesh-quality`."""
    return run_command(SERVICE)
