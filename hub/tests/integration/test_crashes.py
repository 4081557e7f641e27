"""What is killed, cut off or lost under way: nothing starts twice, and everything is reported once."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def kinds(network: Any) -> list[str]:
    return [str(report.WhichOneof("report")) for report, _ in network.reports]


async def running(machine: Any) -> bool:
    return (await machine.ask("status"))["state"] == "running"


async def test_an_agent_killed_under_way_goes_on_watching(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=60)
    agent = agents(machine)
    key = await network.offer(ring(layers=40))
    await comes_true(lambda: running(machine))
    agent.kill()
    agent.start()
    assert await network.finals(key) == {key: "completed"}
    assert machine.starts() == [key]
    assert kinds(network).count("started") == 1


async def test_a_job_that_ends_while_the_agent_is_dead_is_reported(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines()
    agent = agents(machine)
    key = await network.offer(ring(layers=20))
    await comes_true(lambda: running(machine))
    agent.kill()

    async def finished() -> bool:
        return not await running(machine)

    await comes_true(finished)
    agent.start()
    assert await network.finals(key) == {key: "completed"}
    assert [r.completed.measurements[0].characteristic for r, _ in network.reports if r.HasField("completed")]
    assert machine.starts() == [key]


async def test_an_agent_killed_before_its_start_arrived_never_starts_again(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], tmp_path: Path, comes_true: Any
) -> None:
    machine = await machines()
    agent = agents(machine)
    await comes_true(lambda: network.heartbeats)
    agent.kill()
    network.refusals["torn"] = "not yet"
    key = await network.offer(ring(layers=5), job="torn")
    agent.start()
    await comes_true(lambda: network.claims)
    agent.kill()
    journal = tmp_path / "agent" / "journal.jsonl"
    kept = [line for line in journal.read_text().splitlines() if '"ended"' not in line]
    kept.append(json.dumps({"r": "starting", "job": "torn", "token": 1}))
    journal.write_text("\n".join(kept) + "\n")

    del network.refusals["torn"]
    agent.start()
    assert await network.finals(key) == {key: "aborted: agent-restarted"}
    assert machine.starts() == []
    await network.offer(ring(layers=5), job="torn")
    after = await network.offer(ring(layers=5))
    assert (await network.finals(after))[after] == "completed"
    assert machine.starts() == [after]


async def test_a_machine_killed_under_way_loses_the_job_and_takes_the_next(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=60)
    agents(machine)
    lost = await network.offer(ring(layers=40))
    await comes_true(lambda: running(machine))
    machine.program.kill()
    await machine.start()
    assert await network.finals(lost) == {lost: "aborted: machine-restarted"}
    after = await network.offer(ring(layers=2))
    assert (await network.finals(after))[after] == "completed"
    assert machine.starts() == [lost, after]


async def test_reports_wait_for_the_server_and_keep_their_order(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any, nats_server: Any
) -> None:
    machine = await machines()
    agents(machine)
    key = await network.offer(ring(layers=30))
    await comes_true(lambda: running(machine))
    nats_server.kill()
    try:

        async def finished() -> bool:
            return not await running(machine)

        await comes_true(finished)
    finally:
        nats_server.start()  # from this thread: the server ends with the one that started it
    assert await network.finals(key) == {key: "completed"}
    reports = [report for report, _ in network.reports]
    assert [report.sequence for report in reports] == list(range(1, len(reports) + 1))
    assert len({report.report_id for report in reports}) == len(reports)


async def test_a_lost_lease_stops_the_machine_and_says_nothing_more(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=30)
    agents(machine)
    lost = await network.offer(ring(layers=60))
    await comes_true(lambda: running(machine))
    network.lost[lost] = "allocated elsewhere"
    after = await network.offer(ring(layers=2))
    assert await network.finals(after) == {after: "completed"}
    assert [each["outcome"] for each in machine.journal() if each["event"] == "ended"] == ["cancelled", "completed"]
    assert [key for key in (await network.finals(after)) if key == lost] == []


async def test_nothing_starts_under_a_lease_that_is_over(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines()
    network.lease_s = 0.0
    agents(machine)
    key = await network.offer(ring(layers=2))
    await comes_true(lambda: len(network.claims) >= 3)
    assert machine.starts() == []
    network.lease_s = 5.0
    assert await network.finals(key) == {key: "completed"}


async def test_unanswered_heartbeats_stop_no_machine(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=60)
    network.lease_s = 0.5
    agents(machine)
    first = await network.offer(ring(layers=30))
    await comes_true(lambda: running(machine))
    network.silent = True
    second = await network.offer(ring(layers=2))
    assert await network.finals(first) == {first: "completed"}
    beats = len(network.heartbeats)
    await comes_true(lambda: len(network.heartbeats) > beats + 1)
    assert machine.starts() == [first]
    network.silent = False
    assert (await network.finals(second))[second] == "completed"


async def test_a_machine_that_hangs_or_goes_offline_is_waited_for(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=60)
    agents(machine)
    key = await network.offer(ring(layers=30))
    await comes_true(lambda: running(machine))
    await machine.ask("fault", kind="offline", seconds=1.0)
    await comes_true(lambda: network.heartbeats[-1].machines[0].state == "offline")
    assert network.heartbeats[-1].machines[0].job_order_id == key[0]
    await comes_true(lambda: network.heartbeats[-1].machines[0].state != "offline")
    await machine.ask("fault", kind="hang", seconds=2.5)
    assert await network.finals(key) == {key: "completed"}
    assert machine.starts() == [key]


async def test_an_ordered_fault_aborts_the_job_with_its_reason(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    machine = await machines()
    await machine.ask("fault", kind="fail", fraction=0.5)
    agents(machine)
    broken = await network.offer(ring(layers=20))
    assert await network.finals(broken) == {broken: "aborted: machine-fault"}
    after = await network.offer(ring(layers=2))
    assert (await network.finals(after))[after] == "completed"


async def test_sigterm_leaves_the_machine_running(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines(speed_up=60)
    agent = agents(machine)
    key = await network.offer(ring(layers=40))
    await comes_true(lambda: running(machine))
    assert agent.stop() == 0
    assert await running(machine)
    agent.start()
    assert await network.finals(key) == {key: "completed"}


async def test_a_higher_token_supersedes_what_was_not_begun(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str], comes_true: Any
) -> None:
    machine = await machines()
    agents(machine)
    first = await network.offer(ring(layers=20))
    await network.offer(ring(layers=2), job="again", token=1)
    newer = await network.offer(ring(layers=2), job="again", token=2)
    await network.offer(ring(layers=2), job="again", token=1)
    assert (await network.finals(first, newer)) == {first: "completed", newer: "completed"}
    assert machine.starts() == [first, newer]


async def test_a_second_agent_on_the_same_folder_is_refused(
    network: Any, machines: Any, agents: Any, comes_true: Any
) -> None:
    machine = await machines()
    agents(machine)
    await comes_true(lambda: network.heartbeats)
    second = agents(machine)
    assert second.process.wait(10) == 2
    assert "in use by another process" in second.log.read_text()


async def test_whatever_is_killed_whenever_each_job_starts_at_most_once_and_ends_once(
    network: Any, machines: Any, agents: Any, ring: Callable[..., str]
) -> None:
    chance = random.Random(20)
    machine = await machines(speed_up=400)
    agent = agents(machine)
    keys = [await network.offer(ring(layers=12)) for _ in range(8)]
    for _ in range(14):
        await asyncio.sleep(chance.uniform(0.1, 0.7))
        if chance.random() < 0.7:
            agent.kill()
            agent.start()
        else:
            machine.program.kill()
            await machine.start()
    ends = await network.finals(*keys, timeout_s=60)
    assert set(ends.values()) <= {
        "completed",
        "aborted: machine-restarted",
        "aborted: agent-restarted",
        "aborted: start-failed",
    }
    assert "completed" in ends.values()
    assert max(Counter(machine.starts()).values()) == 1
    finals = [
        (report.job_order_id, report.report_id)
        for report, _ in network.reports
        if report.HasField("completed") or report.HasField("aborted")
    ]
    assert len({job for job, _ in finals}) == len(set(finals)) == len(keys)
    by_job: dict[str, list[int]] = {}
    for report, _ in network.reports:
        by_job.setdefault(report.job_order_id, []).append(report.sequence)
    assert all(sequence == list(range(1, len(sequence) + 1)) for sequence in by_job.values())
