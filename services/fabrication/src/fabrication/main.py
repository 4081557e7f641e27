"""Fabrication's composition root."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from chassis.cli import main as run_command
from chassis.service import CONSUMERS, ROLES, Loop, Parts, Runtime, Service
from fabrication.api import downloads, estimates, machine_profiles, programs
from fabrication.api.state import ApiState
from fabrication.consumers import catalog, commands, orders
from fabrication.consumers.profiles import releasing
from fabrication.consumers.questions import answering
from fabrication.domain.errors import CadFailed
from fabrication.settings import FabricationSettings
from fabrication.standalone import add_commands
from fabrication.store.opening import open_artefacts
from fabrication.usecases.workplace import Workplace
from fabrication.usecases.workshop import Workshop

if TYPE_CHECKING:
    from fabrication.cad.worker import CadWorker

log = logging.getLogger(__name__)

WORKERS = "workers"
"""The role that builds, assesses and programs; it alone needs the CAD environment."""

_AT_ONCE_BESIDE = 1
"""CAD jobs that may run beside the lanes of commands: somebody waits for the answer to a request."""


async def compose(runtime: Runtime[FabricationSettings]) -> Parts:
    """Put the service together; what works with CAD only where this process is to."""
    settings = runtime.settings
    artefacts = open_artefacts(
        settings.artefacts,
        runtime.js,
        max_bytes=settings.artefact_max_bytes,
        reserve_bytes=settings.artefact_reserve_bytes,
    )
    parts = Parts(
        listeners=[catalog.LISTENER, orders.LISTENER],
        loops={CONSUMERS: [releasing(runtime.units)]},
        state=ApiState(runtime.units, artefacts, runtime, settings.estimate_timeout_s),
    )
    if WORKERS in runtime.roles:
        from fabrication.cad.worker import CadWorker

        scratch = Path(tempfile.mkdtemp(prefix="fabmesh-cad-", dir=settings.cad_folder))
        cad = CadWorker(scratch, slots=settings.cad_lanes + _AT_ONCE_BESIDE)
        workshop = Workshop(cad, scratch=scratch, packages=settings.cad_packages)
        add_workers(parts, runtime, Workplace(runtime.units, workshop, artefacts))
        parts.loops[WORKERS] = [*parts.loops[WORKERS], _reporting_isolation(cad)]
    return parts


def _reporting_isolation(cad: CadWorker) -> Loop:
    """A loop that tells the log once which layers of isolation this kernel lacks."""

    async def run(stop: asyncio.Event) -> None:
        try:
            isolation = await cad.isolation_report()
        except CadFailed as error:
            log.warning("isolation of CAD jobs is not known: %s", error)
        else:
            for layer, why in isolation.missing.items():
                log.warning("CAD jobs run without %s: %s", layer, why)
        await stop.wait()

    return run


def add_workers(parts: Parts, runtime: Runtime[FabricationSettings], place: Workplace) -> None:
    """Add what the role `workers` does at that workplace."""
    lanes = runtime.settings.cad_lanes
    parts.listeners = [*parts.listeners, commands.listener(place, lanes=lanes, role=WORKERS)]
    parts.loops[WORKERS] = [place.workshop.run, answering(place, runtime.nats, service=runtime.name)]

    async def ready() -> str | None:
        return place.workshop.trouble or await place.artefacts.trouble()

    parts.ready = ready


SERVICE = Service(
    name="fabrication",
    title="Fabrication: assessments, programs and their verification",
    settings=FabricationSettings,
    routers=[machine_profiles.ROUTER, programs.ROUTER, downloads.ROUTER, estimates.ROUTER],
    compose=compose,
    migrations="fabrication.migrations",
    roles=(*ROLES, WORKERS),
)


def main() -> int:
    """The entry of `fabmesh-fabrication`."""
    return run_command(SERVICE, extend=add_commands)
