"""The CAD worker: what the rest of fabrication asks of CadQuery, each job in a confined process of its own.

    worker = CadWorker(Path("/var/lib/fabrication"))
    await worker.start()
    assessment = await worker.assess(script, {"bore_mm": 6.2}, "petg", profiles)

Whatever is found is kept under the digest of everything it was made from: asked again, the same files are answered.
Errors: CadRefused (the design is at fault, asking again changes nothing) and CadFailed (ours; asking again may help).
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fabrication.cad.answers import BuildOutcome, Measured
from fabrication.cad.files import GLB, PICTURE, PLAN, PROGRAM, STEP, STL, VERIFICATION, artefact
from fabrication.cad.isolation.confine import Isolation
from fabrication.cad.runner import JobRunner, keep, value_of
from fabrication.data.library import material as settings_of
from fabrication.domain.assessment import Assessment
from fabrication.domain.digests import key_of, readable_json, sha256_of
from fabrication.domain.engines import FDM_ENGINE
from fabrication.domain.errors import CadRefused
from fabrication.domain.facts import ModelFacts, ParameterValue
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Matrix, ProcessPlan, ProgramResult, VerificationReport
from fabrication.domain.records import from_record, to_record
from fabrication.domain.requests import MAX_QUANTITY, PrintRequest

T = TypeVar("T")

REVISION = 1
"""Part of every key: raised whenever the same input may give other results."""
BREP, BUILD = "solid.brep", "build.json"


class CadWorker:
    """Runs jobs side by side, at most `slots` at once; `folder` holds the results and the running jobs."""

    def __init__(
        self, folder: Path, *, slots: int = 2, build_timeout_s: float = 60.0, program_timeout_s: float = 600.0
    ) -> None:
        self._folder = folder
        self._jobs = JobRunner(folder, slots)
        self._build_timeout_s = build_timeout_s
        self._program_timeout_s = program_timeout_s

    async def start(self) -> None:
        """Import CadQuery in the template; raises CadFailed."""
        await self._jobs.start()

    async def stop(self) -> None:
        """End the template and every child."""
        await self._jobs.stop()

    async def isolation_report(self) -> Isolation:
        """Which layers of isolation hold on this kernel and which are missing; an operator wants it in the log."""
        with self._jobs.folder() as folder:
            return value_of(Isolation, await self._jobs.own("probe", folder, {}, self._build_timeout_s))

    async def inspect_model(self, script: bytes, extra_paths: Sequence[Path] = ()) -> ModelFacts:
        """What the script declares and what it builds at its defaults.

        A script that does not build is told by `findings`, with `solid` None. Raises CadRefused only where nothing of
        it can be read, CadFailed.
        """
        kept = await self._build(script, {}, extra_paths)
        built = _read(BuildOutcome, kept / BUILD)
        try:
            measured = await self._measured(kept, built)
        except CadRefused as refused:
            return ModelFacts(sha256_of(script), built.parameters, None, refused.told())
        return ModelFacts(sha256_of(script), built.parameters, measured.solid, measured.findings)

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
        """Build the configuration and ask every profile; raises CadRefused, UnknownMaterial, CadFailed."""
        arguments = {
            "profiles": to_record(tuple(profiles)),
            "material": to_record(settings_of(material)),
            "request": to_record(request or PrintRequest()),
        }
        solid = await self._solid(script, parameters, extra_paths)
        with self._jobs.folder() as folder:
            shutil.copy(solid, folder / BREP)
            return value_of(Assessment, await self._jobs.own("assess", folder, arguments, self._program_timeout_s))

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
        """Make, replay and verify the program of one plate; whether it passed stands in its verification.

        Raises CadRefused (the design or the wish is at fault), UnknownMaterial, CadFailed.
        """
        if not 1 <= quantity <= MAX_QUANTITY:
            raise CadRefused("quantity", f"a plate holds 1 to {MAX_QUANTITY} parts, not {quantity}")
        settings, wish = settings_of(material), request or PrintRequest()
        solid = await self._solid(script, parameters, extra_paths)
        key = key_of(REVISION, FDM_ENGINE, sha256_of(solid.read_bytes()), profile, settings, wish, quantity)
        kept = self._folder / "programs" / key
        if not kept.is_dir():
            arguments = {
                "profile": to_record(profile),
                "material": to_record(settings),
                "request": to_record(wish),
                "quantity": quantity,
            }
            await self._make(solid, kept, arguments)
        return _program_result(key, kept)

    async def verify(
        self,
        program: bytes,
        solid: Path,
        profile: MachineProfile,
        material: MaterialSettings,
        request: PrintRequest,
        placement: tuple[Matrix, ...] = (),
    ) -> VerificationReport:
        """Verify a program from anywhere against a solid, a STEP or binary STL file.

        Without a placement one copy is looked for. Raises CadRefused, CadFailed.
        """
        arguments = {
            "profile": to_record(profile),
            "material": to_record(material),
            "request": to_record(request),
            "placement": to_record(placement),
        }
        with self._jobs.folder() as folder:
            (folder / PROGRAM).write_bytes(program)
            shutil.copy(solid, folder / (STL if solid.suffix.lower() == ".stl" else STEP))
            outcome = await self._jobs.own("verify", folder, arguments, self._program_timeout_s)
            return value_of(VerificationReport, outcome)

    async def _make(self, solid: Path, kept: Path, arguments: Mapping[str, Any]) -> None:
        with self._jobs.folder() as folder:
            shutil.copy(solid, folder / BREP)
            planned = await self._jobs.own("program", folder, arguments, self._program_timeout_s)
            placement = to_record(value_of(ProcessPlan, planned).placement)
            wanted = {name: arguments[name] for name in ("profile", "material", "request")}
            await self._jobs.own("verify", folder, {**wanted, "placement": placement}, self._program_timeout_s)
            keep(folder, kept, (STEP, STL, GLB, PROGRAM, PLAN, PICTURE, VERIFICATION))

    async def _solid(
        self, script: bytes, parameters: Mapping[str, ParameterValue], extra_paths: Sequence[Path]
    ) -> Path:
        kept = await self._build(script, parameters, extra_paths)
        built = _read(BuildOutcome, kept / BUILD)
        if built.refused is not None:
            raise built.refused.as_error()
        return kept / BREP

    async def _build(
        self, script: bytes, parameters: Mapping[str, ParameterValue], extra_paths: Sequence[Path]
    ) -> Path:
        """The folder with the built solid and what the script declares; built once."""
        key = key_of(REVISION, sha256_of(script), dict(parameters), [str(path) for path in extra_paths])
        kept = self._folder / "solids" / key
        if not kept.is_dir():
            with self._jobs.folder() as folder:
                (folder / "model.py").write_bytes(script)
                arguments = {"parameters": to_record(dict(parameters))}
                outcome = await self._jobs.script(folder, arguments, extra_paths, self._build_timeout_s)
                (folder / BUILD).write_bytes(readable_json(value_of(BuildOutcome, outcome)))
                keep(folder, kept, (BREP, BUILD))
        return kept

    async def _measured(self, kept: Path, built: BuildOutcome) -> Measured:
        if built.refused is not None:
            raise built.refused.as_error()
        with self._jobs.folder() as folder:
            shutil.copy(kept / BREP, folder / BREP)
            return value_of(Measured, await self._jobs.own("measure", folder, {}, self._build_timeout_s))


def _program_result(key: str, kept: Path) -> ProgramResult:
    files = tuple(artefact(kept, name) for name in (PROGRAM, STEP, STL, GLB, PLAN, VERIFICATION, PICTURE))
    return ProgramResult(
        key, files[0], files, _read(ProcessPlan, kept / PLAN), _read(VerificationReport, kept / VERIFICATION)
    )


def _read(cls: type[T], path: Path) -> T:
    return from_record(cls, json.loads(path.read_bytes()))
