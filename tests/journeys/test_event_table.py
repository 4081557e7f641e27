"""docs/events.md says what is declared in proto/, what the services listen to, and who really sent what."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from auditor.evidence import gather
from harness.event_table import declared, receivers, render
from harness.mesh import ROOT, Mesh

from messaging.connection import close, connect
from messaging.streams import stream_for

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
TABLE = ROOT / "docs/events.md"


async def test_the_table_is_what_the_mesh_does(mesh_instance: Mesh):
    known = mesh_instance.endpoints
    client = await connect(known["nats"], name="test", creds=Path(known["nats_creds"]))
    heard_by = await receivers(client)
    await close(client)
    rows = {row.subject: row for row in declared()}
    listened = {subject for subject in heard_by if not subject.startswith("hub.")}
    assert listened <= set(rows), "somebody listens to what nobody declared"
    assert all(stream_for(subject) for subject, row in rows.items() if row.kind != "req")
    seen = await gather(known, mesh_instance.data)
    assert set(seen.events) <= set(rows), "something was sent that nobody declared"
    table = render(list(rows.values()), heard_by)
    if os.environ.get("FABMESH_ACCEPT"):
        TABLE.write_text(table)
    assert TABLE.read_text() == table, "run this test with FABMESH_ACCEPT=1 and review docs/events.md"
