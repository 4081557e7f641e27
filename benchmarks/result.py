"""One line of a benchmark, and how it is shown and kept."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """`ours` beside `peers` in one `unit`; `aim` says in words what their ratio, or `ours` alone, should be."""

    what: str
    ours: float
    unit: str
    peer: str = ""
    peers: float | None = None
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.peers else self.ours / self.peers


def show(results: Sequence[Result]) -> None:
    """Print a table."""
    print(f"{'what':58} {'ours':>12} {'peer':>12} {'ratio':>7}  aim")
    for each in results:
        peers = "" if each.peers is None else f"{each.peers:.4g}"
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
        note = f"[{each.unit}; peer: {each.peer or '-'}]"
        print(f"{each.what:58} {each.ours:>12.4g} {peers:>12} {ratio:>7}  {each.aim} {note}")


def keep(name: str, results: Sequence[Result], folder: Path) -> Path:
    """Write the results with machine and commit."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(
        json.dumps({**about, "results": [asdict(each) | {"ratio": each.ratio} for each in results]}, indent=2)
    )
    return path
