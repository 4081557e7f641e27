"""The states of a job order, one transition at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from job_order_stages import (
    COMPLETED,
    DISPATCHED,
    GIVEN_UP,
    HOLDER,
    LAPSED,
    NOW,
    PENDING,
    PROGRAM,
    RUNNING,
    SOON,
    WAITING,
)

from routing.domain.errors import IllegalTransition, NotTheHolder, TokenNotHigher
from routing.domain.job_order import ENDED, Estimate, Holder, State
from routing.domain.requirements import Reason


def test_a_lease_needs_a_higher_token_than_every_one_before():
    for token in (6, 7):
        with pytest.raises(TokenNotHigher):
            PENDING.withdrawn().allocated(replace(HOLDER, token=token), Estimate(1, 1, 0, 1, SOON), SOON)
    assert PENDING.withdrawn().token == 7


def test_a_new_lease_forgets_the_program_and_key_of_the_old():
    again = GIVEN_UP.allocated(replace(HOLDER, token=8), Estimate(1, 1, 0, 1, SOON), SOON)
    assert (again.program, again.download_key_sha256, again.state) == (None, None, State.PENDING)


@pytest.mark.parametrize("placed", [PENDING, DISPATCHED, RUNNING, COMPLETED, WAITING.cancelled()])
def test_only_what_waits_is_allocated(placed):
    with pytest.raises(IllegalTransition):
        placed.allocated(replace(HOLDER, token=99), Estimate(1, 1, 0, 1, SOON), SOON)


@pytest.mark.parametrize("ended", [COMPLETED, WAITING.cancelled(), WAITING.refused((Reason("x", ""),))])
def test_what_has_ended_has_ended(ended):
    assert ended.state in ENDED
    for change in (
        ended.cancelled,
        ended.offered,
        lambda: ended.programmed(ended.token, PROGRAM),
        lambda: ended.kept_waiting(()),
        lambda: ended.claimed(HOLDER, NOW, 15, b""),
        lambda: ended.renewed(HOLDER, NOW, 15),
        lambda: ended.started(HOLDER, NOW),
        lambda: ended.given_up(HOLDER, Reason("x", "")),
    ):
        with pytest.raises(IllegalTransition):
            change()


def test_a_release_for_an_older_token_is_refused():
    with pytest.raises(NotTheHolder):
        PENDING.programmed(6, PROGRAM)


@pytest.mark.parametrize(
    ("order", "holder", "why"),
    [
        (PENDING, HOLDER, "it is pending"),
        (DISPATCHED, replace(HOLDER, token=6), "the token 6 is powerless, the newest is 7"),
        (DISPATCHED, replace(HOLDER, hub_id="other"), "the token was given to another machine"),
        (RUNNING.started(HOLDER, NOW), HOLDER, "it was started already"),
        (DISPATCHED.cancelled(), HOLDER, "it is cancelled"),
        (LAPSED, HOLDER, "it is waiting"),
    ],
)
def test_a_claim_is_refused(order, holder, why):
    with pytest.raises(NotTheHolder, match=why):
        order.claimed(holder, NOW, 15, b"key")


def test_a_claim_past_the_lease_is_refused_and_one_just_before_is_granted():
    with pytest.raises(NotTheHolder, match="run out"):
        DISPATCHED.claimed(HOLDER, SOON, 15, b"key")
    granted = DISPATCHED.claimed(HOLDER, SOON - timedelta(microseconds=1), 15, b"key")
    assert granted.lease is not None
    assert granted.lease.expires_at == SOON + timedelta(seconds=15, microseconds=-1)


def test_a_lease_is_not_taken_back_before_its_time():
    with pytest.raises(IllegalTransition):
        RUNNING.taken_back(NOW + timedelta(seconds=14.9))
    assert LAPSED.state is State.WAITING
    assert LAPSED.lease is not None
    assert LAPSED.lease.lapsed


def test_an_unclaimed_lease_that_is_taken_back_is_gone():
    assert DISPATCHED.taken_back(SOON).lease is None


def test_a_lapsed_holder_goes_on_until_somebody_else_is_asked():
    back = LAPSED.renewed(HOLDER, NOW + timedelta(seconds=20), 15)
    assert back.state is State.RUNNING
    assert back.lease is not None
    assert (back.lease.lapsed, back.lease.expires_at) == (False, NOW + timedelta(seconds=35))
    moved = LAPSED.allocated(Holder("other", "m2", 8), Estimate(1, 1, 0, 1, SOON), SOON)
    with pytest.raises(NotTheHolder):
        moved.renewed(HOLDER, NOW, 15)
    with pytest.raises(NotTheHolder):
        moved.completed(HOLDER)


def test_a_renewal_never_shortens_a_lease():
    assert RUNNING.renewed(HOLDER, NOW - timedelta(seconds=5), 15).lease == RUNNING.lease


def test_what_nobody_claimed_cannot_be_started_or_completed_but_given_up():
    for change in (lambda: DISPATCHED.started(HOLDER, NOW), lambda: DISPATCHED.completed(HOLDER)):
        with pytest.raises(NotTheHolder, match="never claimed"):
            change()
    given_up = DISPATCHED.given_up(HOLDER, Reason("no-filament", ""))
    assert (given_up.state, given_up.lease) == (State.WAITING, None)
    assert [each.machine_id for each in given_up.setbacks] == ["m"]


def test_who_gave_up_cannot_come_back():
    given_up = RUNNING.given_up(HOLDER, Reason("jam", ""))
    for change in (lambda: given_up.renewed(HOLDER, NOW, 15), lambda: given_up.completed(HOLDER)):
        with pytest.raises(NotTheHolder):
            change()


@pytest.mark.parametrize("order", [RUNNING, LAPSED, COMPLETED, WAITING])
def test_only_what_nobody_claimed_is_withdrawn_from_a_lost_hub(order):
    with pytest.raises(IllegalTransition):
        order.withdrawn()
    for unclaimed in (PENDING, DISPATCHED):
        assert (unclaimed.withdrawn().state, unclaimed.withdrawn().lease) == (State.WAITING, None)


def test_progress_does_not_go_back():
    half = RUNNING.progressed(HOLDER, 0.5).progressed(HOLDER, 0.2)
    assert half.lease is not None
    assert half.lease.fraction == 0.5
