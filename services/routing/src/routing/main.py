"""Routing: hubs, machines, allocation, leases and fail-over; the only voice to the hubs and the only ear for them."""

from __future__ import annotations

from chassis import cli
from chassis.service import CONSUMERS, Parts, Runtime, Service
from messaging.consumer import Consumer
from routing.api import allocations, enrolments, hubs, job_orders
from routing.consumers.backlog import ReportBacklog
from routing.consumers.claims import ClaimEar
from routing.consumers.commands import commands
from routing.consumers.downloads import DownloadDesk
from routing.consumers.fabrication import LISTENER as FABRICATION
from routing.consumers.hearing import Hearing
from routing.consumers.heartbeats import HeartbeatEar
from routing.consumers.reports import reports
from routing.consumers.sweeper import Sweeper
from routing.settings import RoutingSettings
from routing.state import State
from routing.usecases.enrol_hub import Minting


async def compose(runtime: Runtime[RoutingSettings]) -> Parts:
    """Put the service together."""
    settings = runtime.settings
    rules = settings.rules()
    hearing = Hearing(runtime.nats)
    ears = (
        Consumer(runtime.js, reports(runtime.units, rules)).run,
        ClaimEar(runtime, rules).run,
        HeartbeatEar(runtime, rules, hearing).run,
        DownloadDesk(runtime).run,
        Sweeper(runtime.units, rules, hearing, ReportBacklog(runtime.js)).run,
    )
    minting = Minting(
        signing_seed=settings.hub_signing_seed.get_secret_value(),
        account=settings.hubs_account,
        nats_url=settings.hub_nats_url or settings.nats_url,
    )
    return Parts(
        listeners=[commands(rules), FABRICATION],
        loops={CONSUMERS: ears},
        state=State(runtime.units, minting),
    )


SERVICE = Service(
    name="routing",
    title="fabmesh routing",
    settings=RoutingSettings,
    routers=[hubs.router, enrolments.router, allocations.router, job_orders.router],
    compose=compose,
    migrations="routing.migrations",
)


def main() -> int:
    """The program `fabmesh-routing`."""
    return cli.main(SERVICE)
