"""The driver of a virtual machine: JSON lines over TCP."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.drivers import Key, MachineState, Outcome, Reading, StartRequest, ToMeasure
from hub.machine_port import MachinePort

_ANSWER_S = 2.0
_MEASURE_S = 60.0
_PIECE_BYTES = 256 * 1024


class VirtualDriver:
    """One virtual machine at host:port."""

    def __init__(self, host: str, port: int) -> None:
        self._port = MachinePort(host, port)

    async def status(self) -> MachineState:
        answer = await self._ask("status")
        key = (str(answer["job_order"]), int(answer["token"])) if "job_order" in answer else None
        return MachineState(str(answer["state"]), key, float(answer.get("fraction", 0.0)))

    async def upload(self, program: Path, sha256: str) -> None:
        offset = 0
        with program.open("rb") as file:
            piece = file.read(_PIECE_BYTES)
            while piece:
                following = file.read(_PIECE_BYTES)
                data = base64.b64encode(piece).decode()
                await self._ask("upload", sha256=sha256, offset=offset, data=data, last=not following)
                offset += len(piece)
                piece = following

    async def start(self, request: StartRequest) -> None:
        await self._ask(
            "start",
            **_names(request.key),
            sha256=request.sha256,
            material_id=request.material_id,
            copies=request.copies,
        )

    async def settle(self, key: Key) -> Outcome:
        return _outcome(await self._ask("settle", **_names(key)))

    async def cancel(self, key: Key) -> Outcome:
        return _outcome(await self._ask("cancel", **_names(key)))

    async def clear_bed(self) -> None:
        await self._ask("clear")

    async def measure(
        self, key: Key, placements: Sequence[Sequence[float]], characteristics: Sequence[ToMeasure]
    ) -> list[Reading]:
        answer = await self._ask(
            "measure",
            timeout_s=_MEASURE_S,
            **_names(key),
            placements=[list(each) for each in placements],
            characteristics=[
                {"name": each.name, "feature": each.feature, "at": list(each.at), "instrument": each.instrument}
                for each in characteristics
            ],
        )
        return [
            Reading(int(row["part"]), str(row["characteristic"]), float(row["value"]), str(row["instrument"]))
            for row in answer["measurements"]
        ]

    async def close(self) -> None:
        await self._port.close()

    async def _ask(self, what: str, *, timeout_s: float = _ANSWER_S, **fields: Any) -> dict[str, Any]:
        return await self._port.ask({"do": what} | fields, timeout_s=timeout_s)


def _names(key: Key) -> dict[str, Any]:
    return {"job_order": key[0], "token": key[1]}


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Outcome(
        state=str(answer["outcome"]),
        reason=str(answer["reason"]),
        detail=str(answer["detail"]),
        sha256=str(answer["sha256"]),
        used_g=float(answer["used_g"]),
        machine_minutes=float(answer["machine_minutes"]),
    )
