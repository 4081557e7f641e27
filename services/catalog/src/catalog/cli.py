"""`fabmesh-catalog seed`: publish a folder of designs over the public API."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from catalog.seeding import Edge, Outcome, publish_all

KEY_VARIABLE = "FABMESH_ADMIN_KEY"
SEED_INVENTORY = Path(__file__).parents[2] / "inventory"
"""The designs that come with the source tree; an installed package has no such folder."""


def add_commands(commands: Any) -> None:
    """Add `seed` to the service's commands."""
    seed = commands.add_parser("seed", help=f"publish a folder of designs; the key is read from {KEY_VARIABLE}")
    seed.add_argument(
        "--inventory", type=Path, default=SEED_INVENTORY, help="holds a folder a design: model.py, design.toml"
    )
    seed.add_argument("--edge", required=True, help="where the public API is reached, as http://127.0.0.1:8080")
    seed.add_argument("--patience", type=float, default=120.0, help="seconds to wait for services that are away")
    seed.set_defaults(run=_seed)


def _seed(given: argparse.Namespace) -> int:
    """Exit codes: 0 all are there, 1 one was refused, 2 wrong arguments."""
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        print(f"{KEY_VARIABLE} is not set", file=sys.stderr)
        return 2
    folders = sorted(each.parent for each in given.inventory.glob("*/design.toml"))
    if not folders:
        print(f"no design in {given.inventory}: a folder with model.py and design.toml is one", file=sys.stderr)
        return 2
    worst = 0
    for outcome in publish_all(folders, Edge(given.edge, key, given.patience)):
        print(_line(outcome), flush=True)
        worst = max(worst, 0 if outcome.accepted else 1)
    return worst


def _line(outcome: Outcome) -> str:
    return f"{outcome.name}: {outcome.detail}"
