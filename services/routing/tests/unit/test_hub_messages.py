"""What is let in from hubs: only what can be meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fabmesh.hub.v1 import hub_pb2 as protocol
from messaging.envelope import seal
from messaging.errors import MalformedMessage
from messaging.structured import to_json
from routing.domain.network import MachineState
from routing.domain.reports import Aborted, Completed, Progressed, Started
from routing.messages.hub import claim_of, heartbeat_of, hub_of, report_of

SUBJECT = "hub.h1.reports.m1"
GOOD = {"report_id": "r1", "job_order_id": "j1", "fencing_token": 7, "sequence": 1}


def body(message, **event):
    said = json.loads(to_json(seal(message, source="hub", subject="x"), message))
    return json.dumps(said | event).encode()


def reported(**fields):
    return body(protocol.JobReported(**(GOOD | fields)))


@pytest.mark.parametrize(
    ("what", "news"),
    [
        ({"started": {}}, Started()),
        ({"progressed": {"fraction": 0.25}}, Progressed(0.25)),
        ({"completed": {"used_g": 1.5, "program_sha256": "ab"}}, Completed(1.5, 0, "ab")),
    ],
)
def test_a_report_is_read_whole(what, news):
    report = report_of(SUBJECT, reported(machine_id="m1", **what)).report
    assert (report.id, report.job_order_id, report.sequence) == ("r1", "j1", 1)
    assert (report.speaker.hub_id, report.speaker.machine_id, report.speaker.token) == ("h1", "m1", 7)
    assert report.news == news


def test_the_subject_says_who_speaks():
    assert hub_of("hub.h1.claims") == "h1"
    claim = protocol.ClaimRequested(job_order_id="j1", machine_id="m1", fencing_token=7)
    assert claim_of("hub.h1.claims", body(claim)).holder.hub_id == "h1"
    beat = protocol.HeartbeatSent(hub_id="another", machines=[{"machine_id": "m1", "state": "idle"}])
    assert heartbeat_of("hub.h1.heartbeat", body(beat)).hub_id == "h1"


def test_a_moment_is_taken_in_utc():
    message = protocol.JobReported(**GOOD, started={})
    message.at.FromDatetime(datetime(2026, 3, 1, tzinfo=UTC))
    assert report_of(SUBJECT, body(message)).report.at == datetime(2026, 3, 1, tzinfo=UTC)


def test_words_are_shortened_and_lose_control_characters():
    reason = {"code": "jam", "detail": "a\nb\x07c" + "x" * 9_000}
    news = report_of(SUBJECT, reported(aborted={"reason": reason})).report.news
    assert isinstance(news, Aborted)
    assert news.reason.detail.startswith("a b cxxx")
    assert len(news.reason.detail) == 500


def test_a_state_that_nobody_knows_is_unknown():
    beat = protocol.HeartbeatSent(machines=[{"machine_id": "m1", "state": "on fire"}])
    assert heartbeat_of("hub.h1.heartbeat", body(beat)).machines[0].state is MachineState.UNKNOWN


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"started": {}, "sequence": 0},
        {"started": {}, "sequence": -1},
        {"started": {}, "fencing_token": 0},
        {"started": {}, "report_id": ""},
        {"started": {}, "report_id": "r 1"},
        {"started": {}, "job_order_id": "x" * 65},
        {"started": {}, "machine_id": "another"},
        {"progressed": {"fraction": 1.01}},
        {"progressed": {"fraction": -0.01}},
        {"progressed": {"fraction": float("nan")}},
        {"completed": {"used_g": float("inf")}},
        {"completed": {"used_g": -1}},
        {"completed": {"machine_minutes": 1e7}},
        {"completed": {"measurements": [{"part_id": "p", "value": float("nan")}]}},
        {"completed": {"measurements": [{"part_id": "", "value": 1}]}},
        {"completed": {"measurements": [{"part_id": "p", "value": 1}] * 5001}},
    ],
)
def test_a_report_that_cannot_be_meant_is_malformed(fields):
    with pytest.raises(MalformedMessage):
        report_of(SUBJECT, reported(**fields))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"\xff",
        b"{" * 10_000,
        b'{"type":"fabmesh.hub.v1.JobReported"}',
        body(protocol.JobReported(**GOOD, started={}), type="fabmesh.hub.v1.Started"),
        body(protocol.JobReported(**GOOD, started={}), id="x\r\nNats-Evil: 1"),
        body(protocol.JobReported(**GOOD, started={}), id="x" * 201),
        body(protocol.JobReported(**GOOD, started={}), time="yesterday"),
        body(protocol.JobReported(**GOOD, started={}), data={"at": "10000-01-01T00:00:00Z"}),
        body(protocol.JobReported(**GOOD, started={}), data={"surprise": 1}),
    ],
)
def test_what_is_no_report_is_malformed(said):
    with pytest.raises(MalformedMessage):
        report_of(SUBJECT, said)


@pytest.mark.parametrize("subject", ["hub", "hub..claims", "hub.*.claims", "hub.a b.claims", "hub.>.claims"])
def test_a_subject_that_names_no_hub_is_malformed(subject):
    with pytest.raises(MalformedMessage):
        hub_of(subject)


def test_a_heartbeat_is_bounded_and_names_a_machine_once():
    many = protocol.HeartbeatSent(machines=[{"machine_id": f"m{n}", "state": "idle"} for n in range(257)])
    twice = protocol.HeartbeatSent(machines=[{"machine_id": "m1", "state": "idle"}] * 2)
    for beat in (many, twice):
        with pytest.raises(MalformedMessage):
            heartbeat_of("hub.h1.heartbeat", body(beat))
