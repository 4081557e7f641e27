"""The machine's port: JSON lines over TCP, one request a line, one answer a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from typing import Any

from hub.data_folder import DataFolder, write_private
from hub.simulator.faults import BadRequest
from hub.simulator.machine import VirtualMachine
from hub.simulator.requests import Requests
from hub.simulator.settings import VirtualMachineConfig

log = logging.getLogger(__name__)

MAX_LINE_BYTES = 1024 * 1024
_MOST_CONNECTIONS = 32


class MachineServer:
    """Serves one machine to whoever connects."""

    def __init__(self, machine: VirtualMachine) -> None:
        self._machine = machine
        self._requests = Requests(machine)
        self._connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it ends."""
        self._connections += 1
        try:
            if self._connections <= _MOST_CONNECTIONS:
                while await self._serve_line(reader, writer):
                    pass
        except (ConnectionError, TimeoutError) as error:
            log.debug("connection lost: %s", error)
        finally:
            self._connections -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one line; False when the connection is to end."""
        try:
            line = await reader.readline()
        except ValueError:
            await _send(writer, _error("too-long", f"a line has at most {MAX_LINE_BYTES} bytes"))
            return False
        loop = asyncio.get_running_loop()
        if not line.endswith(b"\n") or loop.time() < self._machine.absent_until:
            return False
        await asyncio.sleep(max(0.0, self._machine.frozen_until - loop.time()))
        await _send(writer, await self._answer(line))
        return True

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            return _error("bad-request", f"no JSON: {error}")
        if not isinstance(request, dict):
            return _error("bad-request", "an object is wanted")
        try:
            return await self._requests.answer(request)
        except BadRequest as error:
            return _error(error.code, error.detail)
        except Exception:  # the loop that owns its handlers' faults
            log.exception("answering %r", line[:200])
            return _error("internal-error", "the machine failed on this request")


async def run(config: VirtualMachineConfig) -> None:
    """Serve a virtual machine until SIGTERM or SIGINT. Raises ConfigInvalid, JournalDamaged, OSError."""
    folder = DataFolder(config.data_dir)
    machine = VirtualMachine(config, folder.path)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(
        MachineServer(machine).serve, config.host, config.port, limit=MAX_LINE_BYTES, backlog=64
    )
    host, port = server.sockets[0].getsockname()[:2]
    write_private(folder.path / "address", f"{host}:{port}\n".encode())
    log.info("%s (%s) listens on %s:%d, %g times as fast", config.id, config.model.id, host, port, config.speed_up)
    life = asyncio.create_task(machine.run())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({life, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            life.result()
    finally:
        life.cancel()
        stopped.cancel()
        server.close()
        machine.close()
        folder.close()


async def _send(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    writer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
    await asyncio.wait_for(writer.drain(), 10)


def _error(code: str, detail: str) -> dict[str, Any]:
    return {"error": {"code": code, "detail": detail}}
