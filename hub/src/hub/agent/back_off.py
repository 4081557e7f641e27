"""Waiting longer after each failure."""

from __future__ import annotations

import asyncio
import random

_FIRST_S = 0.2
_LONGEST_S = 5.0


class BackOff:
    """0.2, 0.4, 0.8 … 5 seconds, each with a fifth of jitter."""

    def __init__(self) -> None:
        self._next_s = _FIRST_S

    async def wait(self) -> None:
        """Wait, the next time twice as long."""
        await asyncio.sleep(self._next_s * random.uniform(0.8, 1.2))
        self._next_s = min(_LONGEST_S, 2 * self._next_s)

    def reset(self) -> None:
        """It went well: begin anew."""
        self._next_s = _FIRST_S
