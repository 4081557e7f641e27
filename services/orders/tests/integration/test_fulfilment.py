"""The saga, step by step: given what was heard, when something is said, what is sent and what the customer sees."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from orders_harness.words import MATRIX, Job, assessed

from fabmesh.fabrication.v1 import events_pb2 as fabrication
from fabmesh.routing.v1 import events_pb2 as routing
from orders.domain.order import Status
from orders.sagas.fulfilment import FULFILMENT

pytestmark = pytest.mark.integration


def names(messages: list[Any]) -> list[str]:
    return [message.DESCRIPTOR.name for message in messages]


@pytest.fixture
async def placed(world, knob):
    """An order of three knobs that is being assessed, and the licence that it draws on."""
    await world.release(knob)
    licence = await world.grant(10)
    order = await world.place(3, parameters={"diameter": 40.0})
    return order, licence


async def allocating(world, order, *capacities):
    """The order up to the first allocation; answers the command."""
    await world.sent()
    await world.say(assessed(order, *(capacities or (4,))))
    (command,) = await world.sent()
    return command


async def test_placing_asks_fabrication_what_the_part_is(world, placed):
    order, licence = placed
    sent = await world.sent()
    assert names(sent) == ["OrderPlaced", *["LicenceUnitReserved"] * 3, "AssessConfiguration"]
    assert sent[-1].parameters_json == '{"diameter":40,"grips":6,"mark":"dot","wall":2}'
    assert sent[0].part_ids == [part.id for part in order.parts]
    assert sent[0].destination.lat_deg == 53.55
    assert await world.balances(licence) == {"available": 7, "reserved": 3, "used": 0}


async def test_the_assessment_goes_to_routing_with_the_parts(world, placed):
    order, _ = placed
    command = await allocating(world, order, 4, 0)
    assert command.DESCRIPTOR.name == "AllocateJobOrder"
    assert list(command.part_ids) == [part.id for part in order.parts]
    assert command.organisation_id == world.partner_id
    assert [profile.makeable for profile in command.assessment.profiles] == [True, False]
    assert command.pickup_hub_id == ""


async def test_a_part_that_no_profile_can_make_is_refused_and_its_units_go_back(world, placed):
    order, licence = placed
    await world.sent()
    await world.say(assessed(order, 0, 0))
    sent = await world.sent()
    assert names(sent) == [*["LicenceUnitReturned"] * 3, "OrderRefused"]
    assert [reason.code for reason in sent[-1].reasons] == ["too-large", "too-large"]
    assert sent[-1].reasons[0].detail == "p1: 120 mm is too high; make it lower"
    assert (await world.order(order.id)).status is Status.REFUSED
    assert await world.balances(licence) == {"available": 10, "reserved": 0, "used": 0}


async def test_a_configuration_that_is_no_part_is_refused(world, placed):
    order, _ = placed
    await world.say(
        fabrication.ConfigurationRefused(
            order_id=order.id, findings=[{"code": "empty", "severity": "error", "detail": "there is no solid"}]
        )
    )
    assert [reason.code for reason in (await world.order(order.id)).reasons] == ["empty"]


async def test_an_allocation_leads_to_a_program_for_its_machine_and_token(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(job.allocated())
    (command,) = await world.sent()
    assert command.DESCRIPTOR.name == "ProgramJobOrder"
    assert (command.hub_id, command.machine_id, command.profile_id, command.fencing_token) == ("h1", "h1-m1", "p1", 7)
    assert (command.quantity, command.material_id) == (3, "pla")
    view = await world.view(order.id)
    assert view.order.status is Status.ALLOCATED
    assert view.timeline[-1].why == "Altona Werkstatt, 2.3 km away"
    assert view.job_orders[0].state == "pending"


async def test_a_verified_program_is_dispatched_with_its_characteristics(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(job.allocated())
    await world.sent()
    await world.say(job.verified())
    (command,) = await world.sent()
    assert command.DESCRIPTOR.name == "DispatchJobOrder"
    assert (command.program_id, command.program_bytes, command.minutes) == ("prog-7", 1234, 42.4)
    assert [list(placement.matrix) for placement in command.placements] == [MATRIX] * 3
    diameter, socket = command.characteristics
    assert (diameter.nominal, diameter.upper, diameter.lower) == (44, 44.4, 43.8)
    assert (getattr(diameter, "class"), diameter.feature, diameter.HasField("at")) == ("critical", "extent-x", False)
    assert (socket.at.x_mm, socket.at.y_mm, socket.at.z_mm) == (0, 2, 20)
    assert (await world.order(order.id)).status is Status.FABRICATING


async def test_the_whole_way_to_the_pickup_desk(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed())
    sent = await world.sent()
    assert names(sent) == ["ProgramJobOrder", "DispatchJobOrder", *["LicenceUnitUsed"] * 3, "InspectParts"]
    assert (sent[2].fee.amount, sent[2].fee.currency) == ("1.50", "EUR")
    inspect = sent[-1]
    assert list(inspect.part_ids) == [part.id for part in order.parts]
    assert [measurement.value for measurement in inspect.measurements] == [44.1] * 3
    assert (inspect.hub_id, inspect.program_sha256, len(inspect.characteristics)) == ("h1", "ab" * 32, 2)
    await world.say(job.passed())
    (ready,) = await world.sent()
    assert ready.DESCRIPTOR.name == "OrderReadyForPickup"
    assert ready.pickup_hub_id == "h1"
    view = await world.view(order.id)
    assert view.order.status is Status.READY
    assert [line.status for line in view.timeline] == [
        "placed", "placed", "allocated", "fabricating", "dispatched", "dispatched", "making", "inspecting",
        "ready_for_pickup",
    ]  # fmt: skip
    assert view.timeline[-1].why == "All parts lie ready at Altona Werkstatt"
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}
    assert (await world.saga(order.id)).step == "ended"


async def test_a_design_without_characteristics_is_measured_by_its_extents(world, clip):
    await world.release(clip)
    order = await world.place(design="clip")
    job = Job(await allocating(world, order))
    await world.say(job.allocated(), job.verified())
    command = (await world.sent())[-1]
    bounds = [(c.feature, c.lower, c.upper, c.instrument, getattr(c, "class")) for c in command.characteristics]
    assert bounds == [
        ("extent-x", 43.5, 44.5, "caliper", "major"),
        ("extent-y", 43.5, 44.5, "caliper", "major"),
        ("extent-z", 118.8, 121.2, "caliper", "major"),
    ]


async def test_a_higher_token_goes_back_to_programming_and_the_older_hub_counts_no_more(world, placed):
    order, licence = placed
    command = await allocating(world, order)
    old, new = Job(command, 7, "h1"), Job(command, 9, "h2", "p2")
    await world.say(*old.until_completed()[:5])
    await world.say(old.expired(), new.allocated())
    program = (await world.sent())[-1]
    assert (program.DESCRIPTOR.name, program.fencing_token, program.hub_id) == ("ProgramJobOrder", 9, "h2")
    await world.say(old.completed(), old.verified(), old.allocated(), old.aborted(), old.started())
    assert await world.sent() == []
    assert (await world.order(order.id)).status is Status.ALLOCATED
    await world.say(*new.until_completed()[1:], new.passed())
    view = await world.view(order.id)
    assert view.order.pickup_hub_name == "Barmbek Hub"
    assert [job.fencing_token for job in view.job_orders] == [9]
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}
    assert "Altona Werkstatt is not heard any more; another machine is sought" in [t.why for t in view.timeline]


async def test_waiting_stays_until_a_machine_is_free_and_old_news_is_ignored(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(job.waiting(), job.waiting())
    view = await world.view(order.id)
    assert (view.order.status, view.timeline[-1].why) == (Status.WAITING, "Waits for a machine: all machines are busy")
    assert sum(line.status == "waiting" for line in view.timeline) == 1
    saga = await world.saga(order.id)
    assert saga.step == "wait"
    assert (saga.deadline_at - datetime.now(UTC)).total_seconds() > 23 * 3600
    await world.say(job.allocated())
    await world.say(job.waiting(), at=datetime(2020, 1, 1, tzinfo=UTC))
    assert (await world.saga(order.id)).step == "program"
    await world.say(job.waiting("the hub was lost"))
    assert (await world.saga(order.id)).step == "wait"
    assert names(await world.sent()) == ["ProgramJobOrder"]


async def test_an_allocation_refused_refuses_the_order(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order))
    await world.say(job.refused())
    sent = await world.sent()
    assert names(sent) == [*["LicenceUnitReturned"] * 3, "OrderRefused"]
    assert sent[-1].reasons[0].detail == "no hub has such a machine"
    assert (await world.balances(licence))["available"] == 10


async def test_a_batch_too_large_for_the_network_is_made_smaller(world, placed):
    order, _ = placed
    large = await allocating(world, order, 2, 4)
    assert len(large.part_ids) == 3
    await world.say(Job(large).refused())
    (smaller,) = await world.sent()
    assert (smaller.DESCRIPTOR.name, len(smaller.part_ids)) == ("AllocateJobOrder", 2)
    assert smaller.job_order_id != large.job_order_id
    await world.say(Job(large).allocated())
    assert await world.sent() == []
    await world.say(Job(smaller).refused())
    assert (await world.order(order.id)).status is Status.REFUSED


async def test_what_does_not_fit_on_one_plate_is_made_by_one_job_order_after_the_other(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order, 2))
    assert len(job.parts) == 2
    await world.say(*job.until_completed())
    assert (await world.order(order.id)).status is Status.PLACED
    assert await world.balances(licence) == {"available": 7, "reserved": 1, "used": 2}
    await world.sent()
    await world.say(job.passed())
    (command,) = await world.sent()
    assert (list(command.part_ids), command.pickup_hub_id) == ([order.parts[2].id], "h1")
    rest = Job(command, 8)
    await world.say(*rest.until_completed(), rest.passed())
    assert (await world.order(order.id)).status is Status.READY
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}


async def test_a_refused_program_leaves_its_profile_out_and_twice_fails_the_order(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order, 4, 4, 4))
    await world.say(job.allocated())
    await world.sent()
    await world.say(job.program_refused())
    cancel, again = await world.sent()
    assert (cancel.DESCRIPTOR.name, cancel.job_order_id) == ("CancelJobOrder", job.base["job_order_id"])
    assert [profile.makeable for profile in again.assessment.profiles] == [False, True, True]
    second = Job(again, 8, profile="p2")
    await world.say(second.allocated())
    await world.sent()
    await world.say(second.program_refused())
    assert names(await world.sent()) == ["CancelJobOrder", *["LicenceUnitReturned"] * 3, "OrderFailed"]
    failed = await world.order(order.id)
    assert (failed.status, failed.reasons[0].detail) == (Status.FAILED, "a bridge is too long")
    assert (await world.balances(licence))["available"] == 10
    assert [job.state for job in (await world.view(order.id)).job_orders] == ["cancelled", "cancelled"]


async def test_parts_that_fail_are_made_again_at_the_hub_of_the_others(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed())
    await world.sent()
    await world.say(job.failed(order.parts[1].id))
    (again,) = await world.sent()
    assert list(again.part_ids) == [order.parts[0].id, order.parts[2].id]
    assert again.pickup_hub_id == "h1"
    view = await world.view(order.id)
    assert view.timeline[-1].why == "1 of 3 parts accepted, the rest is made again: Diameter is 45.0 mm"
    remake = Job(again, 8, "h2")
    await world.say(*remake.until_completed(), remake.passed())
    done = await world.order(order.id)
    assert (done.status, done.pickup_hub_id) == (Status.READY, "h1")
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}


async def test_after_three_remakes_the_order_fails_with_the_reason(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order))
    for token in range(8, 11):
        await world.say(*job.until_completed(), job.failed())
        job = Job((await world.sent())[-1], token)
    await world.say(*job.until_completed())
    await world.sent()
    await world.say(job.failed())
    sent = await world.sent()
    assert names(sent) == ["OrderFailed"]
    assert sent[0].reasons[0].detail == "Diameter is 45.0 mm"
    assert len((await world.view(order.id)).job_orders) == 4
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}


async def test_parts_that_a_machine_left_out_are_made_again_too(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed()[:5], job.completed(job.parts[:2]))
    inspect = (await world.sent())[-1]
    assert list(inspect.part_ids) == job.parts[:2]
    job.parts = job.parts[:2]
    await world.say(job.passed())
    (again,) = await world.sent()
    assert list(again.part_ids) == [order.parts[2].id]


async def test_an_abort_is_told_and_leaves_the_rest_to_routing(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed()[:5])
    await world.sent()
    await world.say(job.aborted())
    assert await world.sent() == []
    view = await world.view(order.id)
    assert view.timeline[-1].why == "Altona Werkstatt gave up: the filament jammed; another machine is sought"
    await world.say(job.refused("no machine is left"))
    assert (await world.order(order.id)).status is Status.FAILED


@pytest.mark.parametrize("left_out", [0, 1, 2, 3])
async def test_events_of_the_hub_may_be_missed_or_come_late(world, placed, left_out):
    order, licence = placed
    job = Job(await allocating(world, order))
    await world.say(job.allocated(), job.verified())
    steps = [job.dispatched(), job.claimed(), job.started(), job.completed()]
    await world.say(*steps[left_out:], *steps[:left_out])
    assert (await world.saga(order.id)).step == "inspect"
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}
    await world.say(job.passed())
    assert (await world.order(order.id)).status is Status.READY


async def test_a_claim_that_comes_after_the_start_changes_nothing(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed()[:5], job.claimed(), job.dispatched())
    assert (await world.order(order.id)).status is Status.MAKING


async def test_every_message_twice_is_as_good_as_once(world, placed):
    order, licence = placed
    job = Job(await allocating(world, order))
    for message in (*job.until_completed(), job.passed()):
        await world.say(message, message)
    assert (await world.order(order.id)).status is Status.READY
    assert await world.balances(licence) == {"available": 7, "reserved": 0, "used": 3}
    assert names(await world.sent()).count("OrderReadyForPickup") == 1


@pytest.mark.parametrize(
    ("step", "heard", "code"),
    [
        ("assess", 0, "assess-late"),
        ("program", 1, "program-late"),
        ("dispatch", 2, "dispatch-late"),
        ("make", 3, "make-late"),
    ],
)
async def test_a_step_without_an_answer_is_sent_again_and_fails_in_the_end(world, placed, step, heard, code):
    order, licence = placed
    if heard:
        job = Job(await allocating(world, order))
        await world.say(*job.until_completed()[:heard])
    sent = await world.sent()
    first = [] if step == "make" else sent[-1:]
    for _ in range(FULFILMENT.step(step).tries - 1):
        assert (await world.saga(order.id)).step == step
        await world.late(order.id)
        assert await world.sent() == first
    await world.late(order.id)
    stopped = ["CancelJobOrder"] if heard else []
    assert names(await world.sent()) == [*stopped, *["LicenceUnitReturned"] * 3, "OrderFailed"]
    assert (await world.order(order.id)).reasons[0].code == code
    assert (await world.balances(licence))["available"] == 10


async def test_an_inspection_may_wait_for_a_technician(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(*job.until_completed())
    for _ in range(3):
        await world.late(order.id)
    assert (await world.saga(order.id)).step == "measure"
    assert (await world.view(order.id)).timeline[-1].why == "Waits for a technician's measurements"
    await world.say(job.passed())
    assert (await world.order(order.id)).status is Status.READY


async def test_a_job_order_cancelled_by_the_network_fails_the_order(world, placed):
    order, _ = placed
    job = Job(await allocating(world, order))
    await world.say(job.allocated())
    await world.say(routing.JobOrderCancelled(job_order_id="another", order_id=order.id, why="x"))
    assert (await world.order(order.id)).status is Status.ALLOCATED
    await world.say(routing.JobOrderCancelled(**job.base, why="the hub closed for good"))
    assert (await world.order(order.id)).reasons[0].detail == "the hub closed for good"


async def test_a_characteristic_without_a_value_refuses_the_order(world, knob):
    knob.characteristics[0].nominal = "1 / (diameter - 40)"
    await world.release(knob)
    await world.grant(None)
    order = await world.place()
    await world.say(assessed(order, 4))
    assert (await world.order(order.id)).reasons[0].code == "unmeasurable"


async def test_messages_about_unknown_orders_are_ignored(world):
    await world.say(routing.JobOrderWaiting(job_order_id="j", order_id="nobody's"))
    assert await world.sent() == []


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_said_in_whatever_order_the_books_stay_right(world, knob, seed):
    dice = random.Random(seed)
    await world.release(knob)
    licence = await world.grant(10)
    order = await world.place(3)
    await world.say(assessed(order, 2, 1))
    jobs: list[Job] = []
    ends: list[str] = []
    for _ in range(150):
        for message in await world.sent():
            name = message.DESCRIPTOR.name
            if name == "AllocateJobOrder":
                jobs.append(Job(message, 1))
            elif name.startswith("Order"):
                ends.append(name)
        job = jobs[-1] if dice.random() < 0.8 else dice.choice(jobs)
        if dice.random() < 0.03:
            job.token += 1
        likely = [*job.until_completed(), job.passed()]
        unlikely = [
            job.waiting(), job.expired(), job.aborted(), job.failed(), job.failed(*job.parts[:1]),
            job.program_refused(), job.completed(job.parts[:1]), assessed(order, 2, 1),
        ]  # fmt: skip
        await world.say(dice.choice(likely if dice.random() < 0.9 else unlikely))
    books = await world.balances(licence)
    assert sum(books.values()) == 10
    assert min(books.values()) >= 0
    seen = await world.order(order.id)
    units = [part.unit for part in seen.parts]
    assert (units.count("reserved"), units.count("used")) == (books["reserved"], books["used"])
    assert all(part.unit == "used" for part in seen.parts if part.status is Status.READY)
    ends += [name for name in names(await world.sent()) if name.startswith("Order")]
    ends.remove("OrderPlaced")
    assert len(ends) <= 1
    assert bool(ends) == (seen.status in {Status.READY, Status.FAILED, Status.REFUSED})
    if seen.status is not Status.READY and ends:
        assert "reserved" not in units
