"""Programs that were uploaded and parts that were made, as files: they outlive the machine's process."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from hub.simulator.beads import Beads
from hub.simulator.faults import BadRequest
from hub.simulator.start_journal import Key

MAX_PROGRAM_BYTES = 256 * 1024 * 1024
_PARTS_KEPT = 16
_PROGRAMS_KEPT = 4
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ProgramStore:
    """Programs by their sha256. An upload comes in pieces, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        for left in folder.glob("*.part"):
            left.unlink()

    def path(self, sha256: str) -> Path:
        """Where a complete program lies. Raises BadRequest where there is none."""
        path = self._path(sha256)
        if not path.exists():
            raise BadRequest("unknown-program", f"no program {sha256[:12]}… was uploaded")
        return path

    def append(self, sha256: str, offset: int, piece: bytes, *, last: bool) -> int:
        """Take a piece that begins at `offset` (0 begins anew); answers how many bytes there are. Raises BadRequest."""
        path = self._path(sha256)
        part = path.with_suffix(".part")
        have = part.stat().st_size if part.exists() and offset else 0
        if offset != have:
            raise BadRequest("bad-upload", f"piece at {offset}; {have} bytes are here")
        if offset + len(piece) > MAX_PROGRAM_BYTES:
            raise BadRequest("bad-upload", f"more than {MAX_PROGRAM_BYTES} bytes")
        with part.open("ab" if offset else "wb") as file:
            file.write(piece)
        if last:
            if _sha256(part) != sha256:
                part.unlink()
                raise BadRequest("digest-mismatch", f"what came is not {sha256[:12]}…")
            part.replace(path)
            _keep_newest(self._folder, "*.gcode", _PROGRAMS_KEPT)
        return offset + len(piece)

    def _path(self, sha256: str) -> Path:
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise BadRequest("bad-request", "`sha256` is 64 hexadecimal digits")
        return self._folder / f"{sha256}.gcode"


class PartsStore:
    """What was deposited in the last jobs, for measuring after the bed was cleared."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def keep(self, key: Key, beads: Beads) -> None:
        """Put a finished job's beads by."""
        beads.save(self._path(key))
        _keep_newest(self._folder, "*.beads", _PARTS_KEPT)

    def get(self, key: Key) -> Beads:
        """A finished job's beads. Raises BadRequest where they are gone."""
        path = self._path(key)
        if not path.exists():
            raise BadRequest("parts-gone", "these parts are not here any more")
        return Beads.load(path)

    def _path(self, key: Key) -> Path:
        return self._folder / f"{hashlib.sha256(f'{key[0]}/{key[1]}'.encode()).hexdigest()[:32]}.beads"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep_newest(folder: Path, pattern: str, count: int) -> None:
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-count]:
        path.unlink()
