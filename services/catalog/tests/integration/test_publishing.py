"""Publishing over HTTP, on real servers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from catalog.messages import DesignVersionReleased
from fabmesh.types.v1.types_pb2 import Finding

from .conftest import MODEL, Caller, Fabrication, design

pytestmark = pytest.mark.integration


async def test_a_published_design_is_stored_announced_and_shown(
    acme: Caller, fabrication: Fabrication, released: Any
) -> None:
    answer = await acme.publish()
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["slug"] == "coffee-knob"
    assert body["version"] == 1
    assert body["rights_holder"] == {"id": acme.organisation_id, "name": "Acme Coffee", "held_in_trust": False}
    assert [(each["name"], each["adjustable"]) for each in body["parameters"]] == [
        ("diameter", True),
        ("grips", True),
        ("lid", False),
        ("label", False),
    ]
    assert (await acme.http.get(answer.headers["Location"])).json() == body
    (event,) = await released(DesignVersionReleased)
    assert event.version_id == body["version_id"]
    assert event.design_id == body["id"]
    assert event.rights_holder_id == acme.organisation_id
    assert event.model_source == MODEL
    assert event.licence.fee.amount == "1.50"
    assert event.parameters[0].max == 60
    assert not event.parameters[2].HasField("max")


async def test_the_same_content_again_is_the_same_version_and_is_not_built_again(
    acme: Caller, fabrication: Fabrication, released: Any
) -> None:
    first = (await acme.publish()).json()
    again = await acme.publish(MODEL.replace("\n", "\r\n"), "# a comment\n" + design())
    assert again.status_code == 200
    assert again.json() == first
    assert len(fabrication.asked) == 1
    assert len(await released(DesignVersionReleased)) == 1


async def test_other_content_under_the_slug_is_the_next_version(acme: Caller, fabrication: Fabrication) -> None:
    first = (await acme.publish()).json()
    second = (await acme.publish(MODEL.replace("36.0", "40.0"))).json()
    assert (second["id"], second["version"]) == (first["id"], 2)
    assert second["parameters"][0]["default"] == 40
    shown = (await acme.http.get("/catalog/v1/designs/coffee-knob")).json()
    assert shown["version"] == 2
    assert [each["version"] for each in shown["versions"]] == [1, 2]


async def test_twins_published_at_once_are_one_version(acme: Caller, fabrication: Fabrication) -> None:
    fabrication.delay_s = 0.3
    answers = await asyncio.gather(*(acme.publish() for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["version_id"] for answer in answers}) == 1


async def test_different_versions_published_at_once_count_on(acme: Caller, fabrication: Fabrication) -> None:
    fabrication.delay_s = 0.3
    answers = await asyncio.gather(*(acme.publish(MODEL.replace("36.0", f"{30 + n}.0")) for n in range(4)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4]


async def test_a_form_with_files_is_taken(acme: Caller, fabrication: Fabrication) -> None:
    files = {"model": ("model.py", MODEL.encode()), "design": ("design.toml", design().encode())}
    answer = await acme.http.post("/catalog/v1/designs", files=files)
    assert answer.status_code == 201, answer.text
    assert (await acme.publish()).json()["version_id"] == answer.json()["version_id"]


async def test_a_form_with_fields_is_taken(acme: Caller, fabrication: Fabrication) -> None:
    fields = {"model": (None, MODEL), "design": (None, design())}
    answer = await acme.http.post("/catalog/v1/designs", files=fields, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201, answer.text


WRONG_FORMS = [
    ({"model": ("m", b"x = 1")}, 422, "invalid-request"),
    ({"model": ("m", b"x = 1"), "design": ("d", b"x"), "more": ("e", b"x")}, 422, "invalid-request"),
    ({"model": ("m", b"\xff\xfe"), "design": ("d", b"x")}, 422, "not-utf-8"),
    ({"model": ("m", b"x = '\x00'"), "design": ("d", b"x")}, 422, "not-text"),
    ({"model": ("m", b"#" * (256 * 1024 + 1)), "design": ("d", b"x")}, 413, "model-too-large"),
    ({"model": ("m", b"x = 1"), "design": ("d", b"#" * (64 * 1024 + 1))}, 413, "design-too-large"),
    ({"model": (None, "#" * (256 * 1024 + 1)), "design": (None, "x")}, 413, "model-too-large"),
    ({"model": ("m", b"#" * 3 * 1024 * 1024), "design": ("d", b"x")}, 413, "body-too-large"),
]


async def test_a_form_that_is_wrong_is_refused(acme: Caller) -> None:
    for files, status, code in WRONG_FORMS:
        answer = await acme.http.post("/catalog/v1/designs", files=files)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:fabmesh:problem:{code}")


WRONG_BODIES = [
    (b"{", "application/json", 400),
    (b"", "application/json", 422),
    (b"[]", "application/json", 422),
    (b'{"model": 1, "design": "x"}', "application/json", 422),
    (b'{"model": "x", "design": "x", "extra": 1}', "application/json", 422),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
    (b"nothing", "multipart/form-data", 400),
]


async def test_a_body_that_is_wrong_is_refused(acme: Caller) -> None:
    for body, content_type, status in WRONG_BODIES:
        answer = await acme.http.post("/catalog/v1/designs", content=body, headers={"Content-Type": content_type})
        assert answer.status_code == status, body
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_refused_model_is_a_problem_with_findings_and_nothing_is_stored(
    acme: Caller, fabrication: Fabrication
) -> None:
    finding = Finding(code="invalid-solid", severity="error", detail="The solid is open.", mend="Close the profile.")
    fabrication.findings = [Finding(code="thin-wall", severity="warning", detail="thin"), finding]
    answer = await acme.publish()
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:fabmesh:problem:model-refused"
    assert [each["code"] for each in answer.json()["findings"]] == ["invalid-solid"]
    assert (await acme.http.get("/catalog/v1/designs")).json()["items"] == []
    fabrication.findings = fabrication.findings[:1]
    assert (await acme.publish()).status_code == 201


async def test_fabrication_away_is_a_503_and_nothing_is_stored(acme: Caller) -> None:
    answer = await acme.publish()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["type"] == "urn:fabmesh:problem:fabrication-away"
    assert (await acme.http.get("/catalog/v1/designs")).json()["items"] == []


FAULTS = [
    ("title = ", "invalid-toml"),
    (design().replace('"pla"', '"cheese"'), "unknown-material"),
    (design().replace("[parameters.grips]", "[parameters.teeth]"), "unknown-parameter"),
    (design().replace("min = 28", "min = 38"), "bad-bounds"),
    (design().replace('nominal = "diameter"', 'nominal = "width"'), "bad-expression"),
    (design(holder="Nobody Inc."), "unknown-rights-holder"),
    (design(more='requires = ["left-pad==1.0"]\n'), "package-not-allowed"),
    (design(more='requires = ["left-pad==1.0"]\n').replace('title = "Knob', 'titel = "Knob'), "missing-field"),
]


async def test_a_design_at_fault_is_refused(acme: Caller, fabrication: Fabrication) -> None:
    for toml, code in FAULTS:
        answer = await acme.publish(toml=toml)
        assert (answer.status_code, answer.json()["type"]) == (422, f"urn:fabmesh:problem:{code}"), toml
    assert (await acme.http.get("/catalog/v1/designs")).json()["items"] == []


async def test_an_allowed_package_goes_with_the_question_and_the_version(
    acme: Caller, fabrication: Fabrication
) -> None:
    answer = await acme.publish(toml=design(more='requires = ["cqgridfinity==0.5.7"]\n'))
    assert answer.json()["requires"] == ["cqgridfinity==0.5.7"]


async def test_an_idempotency_key_gives_the_first_answer_again(acme: Caller, fabrication: Fabrication) -> None:
    first = await acme.publish(**{"Idempotency-Key": "one"})
    again = await acme.publish(**{"Idempotency-Key": "one"})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replay"] == "true"
    other = await acme.publish(MODEL.replace("36.0", "37.0"), **{"Idempotency-Key": "one"})
    assert other.status_code == 422
