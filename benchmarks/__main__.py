"""`python -m benchmarks [NAME …]`: run all cases or those named; print and keep the figures."""

from __future__ import annotations

import argparse
import asyncio
import importlib
from pathlib import Path

from benchmarks.result import keep, show

CASES = ("relay", "post_orders", "memory", "order_to_ready")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *CASES], help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--out", type=Path, default=Path(".fabmesh/benchmarks"), help="folder for the figures")
    given = parser.parse_args()
    for name in given.names or CASES:
        results = asyncio.run(importlib.import_module(f"benchmarks.{name}").run())
        show(results)
        print(f"kept in {keep(name, results, given.out)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
