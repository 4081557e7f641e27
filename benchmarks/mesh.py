"""The embedded default, started as a user starts it, for the benchmarks that measure it whole."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def embedded(*options: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A running instance; its data folder and endpoints."""
    command = str(Path(sys.executable).parent / "fabmesh")
    with tempfile.TemporaryDirectory(prefix="fm-bench-") as scratch:
        data = Path(scratch) / "data"
        subprocess.run([command, "up", "--detach", "--data", str(data), *options], check=True)
        try:
            yield data, json.loads((data / "endpoints.json").read_text())
        finally:
            subprocess.run([command, "down", "--data", str(data)], check=True)


def status(data: Path) -> list[dict[str, Any]]:
    """Every part, as `fabmesh status --json` has it."""
    command = [str(Path(sys.executable).parent / "fabmesh"), "status", "--data", str(data), "--json"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return list(listed["parts"] if isinstance(listed, dict) else listed)
