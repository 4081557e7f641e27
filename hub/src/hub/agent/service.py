"""The composition root of an agent."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from hub import __version__, telemetry
from hub.agent.credentials import Credentials, Identity
from hub.agent.enrolment import enrol
from hub.agent.heartbeat import Heartbeat
from hub.agent.journal import Journal
from hub.agent.leases import Claims
from hub.agent.link import Link
from hub.agent.maker import Maker
from hub.agent.offers import Offers
from hub.agent.programs import Programs
from hub.agent.reports import Reports
from hub.agent.watch import Watch
from hub.config import AgentConfig, MachineEntry
from hub.data_folder import DataFolder
from hub.drivers import driver_for
from hub.errors import ConfigInvalid, HubError

log = logging.getLogger(__name__)

T = TypeVar("T")


async def run(config: AgentConfig) -> int:
    """Serve until SIGTERM or SIGINT; answers the exit code.

    What the machines do goes on; what is not reported is reported after the next start. Raises HubError.
    """
    folder = DataFolder(config.data_dir)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        identity = Identity(folder.path)
        credentials = await _unless(stop, enrol(config, identity))
        if credentials is not None:
            close_telemetry = telemetry.start(credentials.hub_id, os.environ)
            try:
                await _serve(config, identity, credentials, stop)
            finally:
                close_telemetry()
    finally:
        folder.close()
    return 0


async def _serve(config: AgentConfig, identity: Identity, credentials: Credentials, stop: asyncio.Event) -> None:
    hub_id = credentials.hub_id
    journal = Journal(config.data_dir / "journal.jsonl")
    link = Link(credentials, identity.seed(), config.nats_url or credentials.nats_url)
    reports = Reports(link, journal, hub_id=hub_id)
    claims = Claims(link, hub_id=hub_id)
    programs = Programs(
        config.data_dir / "programs", edge_url=config.edge_url, max_bytes=int(config.max_program_mb * 1024 * 1024)
    )
    drivers = {machine_id: driver_for(entry) for machine_id, entry in machine_ids(config, credentials).items()}
    watches = {name: Watch(driver, name=name, poll_s=config.poll_s) for name, driver in drivers.items()}
    makers = [
        Maker(
            name,
            driver=driver,
            watch=watches[name],
            journal=journal,
            claims=claims,
            programs=programs,
            reports=reports,
        )
        for name, driver in drivers.items()
    ]
    offers = Offers(link, journal, hub_id=hub_id, accept={maker.machine_id: maker.accept for maker in makers})
    heartbeat = Heartbeat(link, hub_id=hub_id, makers=makers)
    log.info("agent %s of hub %s for %s", __version__, hub_id, ", ".join(drivers))
    forever = [link.run(), reports.run(), offers.run(), heartbeat.run()]
    forever += [watch.run() for watch in watches.values()]
    forever += [maker.run() for maker in makers]
    try:
        await _unless(stop, together(forever))
    finally:
        for driver in drivers.values():
            await driver.close()
        journal.close()
    log.info("stopped; the machines go on with what they do")


def machine_ids(config: AgentConfig, credentials: Credentials) -> dict[str, MachineEntry]:
    """The configured machines by the network's ids; named ones are looked up. Raises ConfigInvalid."""
    by_name = {machine.name: machine.id for machine in credentials.machines}
    found: dict[str, MachineEntry] = {}
    for entry in config.machines:
        machine_id = entry.id or by_name.get(entry.name)
        if machine_id is None:
            known = ", ".join(sorted(by_name)) or "none"
            raise ConfigInvalid(f"machine {entry.name!r} is not registered with this hub; registered: {known}")
        if machine_id in found:
            raise ConfigInvalid(f"machine {machine_id} is configured twice")
        found[machine_id] = entry
    return found


async def together(runs: list[Coroutine[Any, Any, None]]) -> None:
    """Run all until one fails; raises its error."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in runs:
                group.create_task(each)
    except ExceptionGroup as errors:
        known = [error for error in errors.exceptions if isinstance(error, HubError)]
        if known:
            raise known[0] from errors
        raise


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of `work`, or None when `stop` is set before."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None
    return task.result()
