"""Which machine is chosen, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.domain import rejections
from routing.domain.allocation import Outcome, decide
from routing.domain.costs import Cost, Rates
from routing.domain.geography import Place
from routing.domain.network import HubView, MachineState, MachineView, Network, Presence
from routing.domain.opening_hours import OpeningHours
from routing.domain.requirements import ProfileNeed, Reason, Requirements, Size
from routing.domain.rules import Rules

MONDAY_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULES = Rules()
ALWAYS = OpeningHours.of("UTC", {day: ["00:00", "24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
OFFICE = OpeningHours.of("UTC", {day: ["08:00", "18:00"] for day in ("mon", "tue")})
CUSTOMER = Place(53.55, 9.99)
NEED = ProfileNeed(makeable=True, setup_minutes=5, minutes_per_part=10, grams_per_part=20, plate_capacity=4)
NEEDS = Requirements(("p1", "p2"), "v", "pla", Size(50, 40, 30), {"mk4": NEED}, CUSTOMER)


def a_hub(name: str = "altona", lat: float = 53.55, **changes) -> HubView:
    hub = HubView(
        name, name.title(), Place(lat, 9.99), ALWAYS, enrolled=True, presence=Presence.ONLINE, cordoned=False,
        last_heard_at=MONDAY_NOON, free_g={"pla": 1000.0},
    )  # fmt: skip
    for key, value in changes.items():
        setattr(hub, key, value)
    return hub


def a_machine(name: str = "m1", hub: HubView | None = None, **changes) -> MachineView:
    machine = MachineView(name, name.upper(), hub or a_hub(), "mk4", MachineState.IDLE, MONDAY_NOON)
    for key, value in changes.items():
        setattr(machine, key, value)
    return machine


def choose(*machines: MachineView, needs: Requirements = NEEDS, setbacks=(), volumes=None, rules: Rules = RULES):
    return decide(needs, list(setbacks), Network(machines, volumes or {}), MONDAY_NOON, rules)


def test_the_nearest_of_equals_is_chosen_and_the_others_are_kept_in_order():
    machines = [a_machine(f"m{n}", a_hub(f"h{n}", 53.55 + n / 100)) for n in (3, 1, 2, 0)]
    decision = choose(*machines)
    assert decision.outcome is Outcome.CHOSEN
    assert decision.chosen is not None
    assert decision.chosen.machine.id == "m0"
    assert [each.machine.id for each in decision.runners_up] == ["m1", "m2", "m3"]
    assert (decision.chosen.minutes, decision.chosen.grams) == (25, 40)


def test_equal_costs_go_to_the_lesser_id():
    decision = choose(a_machine("m2"), a_machine("m1"))
    assert decision.chosen is not None
    assert decision.chosen.machine.id == "m1"


def test_a_queue_is_weighed_against_a_way():
    busy = a_machine("near", a_hub("near"), ahead=3, backlog_minutes=600)
    free = a_machine("far", a_hub("far", 53.64))
    decision = choose(busy, free)
    assert decision.chosen is not None
    assert decision.chosen.machine.id == "far"
    near = decision.runners_up[0]
    assert near.cost.queue == 600 * RULES.rates.queue_per_minute
    assert near.promised_at == MONDAY_NOON + timedelta(minutes=2 + 600 + 25)
    assert near.why == "Near, 0.0 km away, free in about 600 min, 25 min to make"


def test_a_closed_desk_moves_the_promise_and_stops_no_machine():
    decision = choose(a_machine(hub=a_hub(hours=OFFICE), backlog_minutes=8 * 60.0, ahead=1))
    assert decision.chosen is not None
    assert decision.chosen.promised_at == datetime(2026, 6, 2, 8, tzinfo=UTC)
    closed_minutes = 11 * 60 + 33  # from 20:27, when it is finished, to 8:00
    assert decision.chosen.cost.desk == closed_minutes * RULES.rates.desk_per_minute


def test_the_rest_of_an_order_goes_where_its_other_parts_lie():
    needs = replace(NEEDS, pickup_hub_id="far")
    decision = choose(a_machine("m1", a_hub("near")), a_machine("m2", a_hub("far", 54.5)), needs=needs)
    assert decision.chosen is not None
    assert decision.chosen.machine.id == "m2"
    assert choose(a_machine("m1", a_hub("near")), needs=needs).outcome is Outcome.CHOSEN


def test_a_machine_that_gave_up_before_comes_last_and_still_comes():
    machines = [a_machine("m1"), a_machine("m2", a_hub("far", 53.8))]
    tried_once = choose(*machines, setbacks=["m1"])
    assert tried_once.chosen is not None
    assert tried_once.chosen.machine.id == "m2"
    both = choose(*machines, setbacks=["m1", "m2"])
    assert both.chosen is not None
    assert both.chosen.machine.id == "m1"


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (a_machine(hub=a_hub(presence=Presence.LOST)), rejections.HubLost(MONDAY_NOON)),
        (a_machine(hub=a_hub(presence=Presence.REGISTERED)), rejections.HubSilent()),
        (a_machine(hub=a_hub(cordoned=True)), rejections.HubCordoned()),
        (a_machine(hub=a_hub(free_g={"pla": 39.9})), rejections.NoStock("pla", 40, 39.9)),
        (a_machine(hub=a_hub(free_g={})), rejections.NoStock("pla", 40, 0)),
        (a_machine(state=MachineState.FAULT), rejections.MachineNotReady("fault")),
        (a_machine(state=MachineState.OFFLINE), rejections.MachineNotReady("offline")),
        (a_machine(heard_at=None), rejections.MachineSilent(None, 6.0)),
        (
            a_machine(heard_at=MONDAY_NOON - timedelta(seconds=6.1)),
            rejections.MachineSilent(MONDAY_NOON - timedelta(seconds=6.1), 6.0),
        ),
    ],
)
def test_what_may_pass_is_waited_for(machine, expected):
    decision = choose(machine)
    assert decision.outcome is Outcome.WAITING
    (rejected,) = decision.rejected
    assert rejected.rejections == (expected,)
    assert decision.reasons == (Reason(expected.code, f"Altona: {expected.detail()}"),)


@pytest.mark.parametrize(
    ("machine", "needs", "expected"),
    [
        (a_machine(hub=a_hub(enrolled=False)), NEEDS, rejections.HubNotEnrolled()),
        (a_machine(profile_id="mini"), NEEDS, rejections.NotAssessed("mini")),
        (
            a_machine(),
            replace(NEEDS, profiles={"mk4": ProfileNeed(False, (Reason("thin", "0.1 mm"),))}),
            rejections.ProfileCannot("mk4", (Reason("thin", "0.1 mm"),)),
        ),
        (
            a_machine(),
            replace(NEEDS, extent=Size(10, 10, 251), profiles={"mk4": ProfileNeed(makeable=False)}),
            rejections.TooLarge(Size(10, 10, 251), Size(250, 210, 220)),
        ),
        (a_machine(), replace(NEEDS, part_ids=tuple("abcde")), rejections.PlateTooSmall(5, 4)),
    ],
)
def test_what_lasts_is_refused_at_once(machine, needs, expected):
    decision = choose(machine, needs=needs, volumes={"mk4": Size(250, 210, 220)})
    assert decision.outcome is Outcome.REFUSED
    assert decision.rejected[0].rejections == (expected,)
    assert decision.rejected_by_code == {expected.code: 1}


def test_one_machine_that_may_be_able_later_is_enough_to_wait():
    never, later = a_machine("m1", profile_id="mini"), a_machine("m2", a_hub(presence=Presence.LOST))
    decision = choose(never, later)
    assert decision.outcome is Outcome.WAITING
    assert [each.code for each in decision.reasons] == ["hub-lost", "not-assessed"]


def test_a_network_without_machines_refuses():
    decision = choose()
    assert decision.outcome is Outcome.REFUSED
    assert decision.reasons[0].code == "no-machines"


def test_what_is_said_of_a_large_network_is_bounded():
    machines = [a_machine(f"m{n:03}", a_hub(f"h{n}", presence=Presence.LOST)) for n in range(300)]
    decision = choose(*machines)
    assert len(decision.rejected) == 50
    assert decision.rejected_by_code == {"hub-lost": 300}
    assert len(decision.reasons) == 12


def test_a_reservation_is_seen_by_the_next_decision():
    hub = a_hub(free_g={"pla": 60.0})
    network = Network((a_machine("m1", hub),), {})
    first = decide(NEEDS, [], network, MONDAY_NOON, RULES)
    assert first.chosen is not None
    network.reserve(first.chosen.machine, "pla", first.chosen.minutes, first.chosen.grams)
    second = decide(NEEDS, [], network, MONDAY_NOON, RULES)
    assert second.outcome is Outcome.WAITING
    assert second.rejected[0].rejections == (rejections.NoStock("pla", 40, 20),)
    assert (network.machines[0].ahead, network.machines[0].backlog_minutes) == (1, 25)


def test_the_cost_is_its_formula():
    cost = Cost.of(Rates(), minutes=25, queue_minutes=30, distance_km=3.5, desk_minutes=12, setbacks=2, other_hub=True)
    assert cost.parts() == {
        "making": 1_250_000,
        "queue": 1_500_000,
        "trip": 2_100_000,
        "desk": 12_000,
        "setbacks": 100_000_000,
        "other_hub": 10_000_000_000,
        "total": 10_104_862_000,
    }


@given(order=st.permutations(range(6)), minutes=st.lists(st.floats(0, 1e4), min_size=6, max_size=6))
def test_the_choice_does_not_depend_on_the_order_in_which_machines_are_listed(order, minutes):
    machines = [a_machine(f"m{n}", backlog_minutes=minutes[n]) for n in range(6)]
    one, other = choose(*machines), choose(*(machines[n] for n in order))
    assert one.chosen is not None
    assert other.chosen is not None
    assert one.chosen.machine.id == other.chosen.machine.id
    assert all(one.chosen.cost.total <= each.cost.total for each in one.runners_up)
