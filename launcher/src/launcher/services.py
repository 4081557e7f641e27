"""The services as parts: what each is told, and the chores that go before."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.backing import Broker, Database
from launcher.environment import inherited
from launcher.folder import DataFolder
from launcher.parts import Chore, Part
from launcher.ports import LOOPBACK
from launcher.programs import beside_python, cad_environment

CATALOG, ORDERS, ROUTING, QUALITY, FABRICATION = SERVICES = ("catalog", "orders", "routing", "quality", "fabrication")
ROLES = "api,consumers,relay"
WORKER_ROLES = "workers"
# A service finishes what it has in hand: 10 s for requests, 20 s for messages.
_STOP_S = 40.0


def worker_names(count: int) -> list[str]:
    """The names of the CAD workers."""
    return [f"cad-worker-{number}" for number in range(1, count + 1)]


@dataclass(frozen=True)
class ServiceTable:
    """What the services of one instance have in common. `ports` holds one for each service and worker."""

    folder: DataFolder
    database: Database
    broker: Broker
    public_url: str
    ports: Mapping[str, int]

    def environment(self, service: str, port_of: str) -> Mapping[str, str]:
        """The settings of a process of `service` that listens on the port of `port_of`."""
        settings = {
            "FABMESH_DATABASE_URL": self.database.url_of(service),
            "FABMESH_NATS_URL": self.broker.url,
            "FABMESH_HTTP_HOST": LOOPBACK,
            "FABMESH_HTTP_PORT": str(self.ports[port_of]),
            "FABMESH_PUBLIC_URL": self.public_url,
            "FABMESH_ARTEFACTS": self.folder.artefacts.as_uri(),
        }
        creds = self.broker.creds(service)
        if creds is not None:
            settings["FABMESH_NATS_CREDS"] = str(creds)
        if service == ROUTING:
            settings |= {"FABMESH_HUB_NATS_URL": self.broker.url, **self.broker.hub_secrets}
        return inherited(**settings)

    def migration(self, service: str) -> Chore:
        """Brings the service's database to its version."""
        return self.chore(service, "migrate", "migrate")

    def chore(self, service: str, name: str, *arguments: str, **settings: str) -> Chore:
        """A command of a service that ends."""
        environment = dict(self.environment(service, service)) | settings
        return Chore(f"{service}-{name}", [str(beside_python(f"fabmesh-{service}")), *arguments], environment)

    def streams(self) -> Chore:
        """Declares the streams on the broker, with the launcher's own rights."""
        environment = {"FABMESH_NATS_URL": self.broker.url}
        creds = self.broker.creds("launcher")
        if creds is not None:
            environment["FABMESH_NATS_CREDS"] = str(creds)
        return Chore("streams", [sys.executable, "-m", "messaging.apply"], inherited(**environment))

    def part(self, service: str) -> Part:
        """The service's process in all its roles but that of a worker."""
        program = beside_python(f"fabmesh-{service}")
        return self._part(service, service, program, ROLES, self.environment(service, service))

    def workers(self, count: int, library_path: str) -> list[Part]:
        """The CAD workers, which live in an environment of their own. `library_path` is where they find libGL."""
        if count == 0:
            return []
        program = cad_environment() / "bin" / "fabmesh-fabrication"
        parts = []
        for name in worker_names(count):
            environment = dict(self.environment(FABRICATION, name))
            if library_path:
                environment["LD_LIBRARY_PATH"] = library_path
            parts.append(self._part(name, FABRICATION, program, WORKER_ROLES, environment))
        return parts

    def _part(self, name: str, service: str, program: Path, roles: str, environment: Mapping[str, str]) -> Part:
        port = self.ports[name]
        return Part(
            name=name,
            argv=[str(program), "run", "--roles", roles],
            environment=environment,
            port=port,
            ready=f"http://{LOOPBACK}:{port}/readyz",
            after=self._before(service, name),
            stop_s=_STOP_S,
        )

    def _before(self, service: str, name: str) -> Sequence[str]:
        backing = [part.name for part in (self.database.part, self.broker.part) if part is not None]
        return backing if name == service else [*backing, service]
