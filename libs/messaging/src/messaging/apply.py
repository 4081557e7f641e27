"""`python -m messaging.apply`: create or update the streams on the server that FABMESH_NATS_URL names.

The object store of artefacts is among them where FABMESH_ARTEFACTS says that it is used (`jetstream://artefacts`).
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from messaging.connection import close, connect
from messaging.streams import ARTEFACTS, STREAMS, apply


def _wants_object_store() -> bool:
    return os.environ.get("FABMESH_ARTEFACTS", "").startswith("jetstream:")


async def _run() -> None:
    creds = os.environ.get("FABMESH_NATS_CREDS")
    client = await connect(os.environ["FABMESH_NATS_URL"], name="streams", creds=Path(creds) if creds else None)
    try:
        streams = (*STREAMS, ARTEFACTS) if _wants_object_store() else STREAMS
        for line in await apply(client.jetstream(), streams):
            sys.stdout.write(line + "\n")
    finally:
        await close(client)


if __name__ == "__main__":
    asyncio.run(_run())
