"""An agent and a virtual machine, real processes on a real server."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def kinds(reports: list[Any]) -> list[str]:
    return [str(report.WhichOneof("report")) for report in reports]


async def test_an_offer_becomes_measured_parts(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], tmp_path: Path
) -> None:
    machine = await machines()
    agents(machine)
    program = ring(layers=60, centres=((100.0, 100.0), (140.0, 100.0)), skirt=True)
    key = await network.offer(program, parts=2)

    assert await network.finals(key) == {key: "completed"}

    reports = [report for report, _ in network.reports]
    assert kinds(reports)[0] == "started"
    assert kinds(reports)[-1] == "completed"
    assert kinds(reports).count("progressed") >= 3
    assert [report.sequence for report in reports] == list(range(1, len(reports) + 1))
    completed = reports[-1].completed
    assert completed.program_sha256 == network.sha_by_job[key[0]]
    assert completed.used_g > 0
    assert completed.machine_minutes > 0
    found = {(each.part_id, each.characteristic): each.value for each in completed.measurements}
    assert set(found) == {(part, name) for part in ("part-0", "part-1") for name in ("width", "hole")}
    for part in ("part-0", "part-1"):
        assert found[part, "width"] == pytest.approx(20.0, abs=0.02)
        assert found[part, "hole"] == pytest.approx(20.0 - 2 * 0.45, abs=0.02)
    assert machine.starts() == [key]


async def test_reports_are_deduplicated_by_their_id_and_carry_the_orders_trace(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    agents(await machines())
    key = await network.offer(ring(layers=2))
    await network.finals(key)
    for report, msg in network.reports:
        event = json.loads(msg.data)
        assert msg.headers["Nats-Msg-Id"] == report.report_id == event["id"]
        assert event["correlationid"] == f"order-of-{key[0]}"
        assert event["traceparent"].split("-")[1] == "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_enrolment_waits_for_the_edge_and_is_kept(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], tmp_path: Path, comes_true: Any
) -> None:
    network.edge_away = True
    machine = await machines()
    agent = agents(machine)
    await comes_true(lambda: "trying again" in agent.log.read_text())
    network.edge_away = False
    await comes_true(lambda: network.heartbeats)
    for name in ("nats.seed", "credentials.json"):
        assert stat.S_IMODE((tmp_path / "agent" / name).stat().st_mode) == 0o600
    seed = (tmp_path / "agent" / "nats.seed").read_text()
    assert seed not in agent.log.read_text()

    assert agent.stop() == 0
    agent.start()
    key = await network.offer(ring(layers=2))
    assert await network.finals(key) == {key: "completed"}
    assert len(network.enrolments) == 1


async def test_a_refused_enrolment_ends_the_agent_with_the_reason(network: Any, machines: Any, agents: Any) -> None:
    agent = agents(await machines(), token="wrong")
    assert agent.process.wait(10) == 2
    assert "this token was used before" in agent.log.read_text()


async def test_a_refused_claim_starts_nothing(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    machine = await machines()
    agents(machine)
    refused = await network.offer(ring(layers=2), job="refused")
    network.refusals["refused"] = "the lease went elsewhere"
    granted = await network.offer(ring(layers=2))
    assert await network.finals(granted) == {granted: "completed"}
    assert machine.starts() == [granted]
    assert refused[0] in [claim.job_order_id for claim in network.claims]


async def test_an_offer_heard_often_is_started_once(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    machine = await machines()
    agents(machine)
    program = ring(layers=2)
    for _ in range(4):
        await network.offer(program, job="again")
    await network.finals(("again", 1))
    for _ in range(4):
        await network.offer(program, job="again")
    after = await network.offer(program)
    await network.finals(after)
    assert machine.starts() == [("again", 1), after]


async def test_one_machine_makes_one_job_at_a_time_and_two_machines_two(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    one, other = await machines("m1"), await machines("m2")
    agents(one, other)
    program = ring(layers=10)
    keys = [await network.offer(program, machine=network.machines[number % 2]) for number in range(4)]
    assert set((await network.finals(*keys)).values()) == {"completed"}
    assert one.starts() == keys[0::2]
    assert other.starts() == keys[1::2]
    events = [each["event"] for each in one.journal()]
    assert events == ["started", "ended", "cleared"] * 2 or events == [*["started", "ended", "cleared"] * 2][:-1]


async def test_a_spoilt_program_is_never_started(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    network.spoil_download = True
    machine = await machines()
    agents(machine)
    key = await network.offer(ring(layers=2))
    assert await network.finals(key) == {key: "aborted: digest-mismatch"}
    assert not machine.folder.joinpath("starts.jsonl").read_text()


async def test_a_faulty_program_is_reported_with_its_fault(network: Any, machines: Any, agents: Any) -> None:
    agents(await machines())
    key = await network.offer("G28\nG1 X10 Y10 E1 F600\n")
    assert await network.finals(key) == {key: "aborted: cold-extrusion"}
    reports = [report for report, _ in network.reports]
    assert kinds(reports) == ["started", "aborted"]


async def test_what_is_no_offer_does_not_stop_the_offers_behind_it(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    agents(await machines())
    for body in (b"", b"{", b'{"type":"fabmesh.hub.v1.JobOffered","data":{}}', b"[]"):
        await network.client.jetstream().publish(f"hub.{network.hub_id}.jobs.{network.machines[0]}", body)
    key = await network.offer(ring(layers=2))
    assert await network.finals(key) == {key: "completed"}
