"""Licences: who may grant and see them, what is owed, and units that many hands move at once."""

from __future__ import annotations

import asyncio
import json
import random

import pytest
from sqlalchemy.exc import IntegrityError

from fabmesh.routing.v1 import events_pb2 as routing
from orders.domain.errors import Unacceptable
from orders.sagas.fulfilment import OrderFulfilment
from orders.usecases.cancel_order import CancelOrder, cancel_order

pytestmark = pytest.mark.integration


@pytest.fixture
async def holder(world, knob, admin):
    """A client of the design's rights-holder, with the scopes of one."""
    made = (await admin.post("/orders/v1/organisations", json={"name": "Holder", "kind": "rights-holder"})).json()
    knob.rights_holder_id = made["id"]
    await world.release(knob)
    scopes = ["orders:read", "licences:write"]
    issued = await admin.post(f"/orders/v1/organisations/{made['id']}/keys", json={"scopes": scopes})
    client = type(admin)(
        base_url=admin.base_url, headers={"Authorization": f"Bearer {issued.json()['key']}"}, timeout=20
    )
    yield client
    await client.aclose()


def code(answer):
    return answer.json()["type"].rsplit(":", 1)[-1]


def licence(**changes):
    return {"design": "knob", "organisation": "Demo partner", "units": 5} | changes


async def test_a_rights_holder_grants_and_both_sides_see_it(holder, partner, admin, world):
    answer = await holder.post("/orders/v1/licences", json=licence(territory="EU", until="2099-01-01T00:00:00Z"))
    assert answer.status_code == 201
    granted = answer.json()
    assert granted["design"] == {"id": "0192f000-0000-7000-8000-0000000000d1", "slug": "knob"}
    assert granted["organisation"] == {"id": world.partner_id, "name": "Demo partner"}
    assert (granted["units"], granted["available"], granted["reserved"], granted["used"]) == (5, 5, 0, 0)
    assert (granted["territory"], granted["until"]) == ("EU", "2099-01-01T00:00:00Z")
    for client in (holder, partner, admin):
        assert (await client.get("/orders/v1/licences")).json()["items"] == [granted]
    unlimited = (
        await admin.post("/orders/v1/licences", json=licence(organisation=world.partner_id, units=None))
    ).json()
    assert (unlimited["units"], unlimited["available"]) == (None, None)
    page = (await partner.get("/orders/v1/licences", params={"limit": 1})).json()
    assert [item["id"] for item in page["items"]] == [unlimited["id"]]
    rest = (await partner.get("/orders/v1/licences", params={"cursor": page["next_cursor"]})).json()
    assert [item["id"] for item in rest["items"]] == [granted["id"]]


@pytest.mark.parametrize(
    ("changes", "status", "wanted"),
    [
        ({"design": "nothing"}, 422, "unknown-design"),
        ({"organisation": "Nobody"}, 422, "unknown-organisation"),
        ({"units": 0}, 422, "invalid-request"),
        ({"units": 1.5}, 422, "invalid-request"),
        ({"until": "2020-01-01T00:00:00Z"}, 422, "already-expired"),
        ({"until": "2099-01-01T00:00:00"}, 422, "invalid-request"),
    ],
)
async def test_a_grant_that_makes_no_sense_is_refused(holder, changes, status, wanted):
    answer = await holder.post("/orders/v1/licences", json=licence(**changes))
    assert (answer.status_code, code(answer)) == (status, wanted)


async def test_units_must_be_named_even_where_there_is_no_limit(holder):
    answer = await holder.post("/orders/v1/licences", json={"design": "knob", "organisation": "Demo partner"})
    assert code(answer) == "invalid-request"


async def test_only_the_rights_holder_and_the_operator_grant(holder, world, clip, partner):
    clip.rights_holder_id = "somebody-else"
    await world.release(clip)
    answer = await holder.post("/orders/v1/licences", json=licence(design="clip"))
    assert (answer.status_code, code(answer)) == (403, "not-the-rights-holder")
    assert code(await partner.post("/orders/v1/licences", json=licence())) == "missing-scope"


async def test_licences_follow_a_design_to_its_rights_holder(holder, world, knob, admin):
    granted = (await admin.post("/orders/v1/licences", json=licence())).json()
    knob.rights_holder_id = "heir"
    await world.release(knob)
    assert (await holder.get("/orders/v1/licences")).json()["items"] == []
    assert (await admin.get("/orders/v1/licences")).json()["items"] == [granted | {"rights_holder": "heir"}]


async def test_a_statement_is_units_used_times_the_fee_they_were_used_at(holder, world, partner, knob):
    granted = (await holder.post("/orders/v1/licences", json=licence(units=None))).json()
    await _start(world, 2)
    knob.version_id, knob.version = "v2", 2
    knob.licence.fee.amount = "2.00"
    await world.release(knob)
    await _start(world, 3)
    await world.place(4)
    for client in (holder, partner):
        items = (await client.get("/orders/v1/statements")).json()["items"]
        assert [(item["units_used"], item["fee"]["amount"], item["royalties"]["amount"]) for item in items] == [
            (2, "1.50", "3.00"),
            (3, "2.00", "6.00"),
        ]
        assert {item["licence"] for item in items} == {granted["id"]}
    page = (await holder.get("/orders/v1/statements", params={"limit": 1})).json()
    rest = (await holder.get("/orders/v1/statements", params={"cursor": page["next_cursor"]})).json()
    assert [page["items"][0], *rest["items"]] == items


async def _start(world, quantity):
    """Place an order and let its parts start."""
    order = await world.place(quantity)
    await _hold(world, order)
    await world.say(_started(order))


def _started(order):
    parts = [part.id for part in order.parts]
    return routing.JobOrderStarted(job_order_id=f"j-{order.id}", order_id=order.id, fencing_token=1, part_ids=parts)


async def _hold(world, order):
    """Bring an order's saga to where its job order may start."""
    parts = [part.id for part in order.parts]
    await world.sql(
        "insert into job_orders (id, order_id, part_ids, state, hub_name) values (:j, :o, :p, 'dispatched', 'Altona')",
        j=f"j-{order.id}",
        o=order.id,
        p=parts,
    )
    active = json.dumps({"job_order_id": f"j-{order.id}", "token": 1, "part_ids": parts})
    await world.sql(
        "update sagas set step = 'make', data = data || cast(:active as jsonb) where id = :o", active=active, o=order.id
    )


@pytest.mark.parametrize("seed", range(6))
async def test_units_moved_by_many_at_once_are_never_lost_nor_below_zero(world, knob, seed):
    await world.release(knob)
    grants = [await world.grant(units) for units in (12, 7)]
    dice = random.Random(seed)
    refusals: list[str] = []
    started: set[str] = set()
    ended: set[str] = set()

    async def life() -> None:
        try:
            order = await world.place(dice.randint(1, 5))
        except Unacceptable as refused:
            refusals.append(refused.code)
            return
        await _hold(world, order)
        acts = [act for act in ("start", "start again", "cancel") if dice.random() < 0.7]
        dice.shuffle(acts)
        await asyncio.gather(*(_act(act, order) for act in acts))

    async def _act(act: str, order) -> None:
        if act == "cancel":
            async with world.units.begin() as uow:
                await cancel_order(CancelOrder(order.id, None, "enough"), OrderFulfilment(), uow)
            ended.add(order.id)
        else:
            await world.say(_started(order))
            started.add(order.id)

    await asyncio.gather(*(life() for _ in range(12)))
    assert set(refusals) <= {"licence-exhausted"}
    totals = [await world.balances(licence) for licence in grants]
    for units, balance in zip((12, 7), totals, strict=True):
        assert sum(balance.values()) == units
        assert min(balance.values()) >= 0
    parts = await world.sql(
        "select unit, count(*) n from parts where licence_id is not null group by unit order by unit"
    )
    by_unit = {row.unit: row.n for row in parts}
    assert by_unit.get("used", 0) == sum(balance["used"] for balance in totals)
    assert by_unit.get("reserved", 0) == sum(balance["reserved"] for balance in totals)
    untouched = await world.sql("select order_id as id from parts group by order_id having bool_and(unit = 'reserved')")
    assert {row.id for row in untouched}.isdisjoint(started | ended)


async def test_the_database_itself_holds_the_rules_of_the_ledger(world, knob):
    await world.release(knob)
    granted = await world.grant(1)
    order = await world.place()
    entry = "insert into licence_ledger (movement_id, kind, licence_id, account, units, part_id) values "
    for statement in (
        "update licences set available = available - 1 where id = :l and :p <> ''",
        "update licences set reserved = reserved - 2 where id = :l and :p <> ''",
        entry + "('m', 'use', :l, 'used', 0, :p)",
        entry + "('m', 'reserve', :l, 'reserved', 1, :p)",
    ):
        with pytest.raises(IntegrityError):
            await world.sql(statement, l=granted, p=order.parts[0].id)
