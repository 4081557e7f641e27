"""One role and one database a service, made through a superuser's URL."""

import os
import re
import secrets
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from launcher.errors import SettingsError, StartError
from launcher.files import read_json, write_json
from launcher.programs import postgres_folder

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# psql quotes the variables: :'name' as a literal, %I as an identifier.
_SCRIPT = r"""
select format('create role %I login', :'name')
 where not exists (select from pg_roles where rolname = :'name') \gexec
select format('alter role %I password %L', :'name', :'password') \gexec
select format('grant %I to current_user', :'name')
 where not (select rolsuper from pg_roles where rolname = current_user) \gexec
select format('create database %I owner %I template template0', :'name', :'name')
 where not exists (select from pg_database where datname = :'name') \gexec
select format('revoke connect, temporary on database %I from public', :'name') \gexec
"""


class Databases:
    """Makes databases at `superuser_url` and keeps the roles' passwords in the file `secret` (mode 0600).

    Threads may share one.
    """

    def __init__(self, superuser_url: str, secret: Path) -> None:
        self._url = urlsplit(superuser_url)
        if self._url.scheme not in {"postgresql", "postgres"} or self._url.hostname is None:
            raise SettingsError("a database URL is postgresql://user:password@host:port/database")
        self._secret = secret
        self._writing = threading.Lock()

    def create(self, name: str) -> str:
        """A database, and a role of the same name that alone may connect; returns the role's URL. Idempotent."""
        url = self.url_of(name)
        self._run(_SCRIPT, {"name": name, "password": self._password(name)})
        return url

    def url_of(self, name: str) -> str:
        """The URL of the role `name` for its database, whether or not they were made yet."""
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} cannot name a database")
        password = self._password(name)
        host = self._url.netloc.rpartition("@")[2]
        return urlunsplit(("postgresql", f"{name}:{quote(password, safe='')}@{host}", f"/{name}", self._url.query, ""))

    def _password(self, name: str) -> str:
        with self._writing:
            known = read_json(self._secret)
            roles = known.setdefault("roles", {})
            if name not in roles:
                roles[name] = secrets.token_hex(24)
                write_json(self._secret, known)
            return str(roles[name])

    def _run(self, script: str, variables: dict[str, str]) -> None:
        command = [str(postgres_folder() / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
        command += [f"--dbname={self._without_password()}"]
        definitions = "".join(f"\\set {name} '{value}'\n" for name, value in variables.items())
        environment = dict(os.environ, PGPASSWORD=unquote(self._url.password or ""))
        done = subprocess.run(
            command, check=False, input=definitions + script, env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise StartError(f"the database refused to prepare {variables['name']}:\n{done.stderr.strip()}")

    def _without_password(self) -> str:
        user, _, host = self._url.netloc.rpartition("@")
        login = user.partition(":")[0]
        return urlunsplit(("postgresql", f"{login}@{host}" if login else host, self._url.path, self._url.query, ""))
