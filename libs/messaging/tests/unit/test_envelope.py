from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabmesh.hub.v1.hub_pb2 import ClaimRequested, JobReported
from fabmesh.orders.v1.events_pb2 import OrderPlaced
from fabmesh.routing.v1.commands_pb2 import AllocateJobOrder
from messaging.envelope import seal, unseal, uuid7
from messaging.errors import MalformedMessage
from messaging.structured import from_json, to_json
from messaging.subjects import hub_jobs, kebab, subject_of


def test_ids_sort_by_the_time_of_their_making():
    ids = [uuid7() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)
    assert all(each[14] == "7" and each[19] in "89ab" for each in ids)


def test_an_envelope_survives_its_headers():
    sent = seal(
        OrderPlaced(order_id="o"),
        source="orders",
        subject="o",
        correlation_id="o",
        causation_id="c",
        aggregate_version=3,
        trace={"traceparent": "00-1", "secret": "no"},
    )
    came = unseal(sent.headers(), sent.data)
    assert (came.id, came.type, came.subject, came.time) == (sent.id, "fabmesh.orders.v1.OrderPlaced", "o", sent.time)
    assert (came.correlation_id, came.causation_id, came.aggregate_version) == ("o", "c", 3)
    assert dict(came.trace) == {"traceparent": "00-1"}


@pytest.mark.parametrize("missing", ["ce-id", "ce-type", "ce-source", "ce-subject", "ce-time"])
def test_an_attribute_that_is_missing_is_named(missing):
    headers = seal(OrderPlaced(), source="orders", subject="o").headers()
    del headers[missing]
    with pytest.raises(MalformedMessage, match=missing):
        unseal(headers, b"")


@pytest.mark.parametrize(("name", "value"), [("ce-time", "yesterday"), ("ce-aggregateversion", "x")])
def test_an_unreadable_attribute_is_refused(name, value):
    headers = seal(OrderPlaced(), source="orders", subject="o").headers() | {name: value}
    with pytest.raises(MalformedMessage):
        unseal(headers, b"")


def test_subjects_follow_from_names():
    assert subject_of(OrderPlaced) == "evt.orders.v1.order-placed"
    assert subject_of(AllocateJobOrder) == "cmd.routing.v1.allocate-job-order"
    assert kebab("NcProgramVerified") == "nc-program-verified"
    with pytest.raises(ValueError, match="neither"):
        subject_of(JobReported)


@pytest.mark.parametrize("hub", ["*", "a.b", "", ">", "a b", "ä"])
def test_a_hub_cannot_smuggle_a_subject(hub):
    with pytest.raises(ValueError, match="subject"):
        hub_jobs(hub, "m")


def claim() -> bytes:
    message = ClaimRequested(job_order_id="j", machine_id="m", fencing_token=7)
    return to_json(seal(message, source="hub/h", subject="j"), message)


def test_the_structured_form_is_readable_json_and_comes_back():
    envelope, message = from_json(claim(), ClaimRequested)
    assert (message.fencing_token, envelope.subject, envelope.source) == (7, "j", "hub/h")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        claim().replace(b'"data":{', b'"data":{"unknown":1,'),
        claim().replace(b'"data":{', b'"data":[{').replace(b"}}", b"}]}"),
        claim().replace(b"ClaimRequested", b"JobReported"),
        claim().replace(b'"j"', b'"j\\u0000"'),
        claim().replace(b'"7"', b"true"),
        claim().replace(b'"7"', b'"99999999999999999999"'),
        claim().replace(b'"subject"', b'"object"'),
        b"x" * 300_000,
    ],
)
def test_what_is_no_such_message_is_refused(body):
    with pytest.raises(MalformedMessage):
        from_json(body, ClaimRequested)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(body):
    with pytest.raises(MalformedMessage):
        from_json(body, ClaimRequested)
