"""What the work of a workers' process is done with."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.unit_of_work import UnitsOfWork
from fabrication.store.artefacts import ArtefactStore
from fabrication.usecases.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Workplace:
    """The database, the CAD workers and the artefact store."""

    units: UnitsOfWork
    workshop: Workshop
    artefacts: ArtefactStore
