"""PostgreSQL and NATS as the services see them: our own, or those that the environment names."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.databases import Databases
from launcher.embedded import EmbeddedServer
from launcher.environment import inherited
from launcher.errors import SettingsError
from launcher.folder import DataFolder
from launcher.nats import EmbeddedNats
from launcher.parts import Part
from launcher.ports import LOOPBACK
from launcher.postgres import EmbeddedPostgres

POSTGRES, NATS = "postgres", "nats"
_HUB_SECRETS = ("FABMESH_HUB_SIGNING_SEED", "FABMESH_HUBS_ACCOUNT")


@dataclass(frozen=True)
class Database:
    """Where the services' databases are. `url` is the superuser's; `part` is none for a server that is not ours."""

    url: str
    databases: Databases
    part: Part | None = None

    def create(self, service: str) -> str:
        """Makes the service's database if there is none; returns the URL for the service."""
        return self.databases.create(service)

    def url_of(self, service: str) -> str:
        """The URL for the service."""
        return self.databases.url_of(service)


@dataclass(frozen=True)
class Broker:
    """Where the messages go. `part` is none for a server that is not ours.

    `creds` answers the credentials file with which a service connects, none where the server asks for none;
    `hub_secrets` is what routing needs to vouch for hubs, as its settings name it.
    """

    url: str
    creds: Callable[[str], Path | None]
    hub_secrets: Mapping[str, str]
    part: Part | None = None


def database(folder: DataFolder, port: int) -> Database:
    """The PostgreSQL that DATABASE_URL names, or our own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return Database(given, Databases(given, folder.secrets / "postgres.json"))
    settings = {"max_connections": "200", "shared_buffers": "64MB"}
    server = EmbeddedPostgres(folder.postgres, port=port, secrets_dir=folder.secrets, settings=settings)
    return Database(
        server.superuser_url, server.databases, _as_part(POSTGRES, server, f"postgresql://{LOOPBACK}:{port}")
    )


def broker(folder: DataFolder, port: int) -> Broker:
    """The NATS that FABMESH_NATS_URL names, or our own.

    For a given one FABMESH_NATS_CREDS may name one credentials file that serves all services, and routing's key for
    hubs must be in FABMESH_HUB_SIGNING_SEED and FABMESH_HUBS_ACCOUNT. Raises SettingsError where it is not.
    """
    given = os.environ.get("FABMESH_NATS_URL")
    if given:
        creds = os.environ.get("FABMESH_NATS_CREDS")
        shared = Path(creds).resolve() if creds else None
        missing = [name for name in _HUB_SECRETS if name not in os.environ]
        if missing:
            raise SettingsError(f"FABMESH_NATS_URL needs {' and '.join(missing)} beside it")
        return Broker(given, lambda _: shared, {name: os.environ[name] for name in _HUB_SECRETS})
    server = EmbeddedNats(folder.nats, port=port, secrets_dir=folder.secrets)
    secrets = dict(zip(_HUB_SECRETS, (server.hub_signing_seed, server.hubs_account), strict=True))
    return Broker(server.url, server.creds, secrets, _as_part(NATS, server, server.url))


def _as_part(name: str, server: EmbeddedServer, ready: str) -> Part:
    return Part(
        name=name,
        argv=server.argv(),
        environment=inherited(),
        port=server.port,
        ready=ready,
        prepare=server.prepare,
        stop_signal=server.stop_signal,
        stop_s=server.stop_s,
    )
