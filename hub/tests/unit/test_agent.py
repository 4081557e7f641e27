import asyncio
import json
from pathlib import Path

import pytest

from fabmesh.hub.v1.hub_pb2 import JobReported
from fabmesh.types.v1.types_pb2 import Measurement
from hub.agent.credentials import Credentials, EnrolledMachine
from hub.agent.jobs import Job
from hub.agent.journal import Journal
from hub.agent.link import Link
from hub.agent.reports import Reports
from hub.agent.service import machine_ids, together
from hub.config import AgentConfig, MachineEntry
from hub.drivers import Outcome
from hub.errors import ConfigInvalid, JournalUnwritable
from messaging.envelope import uuid7
from messaging.identity import MAX_HUB_PAYLOAD_BYTES
from messaging.structured import from_json

CREDENTIALS = Credentials("h1", "nats://127.0.0.1:4222", "jwt", (EnrolledMachine("m1", "left", "prusa-mk4"),))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def queued(journal: Journal) -> Job:
    job = journal.offer(Job(("j", 7), "m1", {"jobOrderId": "j"}, "order-1", "cause-1", {}))
    assert job is not None
    return job


def last(journal: Journal, job: Job) -> tuple[dict[str, object], JobReported]:
    body = job.reports[-1].body.encode()
    return json.loads(body), from_json(body, JobReported)[1]


def test_reports_are_numbered_and_stand_in_the_journal_before_they_go_out(journal: Journal) -> None:
    reports, job = Reports(Link(CREDENTIALS, "", ""), journal, hub_id="h1"), queued(journal)
    reports.started(job)
    reports.progressed(job, 0.3)
    reports.aborted(job, "machine-fault", "x" * 9000)
    assert [(each.sequence, each.kind, each.fraction) for each in job.reports] == [
        (1, "started", 0.0),
        (2, "progressed", 0.3),
        (3, "aborted", 0.0),
    ]
    event, report = last(journal, job)
    assert event["id"] == report.report_id == job.reports[-1].id
    assert event["correlationid"] == "order-1"
    assert event["causationid"] == "cause-1"
    assert (report.job_order_id, report.fencing_token, report.machine_id) == ("j", 7, "m1")
    assert len(report.aborted.reason.detail) == 500
    assert job.ended == "aborted"
    unsent = journal.unsent()
    assert unsent is not None
    assert unsent.sequence == 1


def test_more_measurements_than_a_message_holds_are_left_out(journal: Journal) -> None:
    reports, job = Reports(Link(CREDENTIALS, "", ""), journal, hub_id="h1"), queued(journal)
    many = [
        Measurement(part_id=uuid7(), characteristic="Größe" * 5, value=1 / 3, unit="mm", instrument="caliper")
        for _ in range(2000)
    ]
    reports.completed(job, Outcome("completed", used_g=1 / 3, machine_minutes=1e6 / 3, sha256="0" * 64), many)
    _, report = last(journal, job)
    assert 200 < len(report.completed.measurements) < 2000
    assert len(job.reports[-1].body.encode()) < MAX_HUB_PAYLOAD_BYTES


def config(*entries: MachineEntry) -> AgentConfig:
    return AgentConfig(Path("/x"), "http://x", "", "", entries)


def test_machines_are_found_by_their_id_or_their_registered_name() -> None:
    by_name = MachineEntry("", "left", "", "virtual", "127.0.0.1:1")
    by_id = MachineEntry("m9", "", "", "virtual", "127.0.0.1:2")
    assert machine_ids(config(by_name, by_id), CREDENTIALS) == {"m1": by_name, "m9": by_id}
    with pytest.raises(ConfigInvalid, match="registered: left"):
        machine_ids(config(MachineEntry("", "right", "", "virtual", "127.0.0.1:1")), CREDENTIALS)
    with pytest.raises(ConfigInvalid, match="twice"):
        machine_ids(config(by_name, MachineEntry("m1", "", "", "virtual", "127.0.0.1:2")), CREDENTIALS)


async def test_what_cannot_be_remembered_ends_the_agent_with_its_reason() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise JournalUnwritable("the disk is full")

    with pytest.raises(JournalUnwritable, match="full"):
        await together([forever(), fail()])
