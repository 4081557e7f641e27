"""What quality's API needs of the process it runs in."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class QualityState:
    """Found by routes in `request.app.state.service`."""

    units: UnitsOfWork
