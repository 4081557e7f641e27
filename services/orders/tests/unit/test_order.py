from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.domain.making import Assessment, ProfileFit, batch_size, smaller_batch
from orders.domain.order import Destination, Order, OrderedPart, Reason, Status
from orders.domain.pickup import code_for, code_hash, matches


def order(*statuses: Status) -> Order:
    parts = tuple(OrderedPart(f"p{number}", status) for number, status in enumerate(statuses or (Status.PLACED,)))
    now = datetime(2026, 5, 1, tzinfo=UTC)
    return Order("o", "org", "d", "slug", "v", 1, "{}", "pla", Destination(53.5, 10), parts, now)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((Status.PLACED, Status.READY), Status.PLACED),
        ((Status.MAKING, Status.INSPECTING), Status.MAKING),
        ((Status.WAITING, Status.ALLOCATED), Status.WAITING),
        ((Status.READY, Status.READY), Status.READY),
    ],
)
def test_an_order_is_as_far_as_its_least_advanced_part(parts, status):
    assert order(*parts).status is status


def test_accepted_parts_stay_accepted_and_the_first_hub_is_where_all_are_picked_up():
    done = order(Status.MAKING, Status.MAKING).accepted(["p0"], "h1", "Altona")
    moved = done.moved(["p0", "p1"], Status.ALLOCATED)
    assert [part.status for part in moved.parts] == [Status.READY, Status.ALLOCATED]
    assert [part.id for part in moved.open_parts] == ["p1"]
    rest = moved.accepted(["p1"], "h2", "Barmbek")
    assert (rest.status, rest.pickup_hub_id, rest.pickup_hub_name) == (Status.READY, "h1", "Altona")
    assert [part.hub_id for part in rest.parts] == ["h1", "h2"]


def test_nothing_accepted_names_no_hub():
    assert order().accepted([], "h1", "Altona").pickup_hub_id is None


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FAILED, Status.REFUSED])
def test_an_end_takes_the_parts_that_are_not_accepted_with_it(status):
    ended = order(Status.READY, Status.MAKING).ended(status, [Reason("x", "y")])
    assert [part.status for part in ended.parts] == [Status.READY, status]
    assert (ended.status, ended.reasons) == (status, (Reason("x", "y"),))


def test_a_collected_order_is_collected_whole():
    ended = order(Status.READY, Status.READY).ended(Status.COLLECTED)
    assert {part.status for part in ended.parts} == {Status.COLLECTED}


@given(st.integers(1, 100), st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=1, max_size=6))
def test_batches_are_as_large_as_a_plate_and_shrink_to_each_smaller_one(open_parts, plates):
    fits = tuple(ProfileFit(f"m{number}", ok, size) for number, (ok, size) in enumerate(plates))
    capacities = Assessment("a", (1, 1, 1), fits).capacities()
    assert capacities == sorted({max(1, size) for ok, size in plates if ok}, reverse=True)
    if not capacities:
        return
    size = batch_size(open_parts, capacities)
    assert 1 <= size == min(open_parts, capacities[0])
    tried = [size]
    while fewer := smaller_batch(capacities, tried[-1]):
        assert batch_size(open_parts, capacities, fewer) == fewer < tried[-1]
        tried.append(fewer)
    assert len(tried) <= len(capacities) + 1


def test_excluded_profiles_do_not_count():
    found = Assessment("a", (1, 1, 1), (ProfileFit("m1", True, 4), ProfileFit("m2", True, 2)))
    assert found.capacities(["m1"]) == [2]
    assert found.capacities(["m1", "m2"]) == []


def test_objections_name_the_profile_once():
    finding = Reason("too-large", "too high")
    found = Assessment("a", (1, 1, 1), (ProfileFit("m1", False, 0, (finding, finding)), ProfileFit("m2", False)))
    assert found.objections() == (Reason("too-large", "m1: too high"),)
    assert Assessment("a", (1, 1, 1), ()).objections()[0].code == "no-machine-profile"


@given(st.text(min_size=1), st.uuids().map(str))
def test_a_pickup_code_opens_its_own_order_only(secret, order_id):
    code = code_for(secret, order_id)
    kept = code_hash(code, order_id)
    assert matches(code, order_id, kept)
    assert matches(f" {code.lower().replace('-', ' ').replace('1', 'l').replace('0', 'o')}", order_id, kept)
    assert not matches(code, "another", kept)
    assert not matches(code_for(secret + "x", order_id), order_id, kept)
