"""What a hub is told of the job orders that it names, and which offers are kept for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from job_order_stages import COMPLETED, DISPATCHED, GIVEN_UP, HOLDER, LAPSED, NOW, PENDING, RUNNING

from routing.domain.heartbeats import MachineHeard, answer
from routing.domain.network import MachineState
from routing.domain.rules import Rules

RULES = Rules()
LATER = NOW + timedelta(seconds=5)


def heard(state=MachineState.RUNNING, job="j", token=7, machine="m"):
    return [MachineHeard(machine, state, job, token)]


def hear(job, said, hub="h"):
    return answer(hub, said, {"j": job} if job else {}, LATER, RULES)


@pytest.mark.parametrize("job", [RUNNING, RUNNING.started(HOLDER, NOW), LAPSED])
def test_the_holder_is_renewed(job):
    reply = hear(job, heard())
    assert [each.id for each in reply.renewed] == ["j"]
    assert reply.lost == ()
    (changed,) = reply.changed
    assert changed.lease is not None
    assert changed.lease.expires_at == LATER + timedelta(seconds=RULES.lease_s)


@pytest.mark.parametrize(
    ("job", "said", "hub", "why"),
    [
        (RUNNING, heard(token=6), "h", "the token 6 is powerless, the newest is 7"),
        (RUNNING, heard(), "other", "the token was given to another machine"),
        (RUNNING, heard(machine="other"), "h", "the token was given to another machine"),
        (RUNNING.cancelled(), heard(), "h", "it is cancelled"),
        (GIVEN_UP, heard(), "h", "the token 7 is powerless, the newest is 7"),
        (None, heard(), "h", "there is no such job order"),
        (COMPLETED, heard(token=6), "h", "the token 6 is powerless, the newest is 7"),
    ],
)
def test_everybody_else_is_told_to_stop(job, said, hub, why):
    reply = hear(job, said, hub)
    assert [(each.job_order_id, each.why) for each in reply.lost] == [("j", why)]
    assert reply.renewed == ()


@pytest.mark.parametrize("job", [COMPLETED, DISPATCHED])
def test_nothing_is_stopped_that_is_done_or_offered(job):
    reply = hear(job, heard())
    assert (reply.renewed, reply.lost) == ((), ())


@pytest.mark.parametrize(
    ("job", "state", "kept"),
    [
        (PENDING, MachineState.IDLE, True),
        (PENDING, MachineState.FAULT, True),
        (DISPATCHED, MachineState.RUNNING, True),
        (DISPATCHED, MachineState.BED_OCCUPIED, True),
        (DISPATCHED, MachineState.IDLE, False),
        (DISPATCHED, MachineState.FAULT, False),
        (DISPATCHED, MachineState.OFFLINE, False),
    ],
)
def test_an_offer_is_kept_while_its_machine_has_a_reason_to_let_it_wait(job, state, kept):
    reply = hear(job, heard(state, job="", token=0))
    assert bool(reply.changed) == kept
    if kept:
        assert reply.changed[0].lease is not None
        assert reply.changed[0].lease.expires_at == LATER + timedelta(seconds=RULES.allocation_lease_s)


def test_an_offer_at_another_hub_is_not_this_hubs_to_keep():
    elsewhere = replace(PENDING, lease=replace(PENDING.lease, holder=replace(HOLDER, hub_id="other")))
    assert hear(elsewhere, heard(job="", token=0)).changed == ()
