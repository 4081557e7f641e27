"""What can be asked of a virtual machine: one JSON object a request, `do` says what.

status · upload {sha256, offset, data (base64), last} · start {job_order, token, sha256, material_id, copies} ·
cancel {job_order, token} · outcome {job_order, token} · settle {job_order, token} (bars what was never started) ·
measure {job_order, token, placements, characteristics, reading} · clear · fault {kind, fraction, mm, seconds}
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Any

from hub.simulator.faults import BadRequest, OrderedFault
from hub.simulator.machine import VirtualMachine
from hub.simulator.measuring import Feature
from hub.simulator.placement import Placement
from hub.simulator.start_journal import Key

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_MOST_COPIES = 1000
_MOST_FEATURES = 200

Request = dict[str, Any]
Answer = dict[str, Any]


class Requests:
    """Answers requests with one machine."""

    def __init__(self, machine: VirtualMachine) -> None:
        self._machine = machine
        self._known: dict[str, Callable[[Request], Awaitable[Answer]]] = {
            "status": self._status,
            "upload": self._upload,
            "start": self._start,
            "cancel": self._cancel,
            "outcome": self._outcome,
            "settle": self._settle,
            "measure": self._measure,
            "clear": self._clear,
            "fault": self._fault,
        }

    async def answer(self, request: Request) -> Answer:
        """The answer. Raises BadRequest."""
        handler = self._known.get(str(request.get("do")))
        if handler is None:
            raise BadRequest("unknown-request", f"`do` is one of {', '.join(self._known)}")
        return await handler(request)

    async def _status(self, _: Request) -> Answer:
        return self._machine.status()

    async def _upload(self, request: Request) -> Answer:
        try:
            piece = base64.b64decode(_text(request, "data"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadRequest("bad-request", f"`data` is no base64: {error}") from error
        offset = _whole(request, "offset", 0, 1 << 40)
        last = request.get("last") is True
        return {"bytes": self._machine.programs.append(_text(request, "sha256"), offset, piece, last=last)}

    async def _start(self, request: Request) -> Answer:
        key = _key(request)
        self._machine.start(
            key,
            sha256=_text(request, "sha256"),
            material_id=str(request.get("material_id", "")),
            copies=_whole(request, "copies", 1, _MOST_COPIES, default=1),
        )
        return self._machine.outcome(key)

    async def _cancel(self, request: Request) -> Answer:
        key = _key(request)
        self._machine.cancel(key)
        return self._machine.outcome(key)

    async def _outcome(self, request: Request) -> Answer:
        return self._machine.outcome(_key(request))

    async def _settle(self, request: Request) -> Answer:
        return self._machine.settle(_key(request))

    async def _measure(self, request: Request) -> Answer:
        placements = [Placement.from_matrix(_list(each)) for each in _list(request.get("placements"), _MOST_COPIES)]
        features = [Feature.from_request(row) for row in _list(request.get("characteristics"), _MOST_FEATURES)]
        reading = _whole(request, "reading", 1, 1_000_000, default=1)
        found = await asyncio.to_thread(self._machine.measure, _key(request), placements, features, reading=reading)
        return {"measurements": found}

    async def _clear(self, _: Request) -> Answer:
        self._machine.clear()
        return self._machine.status()

    async def _fault(self, request: Request) -> Answer:
        self._machine.order_fault(OrderedFault.from_request(request))
        return self._machine.status()


def _key(request: Request) -> Key:
    job_order = _text(request, "job_order")
    if not _ID.fullmatch(job_order):
        raise BadRequest("bad-request", f"job_order {job_order[:40]!r}")
    return job_order, _whole(request, "token", 0, (1 << 63) - 1)


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise BadRequest("bad-request", f"`{name}` is wanted, a text")
    return value


def _whole(request: Request, name: str, low: int, high: int, *, default: int | None = None) -> int:
    value = request.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadRequest("bad-request", f"`{name}` is wanted, a whole number from {low} to {high}")
    return value


def _list(value: Any, most: int = 16) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BadRequest("bad-request", f"a list of at most {most} is wanted")
    return value
