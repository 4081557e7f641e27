"""Logs: one line an event on stderr, its fields as key=value, with the trace's id where there is one."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

_BRIEF = {"WARNING": "WARN", "CRITICAL": "FATAL"}


class _Line(logging.Formatter):
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, trace_id: Callable[[], str] | None) -> None:
        super().__init__()
        self.converter = time.gmtime
        self._trace_id = trace_id

    def format(self, record: logging.LogRecord) -> str:
        level = _BRIEF.get(record.levelname, record.levelname)
        text = " ".join(record.getMessage().split("\n"))
        line = f"{self.formatTime(record)} {level:<5} {record.name} {text}"
        found = self._trace_id() if self._trace_id else ""
        if found:
            line += f" trace={found}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def start(*, verbose: bool, trace_id: Callable[[], str] | None = None) -> None:
    """Log to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(trace_id))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
