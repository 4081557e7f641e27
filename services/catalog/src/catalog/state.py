"""What catalog's API needs of the process it runs in."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.usecases.examine_design import Inspect
from chassis.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class CatalogState:
    """Found by routes in `request.app.state.service`."""

    units: UnitsOfWork
    inspect: Inspect
    allowed_packages: frozenset[str]
