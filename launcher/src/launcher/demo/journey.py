"""One order on its way, as the table shows it and as `demo.json` keeps it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from launcher.demo.people import Wish

READY = "ready_for_pickup"
ENDED_BADLY = frozenset({"failed", "refused", "cancelled"})


@dataclass
class Journey:
    """What is known of one order so far. `order`, `job` and `inspections` are the services' last answers."""

    wish: Wish
    order_id: str = ""
    order: dict[str, Any] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)
    allocation: dict[str, Any] = field(default_factory=dict)
    inspections: list[dict[str, Any]] = field(default_factory=list)
    hubs: list[str] = field(default_factory=list)
    title: str = ""

    @property
    def status(self) -> str:
        """The order's status, or what comes before it has one."""
        return str(self.order.get("status", "not placed"))

    @property
    def done(self) -> bool:
        """Whether nothing more will happen without the customer."""
        return self.status == READY or self.status in ENDED_BADLY

    @property
    def job_order(self) -> dict[str, Any]:
        """The newest job order of the order."""
        jobs = self.order.get("job_orders") or [{}]
        return dict(jobs[-1])

    def see(self, order: dict[str, Any]) -> None:
        """Take in a new answer about the order."""
        self.order = order
        hub = self.job_order.get("hub_name") or self.job_order.get("hub")
        if hub and (not self.hubs or self.hubs[-1] != hub):
            self.hubs.append(hub)

    def seconds(self) -> float:
        """From placement to the last thing that happened."""
        moments = [datetime.fromisoformat(entry["at"]) for entry in self.order.get("timeline", [])]
        return (max(moments) - min(moments)).total_seconds() if moments else 0.0

    def seconds_by_stage(self) -> dict[str, float]:
        """How long the order stood in each status, in the order of the first time."""
        spent: dict[str, float] = {}
        entries = self.order.get("timeline", [])
        for entry, following in itertools.pairwise(entries):
            begun, ended = (datetime.fromisoformat(each["at"]) for each in (entry, following))
            spent[entry["status"]] = round(spent.get(entry["status"], 0.0) + (ended - begun).total_seconds(), 3)
        return spent

    def measured(self) -> str:
        """The measurement furthest from its nominal, in a few words."""
        found = [
            value
            for inspection in self.inspections
            for part in inspection.get("parts", [])
            for value in part.get("measurements", [])
            if value.get("value") is not None
        ]
        if not found:
            return ""
        worst = max(found, key=lambda each: abs(float(each.get("deviation") or 0.0)))
        return (
            f"{worst['characteristic'].replace('_', ' ')} {float(worst['value']):.2f} {worst.get('unit', 'mm')}"
            f" ({float(worst['deviation']):+.2f})"
        )
