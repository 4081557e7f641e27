"""What the agent knows of one job order and one fencing token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format

from fabmesh.hub.v1.hub_pb2 import JobOffered
from hub.drivers import Key

FINAL = ("completed", "aborted")
"""The kinds of report after which a job has nothing more to say."""


@dataclass(slots=True)
class Report:
    """One report: `body` is the structured CloudEvent as it goes out, the same every time."""

    id: str
    key: Key
    machine_id: str
    sequence: int
    kind: str
    body: str
    fraction: float = 0.0
    acknowledged: bool = False


@dataclass(slots=True)
class Job:
    """An offer and how far it came. Once `begun` it may have been started, and is never started again.

    `ended` says how it ended; empty while it has not.
    """

    key: Key
    machine_id: str
    offer: Mapping[str, Any]
    order_id: str
    cause: str
    trace: Mapping[str, str]
    begun: bool = False
    ended: str = ""
    reports: list[Report] = field(default_factory=list)

    def offered(self) -> JobOffered:
        """The offer as it came."""
        return json_format.ParseDict(dict(self.offer), JobOffered(), ignore_unknown_fields=True)

    def has_reported(self, kind: str) -> bool:
        """Whether a report of that kind was made."""
        return any(report.kind == kind for report in self.reports)

    @property
    def reported_fraction(self) -> float:
        """The last progress that was reported."""
        return max((report.fraction for report in self.reports), default=0.0)

    @property
    def settled(self) -> bool:
        """Whether it has ended and the network has all that there is to say."""
        return bool(self.ended) and all(report.acknowledged for report in self.reports)
