"""`python -m messaging.apply`: create or update the streams on the server that FABMESH_NATS_URL names."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from messaging.connection import close, connect
from messaging.streams import apply


async def _run() -> None:
    creds = os.environ.get("FABMESH_NATS_CREDS")
    client = await connect(os.environ["FABMESH_NATS_URL"], name="streams", creds=Path(creds) if creds else None)
    try:
        for line in await apply(client.jetstream()):
            sys.stdout.write(line + "\n")
    finally:
        await close(client)


if __name__ == "__main__":
    asyncio.run(_run())
