"""`make check`: the committed Python of the contracts is what proto/ generates today."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).parents[2] / "proto"


def differences(fresh: Path, committed: Path) -> list[str]:
    """Names of generated files that are missing, stray or different."""
    names = {p.relative_to(root) for root in (fresh, committed) for p in root.rglob("*_pb2.py*") if p.suffix != ".pyc"}
    return sorted(
        str(name)
        for name in names
        if not (fresh / name).exists()
        or not (committed / name).exists()
        or not filecmp.cmp(fresh / name, committed / name, shallow=False)
    )


def main() -> int:
    """Generate into a scratch folder and compare."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["buf", "generate", "-o", scratch], cwd=PROTO, env=environment, check=True, capture_output=True)
        wrong = differences(Path(scratch) / "gen/python", PROTO / "gen/python")
    if wrong:
        sys.stderr.write("generated code is not current (run make contracts): " + ", ".join(wrong) + "\n")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
