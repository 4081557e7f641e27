"""When a hub's pickup desk is open: local hours of a week in an IANA zone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from routing.domain.errors import BadOpeningHours, BadTimezone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_SEARCH_DAYS = 15


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`week` maps a day (`mon` … `sun`) to the minutes after local midnight at which it opens and closes."""

    timezone: str
    week: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, timezone: str, week: Mapping[str, Sequence[str]]) -> OpeningHours:
        """From `{"mon": ["08:00", "18:00"], …}`; a day without hours is closed. Raises BadOpeningHours, BadTimezone."""
        if timezone not in _zones():
            raise BadTimezone(f"{timezone!r} is no zone of the IANA database; one is 'Europe/Berlin'")
        if unknown := set(week) - set(WEEKDAYS):
            raise BadOpeningHours(f"unknown day {', '.join(sorted(unknown))}; known: {', '.join(WEEKDAYS)}")
        spans = {day: _span(day, week[day]) for day in WEEKDAYS if day in week}
        if not spans:
            raise BadOpeningHours("a hub that never opens cannot hand out parts; name at least one day")
        return cls(timezone, spans)

    def texts(self) -> dict[str, list[str]]:
        """The form in which hours are given and shown."""
        return {day: [_text(opens), _text(closes)] for day, (opens, closes) in self.week.items()}

    def open_from(self, at: datetime) -> datetime:
        """The first moment at or after `at` (aware) at which the desk is open, in UTC."""
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        for day in (today + timedelta(days=count) for count in range(_SEARCH_DAYS)):
            span = self.week.get(WEEKDAYS[day.weekday()])
            if span is None:
                continue
            opens, closes = (_instant(day, minutes, zone) for minutes in span)
            if at < closes and opens < closes:
                return max(at.astimezone(UTC), opens)
        raise AssertionError(f"no opening within {_SEARCH_DAYS} days although a day is named")

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at `at` (aware)."""
        return self.open_from(at) == at


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """A local wall-clock time in UTC; one that a change of the clocks skips falls after the gap."""
    whole_days, rest = divmod(minutes, 24 * 60)
    wall = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=zone) + timedelta(days=whole_days)
    return wall.astimezone(UTC)


def _span(day: str, given: Sequence[str]) -> tuple[int, int]:
    if len(given) != 2:
        raise BadOpeningHours(f'{day}: two times are wanted, as in ["08:00", "18:00"]')
    opens, closes = (_minutes(day, text) for text in given)
    if opens >= closes:
        raise BadOpeningHours(f"{day}: it closes at {given[1]}, not after it opens at {given[0]}")
    return opens, closes


def _minutes(day: str, text: str) -> int:
    if not _TIME.fullmatch(text):
        raise BadOpeningHours(f"{day}: {text!r} is no time of day; write 08:00 to 24:00")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
