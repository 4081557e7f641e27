"""The agent's journal: whatever byte a crash cuts it at, what it then says is what it said at some moment before."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.agent.jobs import Job, Report
from hub.agent.journal import Journal, Ledger, describe


def job(job_order: str, token: int = 1, machine: str = "m1") -> Job:
    return Job((job_order, token), machine, {"jobOrderId": job_order}, "order", "cause", {"traceparent": "t"})


def report(job_order: str, token: int, sequence: int, kind: str) -> Report:
    return Report(f"{job_order}-{token}-{sequence}", (job_order, token), "m1", sequence, kind, '{"x":"ä"}')


def picture(journal: Journal | Ledger) -> Any:
    """All that anybody can learn from a journal."""
    ledger = journal._ledger if isinstance(journal, Journal) else journal
    return (
        {key: (each.begun, each.ended, [r.id for r in each.reports]) for key, each in ledger.jobs.items()},
        {each.id: each.acknowledged for each in ledger.reports.values()},
        ledger.closed,
    )


def test_it_remembers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    kept = journal.offer(job("a"))
    assert kept is not None
    journal.starting(("a", 1))
    journal.report(report("a", 1, 1, "started"))
    journal.acknowledge("a-1-1")
    journal.report(report("a", 1, 2, "completed"), ends="completed")
    journal.offer(job("b"))
    journal.close()
    again = Journal(tmp_path / "j")
    assert picture(again) == picture(journal)
    assert [each.key for each in again.open_jobs] == [("b", 1)]
    unsent = again.unsent()
    assert unsent is not None
    assert unsent.id == "a-1-2"
    assert kept.begun
    assert kept.ended == "completed"
    assert not kept.settled
    journal_lines = list(describe(tmp_path / "j"))
    assert journal_lines[0] == "a token 1 on m1: completed; started, completed (unsent)"


def test_an_offer_is_taken_once_and_never_below_a_higher_token(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    assert journal.offer(job("a", 2)) is not None
    assert journal.offer(job("a", 2)) is None
    assert journal.offer(job("a", 1)) is None
    assert journal.offer(job("a", 3)) is not None


def test_nothing_is_begun_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.offer(job("a"))
    journal.starting(("a", 1))
    with pytest.raises(ValueError, match="begun before"):
        journal.starting(("a", 1))
    journal.close()
    with pytest.raises(ValueError, match="begun before"):
        Journal(tmp_path / "j").starting(("a", 1))


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["offer", "starting", "report", "final", "end", "ack"]), st.sampled_from("abc")),
    max_size=25,
)


def act(journal: Journal, actions: list[tuple[str, str]]) -> None:
    """A life of three job orders: what does not fit at a moment is left out."""
    for action, name in actions:
        key = (name, 1)
        found = journal._ledger.jobs.get(key)
        if action == "offer":
            journal.offer(job(name))
        elif action == "ack":
            unsent = journal.unsent()
            if unsent is not None:
                journal.acknowledge(unsent.id)
        elif found is None or found.ended:
            continue
        elif action == "starting" and not found.begun:
            journal.starting(key)
        elif action in ("report", "final"):
            ends = "completed" if action == "final" else ""
            journal.report(report(name, 1, len(found.reports) + 1, ends or "progressed"), ends=ends)
        elif action == "end":
            journal.end(key, "refused")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, compact_bytes=st.sampled_from([1, 400, 1 << 30]), data=st.data())
def test_cut_anywhere_it_says_what_it_said_before(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str]], compact_bytes: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    path = folder / "j"
    journal = Journal(path, compact_bytes=compact_bytes)
    act(journal, actions)
    journal.close()
    content = path.read_bytes()
    assert picture(Journal(path, compact_bytes=1 << 30)) == picture(journal)
    cut = data.draw(st.integers(0, len(content)))
    torn = folder / "torn"
    torn.write_bytes(content[:cut])
    opened = Journal(torn, compact_bytes=1 << 30)
    whole = content[:cut][: content[:cut].rfind(b"\n") + 1]
    (folder / "prefix").write_bytes(whole)
    assert picture(opened) == picture(Journal(folder / "prefix", compact_bytes=1 << 30))
    before = {each.key for each in opened._ledger.jobs.values() if each.begun}
    act(opened, actions)
    assert before <= {each.key for each in opened._ledger.jobs.values() if each.begun}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_compaction_changes_nothing_that_matters(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    plain, compacted = Journal(folder / "plain"), Journal(folder / "compacted", compact_bytes=1)
    act(plain, actions)
    act(compacted, actions)
    compacted.close()
    again = Journal(folder / "compacted", compact_bytes=1)
    for journal in (compacted, again):
        assert [each.key for each in journal.open_jobs] == [each.key for each in plain.open_jobs]
        assert [each.begun for each in journal.open_jobs] == [each.begun for each in plain.open_jobs]
        assert (journal.unsent() is None) == (plain.unsent() is None)
        assert [journal.highest_token(name) for name in "abc"] == [plain.highest_token(name) for name in "abc"]
        mine, theirs = journal._ledger.reports.values(), plain._ledger.reports.values()
        assert [r.id for r in mine if not r.acknowledged] == [r.id for r in theirs if not r.acknowledged]


def test_it_stays_small(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", compact_bytes=20_000)
    for number in range(500):
        name = f"job-{number}"
        journal.offer(job(name))
        journal.starting((name, 1))
        journal.report(report(name, 1, 1, "completed"), ends="completed")
        journal.acknowledge(f"{name}-1-1")
    assert (tmp_path / "j").stat().st_size < 60_000
    assert journal.offer(job("job-0")) is None
