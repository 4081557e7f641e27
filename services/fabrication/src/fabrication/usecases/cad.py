"""What the use cases want of the CAD workers; `fabrication.cad.worker.CadWorker` is it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fabrication.domain.assessment import Assessment
from fabrication.domain.facts import ModelFacts, ParameterValue
from fabrication.domain.machines import MachineProfile
from fabrication.domain.programs import ProgramResult
from fabrication.domain.requests import PrintRequest


class Cad(Protocol):
    """Builds, assesses and programs. Raises CadRefused (the design's fault) and CadFailed (ours; try again)."""

    async def start(self) -> None:
        """Get ready, unless it is. Raises CadFailed."""

    async def stop(self) -> None:
        """End everything that was started; jobs under way raise CadFailed."""

    async def inspect_model(self, script: bytes, extra_paths: Sequence[Path] = ()) -> ModelFacts:
        """What the script declares and builds at its defaults."""

    async def assess(
        self,
        script: bytes,
        parameters: Mapping[str, ParameterValue],
        material: str,
        profiles: Sequence[MachineProfile],
        *,
        request: PrintRequest | None = None,
        extra_paths: Sequence[Path] = (),
    ) -> Assessment:
        """The configuration and every profile's answer."""

    async def program(
        self,
        script: bytes,
        parameters: Mapping[str, ParameterValue],
        profile: MachineProfile,
        material: str,
        quantity: int = 1,
        request: PrintRequest | None = None,
        *,
        extra_paths: Sequence[Path] = (),
    ) -> ProgramResult:
        """A program of one plate with all its files, and whether it passed its verification."""
