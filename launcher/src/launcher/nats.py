"""NATS with JetStream out of a package, in operator mode: every client is somebody, and may do what it needs."""

import json
import signal
import socket
from pathlib import Path

from launcher.embedded import EmbeddedServer
from launcher.files import private_folder, write_private
from launcher.nats_identities import NatsIdentities, ServerIdentities
from launcher.ports import LOOPBACK
from launcher.programs import beside_python

_GREETING = b"INFO "


class EmbeddedNats(EmbeddedServer):
    """One server on `data_dir`. Port and keys are chosen at the first start and kept; JetStream is synced at once.

    Call `start` from a thread that lives as long as the server should (see `launcher.processes.spawn`).
    """

    title = "NATS"
    stop_signal = signal.SIGTERM
    # A clean stop writes the state of every file-backed consumer, 10 s per 1,000 of them.
    stop_s = 60.0

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        secrets_dir: Path | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__(data_dir, port=port, secrets_dir=secrets_dir, log=log)
        self._identities = NatsIdentities(self.secrets_dir)
        self._configuration = self.data_dir / "nats.conf"

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def system_creds(self) -> Path:
        """Credentials of a user of the system account: the server's events, revocations, kicking a connection."""
        return self._identities.system_creds()

    @property
    def hub_signing_seed(self) -> str:
        """The private scoped key with which a hub's JWT is minted."""
        return self._identities.hub_signing_seed

    @property
    def hubs_account(self) -> str:
        """The public key of the hubs' account."""
        return self._identities.hubs_account

    @property
    def ready(self) -> bool:
        # The server greets nobody before its streams are restored.
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as client:
                return client.recv(len(_GREETING)) == _GREETING
        except OSError:
            return False

    def creds(self, service: str) -> Path:
        """The credentials file of a service in CORE; `launcher` may do everything there.

        Any other name may do what a service does: publish its own events (`evt.<service>.>`) and dead letters, commands
        and requests, answer requests to it, and use the streams that exist. Raises InvalidNameError.
        """
        return self._identities.creds(service)

    def prepare(self) -> None:
        private_folder(self.data_dir)
        write_private(self._configuration, self._render(self._identities.server()))

    def argv(self) -> list[str]:
        return [str(beside_python("nats-server")), "--config", str(self._configuration)]

    def _render(self, identities: ServerIdentities) -> str:
        preload = "".join(f"  {account}: {token}\n" for account, token in identities.account_jwts.items())
        accounts, streams = json.dumps(str(self.data_dir / "accounts")), json.dumps(str(self.data_dir / "jetstream"))
        return (
            f"server_name: fabmesh\nhost: {LOOPBACK}\nport: {self.port}\n"
            f"jetstream {{ store_dir: {streams}, max_mem: 256MB, max_file: 64GB, sync_interval: always }}\n"
            f"operator: {identities.operator_jwt}\nsystem_account: {identities.system_account}\n"
            f'resolver: {{ type: full, dir: {accounts}, allow_delete: false, interval: "2m", limit: 1000 }}\n'
            f"resolver_preload: {{\n{preload}}}\n"
        )
