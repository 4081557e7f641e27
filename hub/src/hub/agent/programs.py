"""Programs on their way from the network to a machine."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from urllib.parse import urljoin

from hub.agent.back_off import BackOff
from hub.agent.jobs import Job
from hub.agent.leases import Lease
from hub.agent.web import download
from hub.errors import DownloadFailed, DownloadForbidden, ProgramUnusable

log = logging.getLogger(__name__)

_MOST_TRIES = 4
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Programs:
    """Fetches programs into a folder, which is emptied at the start."""

    def __init__(self, folder: Path, *, edge_url: str, max_bytes: int) -> None:
        self._folder = folder
        self._edge_url = edge_url
        self._max_bytes = max_bytes
        folder.mkdir(exist_ok=True)
        for left in folder.iterdir():
            left.unlink()

    async def fetch(self, job: Job, lease: Lease) -> Path:
        """The program that a lease grants, checked.

        Raises ProgramUnusable when it is not what was promised, DownloadForbidden when the key is not good (any more),
        DownloadFailed when it cannot be had.
        """
        offered = job.offered().program_sha256
        if not _SHA256.fullmatch(lease.program_sha256) or offered not in ("", lease.program_sha256):
            raise ProgramUnusable(f"granted {lease.program_sha256[:12]!r}…, offered {offered[:12]!r}…")
        target = self._folder / f"{job.machine_id}-{lease.program_sha256}.program"
        url = urljoin(self._edge_url + "/", lease.program_url)
        back_off = BackOff()
        for attempt in range(1, _MOST_TRIES + 1):
            try:
                await asyncio.to_thread(
                    download,
                    url,
                    lease.download_key,
                    target,
                    sha256=lease.program_sha256,
                    max_bytes=self._max_bytes,
                )
            except DownloadForbidden:
                raise
            except DownloadFailed as error:
                log.warning("%s: program: %s", job.key[0], error)
                if attempt == _MOST_TRIES:
                    raise
                await back_off.wait()
            else:
                return target
        raise AssertionError("unreachable")

    def discard(self, program: Path) -> None:
        """Delete a program that the machine has."""
        program.unlink(missing_ok=True)
