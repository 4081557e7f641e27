"""A client of a machine's port: JSON lines over TCP, one question at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from hub.errors import MachineOffline, MachineRefused

_MAX_LINE_BYTES = 4 * 1024 * 1024


class MachinePort:
    """A connection that is made when needed and made again when lost."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """The answer to a request.

        Raises MachineRefused when the answer is no, and MachineOffline when none comes in time: whether the request
        was carried out is then not known.
        """
        try:
            async with asyncio.timeout(timeout_s), self._turn:
                answer = await self._exchange(request)
        except (OSError, ValueError, TimeoutError, EOFError) as error:
            reason = "does not answer" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
            raise MachineOffline(f"{self._host}:{self._port}: {reason}") from error
        if "error" in answer:
            why = answer["error"]
            raise MachineRefused(str(why.get("code")), str(why.get("detail")))
        return answer

    async def close(self) -> None:
        """Close the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    async def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=_MAX_LINE_BYTES)
        reader, writer = self._streams
        done = False
        try:
            writer.write(json.dumps(request, separators=(",", ":")).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
            if not line.endswith(b"\n"):
                raise EOFError("the connection was closed")
            answer = json.loads(line)
            if not isinstance(answer, dict):
                raise ValueError("the answer is no object")  # noqa: TRY004 - it is what came over the wire
            done = True
            return answer
        finally:
            if not done:  # also when cancelled: a late answer must not be taken for the next one's
                self._streams = None
                writer.close()
