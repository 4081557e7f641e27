"""`fabmesh dead-letters list | show | replay`: messages that a handler finally failed on."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from rich.console import Console
from rich.table import Table

from launcher.errors import LauncherError, NotRunningError
from launcher.files import read_json
from launcher.folder import DataFolder
from messaging.connection import close, connect
from messaging.dead_letters import DeadLetter, browse, get, replay


def add_to(commands: Any) -> None:
    """Adds the command to argparse's subparsers."""
    parser = commands.add_parser("dead-letters", help="list, show and replay messages that could not be handled")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all of them, or one service's")
    listing.add_argument("--service", help="only those of this service")
    listing.add_argument("--json", action="store_true", help="a JSON object a line")
    listing.set_defaults(act=_list)
    showing = actions.add_parser("show", help="one of them, whole")
    showing.add_argument("sequence", type=int, help="its number in the list")
    showing.set_defaults(act=_show)
    replaying = actions.add_parser("replay", help="send them where they came from, and take them off the list")
    replaying.add_argument("sequence", type=int, nargs="*", help="their numbers in the list")
    replaying.add_argument("--all", action="store_true", help="every one (with --service: of that service)")
    replaying.add_argument("--service")
    replaying.set_defaults(act=_replay)
    for action in (listing, showing, replaying):
        action.add_argument("--data", type=Path, default=Path(".fabmesh"), metavar="DIR", help="default: %(default)s")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Carries the command out; returns the exit code. Raises LauncherError."""
    return asyncio.run(_act(given))


async def _act(given: argparse.Namespace) -> int:
    async with _stream(DataFolder(given.data.resolve())) as js:
        await given.act(js, given)
    return 0


@asynccontextmanager
async def _stream(folder: DataFolder) -> AsyncIterator[JetStreamContext]:
    known = read_json(folder.endpoints)
    if not known:
        raise NotRunningError(f"nothing runs on {folder.root}")
    creds = known.get("nats_creds")
    client = await connect(known["nats"], name="dead-letters", creds=Path(creds) if creds else None)
    try:
        yield client.jetstream()
    finally:
        await close(client)


async def _list(js: JetStreamContext, given: argparse.Namespace) -> None:
    letters = [letter async for letter in browse(js, service=given.service)]
    if given.json:
        for letter in letters:
            print(json.dumps(_described(letter)))
        return
    if not letters:
        print("no dead letters")
        return
    table = Table(box=None, header_style="bold")
    for title in ("number", "handler", "message", "tries", "died at", "reason"):
        table.add_column(title, overflow="fold")
    for letter in letters:
        row = (letter.queue, letter.subject, letter.attempts, letter.at[:19], letter.reason)
        table.add_row(str(letter.sequence), *map(str, row))
    Console().print(table)


async def _show(js: JetStreamContext, given: argparse.Namespace) -> None:
    letter = await _one(js, given.sequence)
    print(json.dumps(_described(letter) | {"headers": dict(letter.headers), "data": letter.data.hex()}, indent=2))


async def _replay(js: JetStreamContext, given: argparse.Namespace) -> None:
    if bool(given.sequence) == given.all:
        raise LauncherError("name the numbers to replay, or --all")
    if given.all:
        letters = [letter async for letter in browse(js, service=given.service)]
    else:
        letters = [await _one(js, sequence) for sequence in given.sequence]
    for letter in letters:
        await replay(js, letter)
        print(f"{letter.sequence} sent to {letter.subject} again")


async def _one(js: JetStreamContext, sequence: int) -> DeadLetter:
    try:
        return await get(js, sequence)
    except NotFoundError:
        raise LauncherError(f"there is no dead letter {sequence}") from None


def _described(letter: DeadLetter) -> dict[str, Any]:
    return {
        "number": letter.sequence,
        "handler": letter.queue,
        "subject": letter.subject,
        "id": letter.headers.get("ce-id", ""),
        "aggregate": letter.headers.get("ce-subject", ""),
        "attempts": letter.attempts,
        "at": letter.at,
        "reason": letter.reason,
    }
