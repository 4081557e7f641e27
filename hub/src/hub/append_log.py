"""An append-only log of JSON lines that survives a crash at any byte.

A record counts once its line is on the disk with its newline. A last line without one is what a crash left of a record
that nobody was told of, and is dropped at the next opening. Anything unreadable before it no crash explains.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hub.errors import JournalDamaged, JournalUnwritable

Record = dict[str, Any]


class AppendLog:
    """The log at `path`; made when absent. One process at a time (see `hub.data_folder`)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cut_torn_line()
        self._file = path.open("ab", buffering=0)
        _sync_folder(path.parent)

    def __iter__(self) -> Iterator[Record]:
        """All records, the oldest first. Raises JournalDamaged."""
        return read_records(self._path)

    def append(self, *records: Record) -> None:
        """Write records and return when the disk has them. Raises JournalUnwritable, and then has none of them."""
        before = self._file.tell()
        rest = memoryview(b"".join(map(_line, records)))
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(before)
            raise JournalUnwritable(f"{self._path}: {error.strerror}") from error

    def rewrite(self, records: Iterable[Record]) -> None:
        """Put `records` in the place of all that is there, at once."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(map(_line, records))
            file.flush()
            os.fsync(file.fileno())
        self._file.close()
        fresh.replace(self._path)
        self._file = self._path.open("ab", buffering=0)
        _sync_folder(self._path.parent)

    @property
    def size_bytes(self) -> int:
        """How long the file is."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _cut_torn_line(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("r+b") as file:
            keep = file.read().rfind(b"\n") + 1
            file.truncate(keep)
            file.flush()
            os.fsync(file.fileno())


def read_records(path: Path) -> Iterator[Record]:
    """The records of a log that somebody may be writing: a last line without its newline is left out."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError as error:
                raise JournalDamaged(f"{path}, line {number}: {error}") from error
            if not isinstance(record, dict):
                raise JournalDamaged(f"{path}, line {number}: no object")
            yield record


def _line(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
