"""What the API is given."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitsOfWork
from fabrication.store.artefacts import ArtefactStore
from fabrication.usecases.estimate import Asker


@dataclass(frozen=True, slots=True)
class ApiState:
    """The database, the artefact store, and whom to ask."""

    units: UnitsOfWork
    artefacts: ArtefactStore
    mesh: Asker
    estimate_timeout_s: float
