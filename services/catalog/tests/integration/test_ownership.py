"""Who may publish, read a script and withdraw."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.messages import DesignVersionReleased, DesignVersionWithdrawn
from fabmesh.orders.v1.events_pb2 import OrganisationRegistered

from .conftest import MODEL, Caller, Emit, Fabrication, SignUp, design

pytestmark = pytest.mark.integration


@pytest.fixture
async def nordhaus(sign_up: SignUp) -> Caller:
    return await sign_up("Nordhaus Appliances")


async def test_a_rights_holder_publishes_for_itself_alone(
    acme: Caller, nordhaus: Caller, fabrication: Fabrication
) -> None:
    answer = await nordhaus.publish()
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:fabmesh:problem:not-the-rights-holder"
    assert (await nordhaus.publish(toml=design(holder=nordhaus.organisation_id))).status_code == 201


async def test_the_operator_publishes_for_everybody(operator: Caller, acme: Caller, fabrication: Fabrication) -> None:
    answer = await operator.publish(toml=design(holder="acme  COFFEE"))
    assert answer.json()["rights_holder"]["id"] == acme.organisation_id
    assert (await acme.publish(MODEL.replace("36.0", "37.0"))).json()["version"] == 2


async def test_a_slug_of_another_rights_holder_is_taken(
    acme: Caller, nordhaus: Caller, fabrication: Fabrication
) -> None:
    await acme.publish()
    answer = await nordhaus.publish(toml=design(holder="Nordhaus Appliances"))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:fabmesh:problem:slug-taken"


async def test_a_reader_may_not_publish(sign_up: SignUp) -> None:
    partner = await sign_up("Demo partner", "partner")
    assert (await partner.publish()).status_code == 403


async def test_a_script_is_shown_to_its_owner_and_the_operator_alone(
    operator: Caller, acme: Caller, nordhaus: Caller, sign_up: SignUp, fabrication: Fabrication
) -> None:
    await acme.publish()
    path = "/catalog/v1/designs/coffee-knob/versions/1/model"
    for caller in (acme, operator):
        answer = await caller.http.get(path)
        assert (answer.status_code, answer.text) == (200, MODEL)
        assert answer.headers["ETag"]
    assert (await nordhaus.http.get(path)).status_code == 404
    partner = await sign_up("Demo partner", "partner")
    assert (await partner.http.get(path)).status_code == 403


async def test_an_unknown_rights_holders_design_is_held_in_trust_until_it_registers(
    operator: Caller, fabrication: Fabrication, sign_up: SignUp, released: Any
) -> None:
    held = (await operator.publish()).json()
    assert held["rights_holder"] == {"id": operator.organisation_id, "name": "Acme Coffee", "held_in_trust": True}
    assert (await operator.publish(MODEL.replace("36.0", "37.0"))).json()["version"] == 2
    taken = await operator.publish(toml=design(holder="Somebody Else"))
    assert taken.status_code == 409

    acme = await sign_up("Acme Coffee")
    shown = (await acme.http.get("/catalog/v1/designs/coffee-knob")).json()
    assert shown["rights_holder"] == {"id": acme.organisation_id, "name": "Acme Coffee", "held_in_trust": False}
    events = await released(DesignVersionReleased, 4)
    assert [event.rights_holder_id for event in events] == [operator.organisation_id] * 2 + [acme.organisation_id] * 2
    assert [event.version for event in events] == [1, 2, 1, 2]
    assert (await acme.publish()).json()["version_id"] == held["version_id"]


async def test_one_name_of_two_organisations_is_asked_back(
    operator: Caller, acme: Caller, emit: Emit, sql: Any, eventually: Any
) -> None:
    await emit(OrganisationRegistered(organisation_id="twin", name="Acme Coffee", kind="partner"), "twin")
    await eventually(lambda: sql("select 1 from organisations where id = 'twin'"))
    answer = await operator.publish()
    assert answer.json()["type"] == "urn:fabmesh:problem:unknown-rights-holder"


async def test_a_withdrawn_version_gives_way_to_the_one_before(
    acme: Caller, fabrication: Fabrication, released: Any
) -> None:
    await acme.publish()
    second = (await acme.publish(MODEL.replace("36.0", "37.0"))).json()
    path = "/catalog/v1/designs/coffee-knob/versions/2"
    answer = await acme.http.post(path + "/withdraw", json={"why": "The socket splits."})
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "withdrawn"
    again = await acme.http.post(path + "/withdraw", json={"why": "another reason"})
    assert again.json()["withdrawn"]["why"] == "The socket splits."
    (event,) = await released(DesignVersionWithdrawn)
    assert (event.version_id, event.why) == (second["version_id"], "The socket splits.")
    (item,) = (await acme.http.get("/catalog/v1/designs")).json()["items"]
    assert item["version"] == 1
    assert (await acme.publish(MODEL.replace("36.0", "37.0"))).json()["status"] == "withdrawn"
    assert (await acme.publish(MODEL.replace("36.0", "38.0"))).json()["version"] == 3


async def test_a_design_without_a_version_left_is_listed_no_more(acme: Caller, fabrication: Fabrication) -> None:
    await acme.publish()
    await acme.http.post("/catalog/v1/designs/coffee-knob/versions/1/withdraw", json={"why": "It breaks."})
    assert (await acme.http.get("/catalog/v1/designs")).json()["items"] == []
    assert (await acme.http.get("/catalog/v1/designs/coffee-knob")).json()["status"] == "withdrawn"


async def test_nobody_withdraws_anothers_version(acme: Caller, nordhaus: Caller, fabrication: Fabrication) -> None:
    await acme.publish()
    path = "/catalog/v1/designs/coffee-knob/versions/1/withdraw"
    assert (await nordhaus.http.post(path, json={"why": "spite"})).status_code == 404
    assert (await acme.http.post(path, json={"why": ""})).status_code == 422
    assert (await acme.http.get("/catalog/v1/designs/coffee-knob")).json()["status"] == "released"
