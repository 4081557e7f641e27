"""PostgreSQL out of a package: a data folder of its own, passwords, TCP on the loopback and no socket files."""

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from launcher.databases import Databases
from launcher.embedded import EmbeddedServer
from launcher.errors import StartError
from launcher.files import private_folder, read_json, write_json
from launcher.ports import LOOPBACK
from launcher.processes import ProcessIdentity
from launcher.programs import as_ordinary_user, postgres_folder

SUPERUSER = "postgres"
# Before it recovers from a kill PostgreSQL syncs all its files; one call for the file system instead of one a file
# makes of seconds fractions of one.
_DEFAULTS = {"recovery_init_sync_method": "syncfs"}


class EmbeddedPostgres(EmbeddedServer):
    """One server on `data_dir`. Port and passwords are chosen at the first start and kept.

    `settings` are given to the server as they are (`{"fsync": "off"}`). Call `start` from a thread that lives as long
    as the server should (see `launcher.processes.spawn`).
    """

    title = "PostgreSQL"
    # PostgreSQL's fast shutdown; SIGTERM would wait until every client has left.
    stop_signal = signal.SIGINT
    stop_s = 30.0
    # The children of a killed server hold its shared memory until they notice that they are orphans.
    passing_failures = ("pre-existing shared memory",)

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        secrets_dir: Path | None = None,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data_dir, port=port, secrets_dir=secrets_dir, log=log)
        self._secret = self.secrets_dir / "postgres.json"
        self._cluster = self.data_dir / "cluster"
        self._settings = dict(settings or {})

    @property
    def superuser_url(self) -> str:
        return f"postgresql://{SUPERUSER}:{quote(self._password(), safe='')}@{LOOPBACK}:{self.port}/postgres"

    @property
    def ready(self) -> bool:
        probe = [str(postgres_folder() / "pg_isready"), "-q", "-t", "2", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(probe, check=False, stdin=subprocess.DEVNULL).returncode == 0

    def prepare(self) -> None:
        if not self._cluster.exists():
            self._initialise()
        self._forget_the_dead()

    def argv(self) -> list[str]:
        fixed = {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "port": str(self.port)}
        options = [f"--{name}={value}" for name, value in (_DEFAULTS | self._settings | fixed).items()]
        return [*as_ordinary_user(), str(postgres_folder() / "postgres"), "-D", str(self._cluster), *options]

    def create_database(self, name: str) -> str:
        """A database and a role of that name which alone may connect to it; returns the role's URL. Idempotent."""
        return self.databases.create(name)

    @property
    def databases(self) -> Databases:
        """The databases of this server."""
        return Databases(self.superuser_url, self._secret)

    def _password(self) -> str:
        known = read_json(self._secret)
        if "superuser" not in known:
            known["superuser"] = secrets.token_hex(24)
            write_json(self._secret, known)
        return str(known["superuser"])

    def _initialise(self) -> None:
        """Makes the cluster beside its place and moves it there whole, so that half a cluster never counts as one."""
        fresh = private_folder(self.data_dir) / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.data_dir, prefix=".password-") as password:
            password.write(self._password())
            password.flush()
            command = [*as_ordinary_user(), str(postgres_folder() / "initdb"), "-D", str(fresh), "-U", SUPERUSER]
            command += ["--auth=scram-sha-256", f"--pwfile={password.name}", "--encoding=UTF8", "--no-sync"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"]
            done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise StartError(f"initdb failed:\n{done.stderr}")
        fresh.rename(self._cluster)

    def _forget_the_dead(self) -> None:
        """Removes the lock of a killed server whose process id belongs to somebody else by now."""
        lock = self._cluster / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ValueError, IndexError):
            return
        if ProcessIdentity.of(pid) and str(self._cluster).encode() not in command:
            lock.unlink()
