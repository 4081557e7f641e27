"""When a desk is open, over weekends and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.domain.errors import BadOpeningHours, BadTimezone
from routing.domain.opening_hours import WEEKDAYS, OpeningHours

BERLIN = OpeningHours.of("Europe/Berlin", {"mon": ["08:00", "18:00"], "sat": ["10:00", "24:00"]})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-06-01T07:59:00+02:00", "2026-06-01T08:00:00+02:00"),
        ("2026-06-01T08:00:00+02:00", "2026-06-01T08:00:00+02:00"),
        ("2026-06-01T12:34:56+02:00", "2026-06-01T12:34:56+02:00"),
        ("2026-06-01T18:00:00+02:00", "2026-06-06T10:00:00+02:00"),
        ("2026-06-06T23:59:59+02:00", "2026-06-06T23:59:59+02:00"),
        ("2026-06-07T00:00:00+02:00", "2026-06-08T08:00:00+02:00"),
        ("2026-01-05T06:30:00+00:00", "2026-01-05T08:00:00+01:00"),
    ],
)
def test_the_desk_is_open_from(moment, opens):
    assert BERLIN.open_from(at(moment)) == at(opens)
    assert BERLIN.is_open(at(moment)) == (moment == opens)


def test_an_hour_that_the_clocks_skip_opens_after_the_gap():
    night = OpeningHours.of("Europe/Berlin", {"sun": ["02:15", "05:00"]})
    assert night.open_from(at("2026-03-29T00:00:00+01:00")) == at("2026-03-29T03:15:00+02:00")


def test_a_span_that_lies_in_the_gap_altogether_is_next_weeks():
    night = OpeningHours.of("Europe/Berlin", {"sun": ["02:00", "02:30"]})
    opens = night.open_from(at("2026-03-28T12:00:00+01:00"))
    assert opens in (at("2026-03-29T01:00:00+00:00"), at("2026-04-05T02:00:00+02:00"))


def test_hours_are_shown_as_they_were_given():
    assert BERLIN.texts() == {"mon": ["08:00", "18:00"], "sat": ["10:00", "24:00"]}


@pytest.mark.parametrize(
    "week",
    [
        {},
        {"mon": ["18:00", "08:00"]},
        {"mon": ["08:00", "08:00"]},
        {"mon": ["8:00", "18:00"]},
        {"mon": ["08:00", "25:00"]},
        {"mon": ["08:00", "12:60"]},
        {"mon": ["24:00", "24:00"]},
        {"mon": ["08:00"]},
        {"mon": ["08:00", "12:00", "13:00"]},
        {"monday": ["08:00", "18:00"]},
    ],
)
def test_impossible_hours_are_refused(week):
    with pytest.raises(BadOpeningHours):
        OpeningHours.of("Europe/Berlin", week)


@pytest.mark.parametrize("zone", ["", "Berlin", "Europe/Hamburg", "../etc/passwd", "Europe", "CEST+2", "\x00"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(BadTimezone):
        OpeningHours.of(zone, {"mon": ["08:00", "18:00"]})


@given(
    second=st.integers(0, 15 * 365 * 86_400),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    opens=st.integers(0, 23),
    length=st.integers(1, 24),
)
def test_the_next_opening_is_never_before_and_the_desk_is_open_then(second, zone, days, opens, length):
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    span = [f"{opens:02d}:00", f"{min(24, opens + length):02d}:00"]
    hours = OpeningHours.of(zone, dict.fromkeys(days, span))
    found = hours.open_from(moment)
    assert moment <= found <= moment + timedelta(days=14)
    assert hours.is_open(found)
