"""Which reports count."""

from __future__ import annotations

from dataclasses import replace

import pytest
from job_order_stages import COMPLETED, DISPATCHED, GIVEN_UP, HOLDER, LAPSED, NOW, PROGRAM, RUNNING

from routing.domain.job_order import State
from routing.domain.reports import (
    Aborted,
    Accepted,
    Completed,
    Early,
    Fact,
    Progressed,
    Refused,
    Repeated,
    Report,
    Started,
    judge,
)
from routing.domain.requirements import Reason

DONE = Completed(20, 25, PROGRAM.sha256)


def report(news, sequence=1, holder=HOLDER):
    return Report("r", "j", holder, sequence, NOW, news)


def facts(job, *reports, patient=True):
    found = []
    for each in reports:
        verdict = judge(job, each, patient=patient)
        assert isinstance(verdict, Accepted), verdict
        job, found = verdict.job, [*found, *verdict.facts]
    return job, found


def test_a_whole_job_in_order():
    job, found = facts(RUNNING, report(Started()), report(Progressed(0.5), 2), report(DONE, 3))
    assert found == [Fact.STARTED, Fact.PROGRESSED, Fact.COMPLETED]
    assert job.state is State.COMPLETED


def test_a_report_that_came_too_early_waits_unless_patience_is_over():
    assert isinstance(judge(RUNNING, report(DONE, 3)), Early)
    assert facts(RUNNING, report(DONE, 3), patient=False)[1] == [Fact.STARTED, Fact.COMPLETED]


@pytest.mark.parametrize("news", [Started(), Progressed(0.9), DONE])
def test_what_was_said_before_says_nothing_new(news):
    job, _ = facts(RUNNING, report(Started()), report(Progressed(0.5), 2))
    assert isinstance(judge(job, report(news, 2)), Repeated)
    assert isinstance(judge(COMPLETED, report(news, 9)), Repeated)


@pytest.mark.parametrize("news", [Started(), Progressed(0.5), DONE, Aborted(Reason("jam", ""))])
@pytest.mark.parametrize(
    ("job", "holder"),
    [
        (RUNNING, replace(HOLDER, token=6)),
        (RUNNING, replace(HOLDER, token=8)),
        (RUNNING, replace(HOLDER, hub_id="other")),
        (RUNNING, replace(HOLDER, machine_id="other")),
        (RUNNING.cancelled(), HOLDER),
        (GIVEN_UP, HOLDER),
    ],
)
def test_who_does_not_hold_the_lease_is_not_believed(job, holder, news):
    verdict = judge(job, report(news, holder=holder))
    assert isinstance(verdict, Refused)
    assert verdict.superfluous == isinstance(news, Completed)


def test_a_completion_without_a_claim_is_superfluous():
    verdict = judge(DISPATCHED, report(DONE))
    assert verdict == Refused("it was never claimed", superfluous=True)


def test_a_lapsed_holder_is_believed_as_long_as_nobody_else_was_asked():
    job, found = facts(LAPSED, report(Started()), report(DONE, 2))
    assert found == [Fact.STARTED, Fact.COMPLETED]
    assert job.lease is not None
    assert not job.lease.lapsed


@pytest.mark.parametrize("job", [DISPATCHED, RUNNING, LAPSED])
def test_giving_up_frees_the_job_order(job):
    job, found = facts(job, report(Aborted(Reason("jam", "blocked"))))
    assert found == [Fact.ABORTED]
    assert (job.state, job.lease, job.setbacks[0].reason.code) == (State.WAITING, None, "jam")


@pytest.mark.parametrize("sha256", ["", "6" * 64])
def test_another_program_is_no_completion(sha256):
    verdict = judge(RUNNING, report(replace(DONE, program_sha256=sha256)))
    assert isinstance(verdict, Accepted)
    assert verdict.facts == (Fact.STARTED, Fact.ABORTED)
    assert verdict.why_aborted is not None
    assert verdict.why_aborted.code == "wrong-program"
