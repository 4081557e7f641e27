"""One instance from nothing to ready: the order in which everything is brought up."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.api import OperatorApi
from launcher.backing import NATS, POSTGRES, Broker, Database, broker, database
from launcher.city import City
from launcher.edge import NAME as EDGE
from launcher.edge import edge
from launcher.files import private_folder, write_json
from launcher.folder import DataFolder
from launcher.hubs import HubTable, machine_part_name
from launcher.keys import Keys, kept_keys
from launcher.libgl import library_path
from launcher.licences import grant_licences
from launcher.ports import LOOPBACK, remembered_ports
from launcher.services import CATALOG, FABRICATION, ORDERS, QUALITY, ROUTING, SERVICES, ServiceTable, worker_names
from launcher.supervisor import Supervisor

BACKING_S = 120.0
SERVICES_S = 240.0
HUBS_S = 120.0
# Bringing a database up to date is mostly Python starting: as many at once as a small machine has cores.
MIGRATIONS_AT_ONCE = 2
# Those first for which others wait: keys come from orders, CAD workers take long to start.
FIRST_TO_LAST = (ORDERS, FABRICATION, ROUTING, CATALOG, QUALITY)

Started = Mapping[str, asyncio.Task[None]]
"""The starts of the services, by name; done once the service's part was added."""


@dataclass(frozen=True)
class Wishes:
    """What to bring up: which city, and how many CAD workers."""

    city: City
    workers: int


class Instance:
    """Brings an instance up on a data folder, part by part, and writes down where everything is."""

    def __init__(self, folder: DataFolder, wishes: Wishes, supervisor: Supervisor) -> None:
        self._folder = folder
        self._wishes = wishes
        self._supervisor = supervisor
        self._ports: Mapping[str, int] = remembered_ports(folder.ports, self._port_names())
        self._database: Database = database(folder, self._ports[POSTGRES])
        self._broker: Broker = broker(folder, self._ports[NATS])
        self._keys: Keys = kept_keys(folder.secrets / "keys.json")
        self.edge_url = f"http://{LOOPBACK}:{self._ports[EDGE]}"
        self._services = ServiceTable(folder, self._database, self._broker, self.edge_url, self._ports)

    async def bring_up(self) -> None:
        """Returns once every part is ready. Raises LauncherError with what is not, and why."""
        await self._start_backing()
        self._supervisor.phase("services, designs and hubs")
        await self._supervisor.run(self._services.streams())
        gate = asyncio.Semaphore(MIGRATIONS_AT_ONCE)
        started = {service: asyncio.create_task(self._start_service(service, gate)) for service in FIRST_TO_LAST}
        async with OperatorApi(self.edge_url, self._keys.admin) as api:
            await asyncio.gather(*started.values(), self._fill_inventory(api, started), self._start_hubs(api, started))
        await self._supervisor.ready([*SERVICES, *worker_names(self._wishes.workers)], SERVICES_S)
        await grant_licences(self.edge_url, self._keys.admin)
        write_json(self._folder.endpoints, self.endpoints())
        self._supervisor.phase("ready", ready=True)

    def endpoints(self) -> dict[str, object]:
        """Where everything is, and the keys to it."""
        creds = self._broker.creds("launcher")
        return {
            "edge": self.edge_url,
            "nats": self._broker.url,
            "nats_creds": str(creds) if creds else None,
            "postgres": self._database.url,
            "admin_key": self._keys.admin,
            "partner_key": self._keys.partner,
            "services": {service: f"http://{LOOPBACK}:{self._ports[service]}" for service in SERVICES},
        }

    async def _start_backing(self) -> None:
        self._supervisor.phase("PostgreSQL, NATS and the edge")
        private_folder(self._folder.artefacts)
        service_ports = {service: self._ports[service] for service in SERVICES}
        parts = [self._database.part, self._broker.part, edge(self._folder.edge, service_ports, self._ports[EDGE])]
        present = [part for part in parts if part is not None]
        self._supervisor.add(present)
        await self._supervisor.ready([part.name for part in present], BACKING_S)

    async def _start_service(self, service: str, gate: asyncio.Semaphore) -> None:
        """A service starts as soon as its own database is up to date, and does what can be done without it then."""
        async with gate:
            await asyncio.to_thread(self._database.create, service)
            await self._supervisor.run(self._services.migration(service))
        self._supervisor.add([self._services.part(service)])
        if service == FABRICATION and self._wishes.workers:
            path = await asyncio.to_thread(library_path, Path(sys.prefix).parent / ".cache" / "libgl")
            self._supervisor.add(self._services.workers(self._wishes.workers, path))
        if service == ORDERS:
            async with gate:
                bootstrap = self._services.chore(ORDERS, "bootstrap", "bootstrap", **self._keys.hashes())
                await self._supervisor.run(bootstrap)

    async def _until_open(self, api: OperatorApi, path: str, names: Sequence[str], started: Started) -> None:
        """Waits until these services and parts work and the operator's key is known at `path`."""
        await asyncio.gather(*(started[name] for name in {ORDERS, *names} & started.keys()))
        await self._supervisor.ready([EDGE, *names], SERVICES_S)
        await api.until_known(path, SERVICES_S)

    async def _fill_inventory(self, api: OperatorApi, started: Started) -> None:
        """Publishes the designs, which fabrication's workers look at first."""
        workers = worker_names(self._wishes.workers)
        await self._until_open(api, "/catalog/v1/materials", [CATALOG, FABRICATION, *workers], started)
        if workers:
            settings = {"FABMESH_ADMIN_KEY": self._keys.admin}
            chore = self._services.chore(CATALOG, "seed", "seed", "--edge", self.edge_url, **settings)
            await self._supervisor.run(chore)

    async def _start_hubs(self, api: OperatorApi, started: Started) -> None:
        """Registers each hub and starts its machines and its agent, then waits until routing hears of all."""
        await self._until_open(api, "/routing/v1/hubs", [ROUTING], started)
        city = self._wishes.city
        table = HubTable(self._folder, city, self.edge_url, self._broker.url, self._ports)
        known = await api.heard()
        before: dict[str, str | None] = {}
        names: list[str] = []
        for hub in city.hubs:
            self._folder.dark(hub.slug).unlink(missing_ok=True)
            registration = await api.register(hub)
            before[registration.hub_id] = known.get(registration.hub_id)
            parts = table.parts(hub, registration)
            self._supervisor.add(parts)
            names += [part.name for part in parts]
        await self._supervisor.ready(names, HUBS_S)
        await api.until_heard(before, HUBS_S)

    def _port_names(self) -> list[str]:
        machines = [machine_part_name(hub, machine) for hub in self._wishes.city.hubs for machine in hub.machines]
        return [POSTGRES, NATS, EDGE, *SERVICES, *worker_names(self._wishes.workers), *machines]
