"""libGL.so.1 without root: CadQuery's kernel is linked to it, a bare machine does not have it.

`python -m launcher.libgl DIR` prints what LD_LIBRARY_PATH must be: what it is where the library is found already, else
with a folder under DIR in front, into which the distribution's packages are unpacked (4 MB, at the first call).
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher.errors import LauncherError

LIBRARY = "libGL.so.1"
# libgl1 itself depends on Mesa's drivers, which nothing here draws with: these are what the linker asks for.
PACKAGES = (
    "libgl1",
    "libglvnd0",
    "libglx0",
    "libx11-6",
    "libxcb1",
    "libxau6",
    "libxdmcp6",
    "libbsd0",
    "libmd0",
)


def library_path(folder: Path) -> str:
    """The value of LD_LIBRARY_PATH with which libGL.so.1 is found; as it is (often empty) where it is found already.

    Raises LauncherError where it is missing and there is no apt to bring it.
    """
    before = os.environ.get("LD_LIBRARY_PATH", "")
    if _loads(LIBRARY):
        return before
    found = _unpacked(folder)
    if found is None:
        _bring(folder)
        found = _unpacked(folder)
    if found is None:
        raise LauncherError(f"{LIBRARY} is missing: install the package libgl1")
    return f"{found}:{before}" if before else str(found)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _unpacked(folder: Path) -> Path | None:
    for library in folder.glob(f"usr/lib/*/{LIBRARY}"):
        return library.parent
    return None


def _bring(folder: Path) -> None:
    """Unpacks the packages beside `folder` and moves them there whole."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise LauncherError(f"{LIBRARY} is missing, and so is apt-get: install libgl1 in your system's way")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".libgl-") as scratch:
        tree = Path(scratch) / "tree"
        _download(scratch)
        for archive in sorted(Path(scratch).glob("*.deb")):
            _run(["dpkg", "-x", str(archive), str(tree)], scratch)
        shutil.rmtree(folder, ignore_errors=True)
        tree.rename(folder)


def _download(folder: str) -> None:
    """Fetches the packages; where the system has no lists of packages, by lists of our own."""
    apt = ["apt-get", "-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    try:
        _run(["apt-get", "download", *PACKAGES], folder)
    except LauncherError:
        for own in ("lists/partial", "cache/archives/partial"):
            (Path(folder) / own).mkdir(parents=True)
        _run([*apt, "update"], folder)
        _run([*apt, "download", *PACKAGES], folder)


def _run(command: list[str], cwd: str) -> None:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise LauncherError(f"{LIBRARY} is missing, and {command[0]} cannot bring it:\n{done.stderr.strip()}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m launcher.libgl DIR", file=sys.stderr)
        return 2
    try:
        print(library_path(Path(arguments[0]).resolve()))
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
