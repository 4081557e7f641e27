"""How the demonstration loses a hub: its agent and its machines are killed, and stay dead."""

from __future__ import annotations

from collections.abc import Sequence

from launcher.demo.journey import Journey

EARLIEST, LATEST = 0.1, 0.75
"""The job must be well begun and far from done, as fractions of its program."""


def worth_killing(journeys: Sequence[Journey]) -> tuple[Journey, str] | None:
    """An order whose machine is in the middle of it, and the hub's id; None while there is no such order."""
    for journey in journeys:
        fraction = float(journey.job.get("fraction") or 0.0)
        if journey.status == "making" and EARLIEST <= fraction <= LATEST:
            hub = journey.job_order.get("hub")
            if hub:
                return journey, str(hub)
    return None
