"""`fabmesh-<service> run | migrate | openapi`: the same three commands for every service."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import uvloop
from pydantic import ValidationError

from chassis.http import build
from chassis.migrate import migrate
from chassis.process import run_until_signalled
from chassis.service import ROLES, Service

Extend = Callable[[Any], None]
"""Adds a service's own commands to argparse's subparsers; each sets `run`: parsed arguments → exit code."""


def main(service: Service[Any], argv: Sequence[str] | None = None, extend: Extend | None = None) -> int:
    """Parse and carry out one command. Exit codes: 0 done, 2 wrong arguments or settings."""
    parser = argparse.ArgumentParser(prog=f"fabmesh-{service.name}", description=service.title)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run in some or all roles until SIGTERM")
    run.add_argument("--roles", default=",".join(ROLES), help=f"comma-separated, of {', '.join(service.roles)}")
    run.set_defaults(run=lambda given: _run(service, given.roles))
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(
        run=lambda _: _migrate(service)
    )
    commands.add_parser("openapi", help="print the OpenAPI document").set_defaults(run=lambda _: _openapi(service))
    if extend is not None:
        extend(commands)
    given = parser.parse_args(argv)
    return int(given.run(given) or 0)


def load_settings(service: Service[Any]) -> Any:
    """The settings from the environment; ends the process with what is wrong where they are incomplete."""
    try:
        return service.settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "FABMESH_" + "_".join(map(str, wrong["loc"])).upper()
            print(f"{name}: {wrong['msg']}", file=sys.stderr)
        raise SystemExit(2) from None


def _run(service: Service[Any], roles: str) -> int:
    chosen = frozenset(filter(None, roles.split(",")))
    if unknown := chosen - set(service.roles):
        print(f"unknown role {', '.join(sorted(unknown))}; known: {', '.join(service.roles)}", file=sys.stderr)
        return 2
    uvloop.run(run_until_signalled(service, load_settings(service), chosen))
    return 0


def _migrate(service: Service[Any]) -> int:
    done = asyncio.run(migrate(service.migrations, load_settings(service)))
    print("\n".join(f"applied {revision}" for revision in done) or "up to date")
    return 0


def _openapi(service: Service[Any]) -> int:
    schema = build(service.title, service.routers, limit_bytes=0).openapi()
    print(json.dumps(schema, indent=2, sort_keys=True))
    return 0
