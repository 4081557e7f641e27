"""Fabrication on its own: a model in, a verified program out, no service needed.

    fabmesh-fabrication make model.py --machine prusa-mk4 --material petg --set bore_mm=6.2 --out build

Exit codes: 0 made, 1 a failure of ours, 2 bad input, 3 refused with findings, 4 failed verification.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fabrication.cad.files import PLAN
from fabrication.cad.worker import CadWorker
from fabrication.data.library import machine_profile, machine_profiles, material, material_settings
from fabrication.domain.errors import CadFailed, CadRefused, FabricationError
from fabrication.domain.facts import ParameterValue
from fabrication.domain.programs import Matrix, ProcessPlan
from fabrication.domain.records import from_record, to_record
from fabrication.domain.requests import PrintRequest
from fabrication.standalone_report import Report

T = TypeVar("T")

DONE, FAILED, BAD_INPUT, REFUSED, NOT_VERIFIED = 0, 1, 2, 3, 4
FAULTS_OF_INPUT = frozenset({"script-error", "unknown-parameter", "invalid-parameter", "quantity", "unreadable-solid"})
"""Refusals that speak of what was typed or written, not of what would be made."""


class BadInput(FabricationError):
    """An argument that names nothing, or not what it should."""


def add_commands(commands: Any) -> None:
    """Add the stand-alone commands to argparse's subparsers; each sets `run`: parsed arguments → exit code."""
    make = _command(commands, "make", "build a model and write a verified program for a machine", _make)
    make.add_argument("model", type=Path, help="a CadQuery script")
    make.add_argument("--machine", required=True, help="a machine profile; `machines` lists them")
    make.add_argument("--material", required=True, help="a material; `materials` lists them")
    make.add_argument("--out", type=Path, default=Path("build"), help="folder for the files (build)")
    make.add_argument("--quantity", type=int, default=1, help="copies on the plate (1)")
    _add_parameters(make)
    _add_request(make)
    check = _command(commands, "check", "say what each machine makes of a model", _check)
    check.add_argument("model", type=Path, help="a CadQuery script")
    check.add_argument("--machine", action="append", help="only this machine; may be repeated")
    check.add_argument("--material", default="pla", help="a material (pla)")
    _add_parameters(check)
    _add_request(check)
    verify = _command(commands, "verify", "replay a program and compare it with a solid", _verify)
    verify.add_argument("program", type=Path)
    verify.add_argument("solid", type=Path, help="a STEP or binary STL file")
    verify.add_argument("--machine", required=True)
    verify.add_argument("--material", help="a material (that of the plan, else pla)")
    verify.add_argument("--plan", type=Path, help="the plan.json it was made with (the one beside the program)")
    _add_request(verify)
    _command(commands, "machines", "list the machine profiles", _machines)
    _command(commands, "materials", "list the materials", _materials)


def main(argv: Sequence[str] | None = None) -> int:
    """The commands alone, without those of the service."""
    parser = argparse.ArgumentParser(prog="fabmesh-fabrication", description=(__doc__ or "").splitlines()[0])
    add_commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    given = parser.parse_args(argv)
    return int(given.run(given))


def _command(
    commands: Any, name: str, purpose: str, run: Callable[[argparse.Namespace, Report], int]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose)
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=lambda given: _guarded(run, given))
    return parser


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; may be repeated")


def _add_request(parser: argparse.ArgumentParser) -> None:
    wish = PrintRequest()
    parser.add_argument("--infill", type=float, help=f"share of the inside that is filled ({wish.infill:g})")
    parser.add_argument("--layer", type=float, dest="layer_mm", help=f"layer height in mm ({wish.layer_mm:g})")
    parser.add_argument("--perimeters", type=int, help=f"beads in a wall ({wish.perimeters})")
    parser.add_argument("--brim", type=float, dest="brim_mm", help=f"width of the brim in mm ({wish.brim_mm:g})")


def _guarded(run: Callable[[argparse.Namespace, Report], int], given: argparse.Namespace) -> int:
    """Run a command and turn every refusal into its exit code and words."""
    report = Report(sys.stdout, sys.stderr, as_json=given.json)
    try:
        return run(given, report)
    except CadRefused as refused:
        report.refused(refused)
        return BAD_INPUT if refused.code in FAULTS_OF_INPUT else REFUSED
    except CadFailed as failed:
        report.failed("failed", str(failed))
        return FAILED
    except (FabricationError, OSError) as fault:
        report.failed("bad-input", str(fault))
        return BAD_INPUT


def _make(given: argparse.Namespace, report: Report) -> int:
    profile, request, values = machine_profile(given.machine), _request(given, PrintRequest()), _values(given.set)
    script = given.model.read_bytes()
    material(given.material)
    given.out.mkdir(parents=True, exist_ok=True)

    async def work(worker: CadWorker) -> int:
        result = await worker.program(script, values, profile, given.material, given.quantity, request)
        for artefact in result.files:
            shutil.copyfile(artefact.path, given.out / artefact.name)
        report.made(result, given.out)
        return DONE if result.verification.passed else NOT_VERIFIED

    return _with_worker(work)


def _check(given: argparse.Namespace, report: Report) -> int:
    profiles = [machine_profile(name) for name in given.machine] if given.machine else [*machine_profiles().values()]
    request, values, script = _request(given, PrintRequest()), _values(given.set), given.model.read_bytes()

    async def work(worker: CadWorker) -> int:
        assessment = await worker.assess(script, values, given.material, profiles, request=request)
        report.assessed(assessment)
        return DONE if assessment.makeable else REFUSED

    return _with_worker(work)


def _verify(given: argparse.Namespace, report: Report) -> int:
    plan = _plan(given)
    request = _request(given, plan.request if plan else PrintRequest())
    placement: tuple[Matrix, ...] = plan.placement if plan else ()
    settings = material(given.material or (plan.material_id if plan else "pla"))
    profile, program = machine_profile(given.machine), given.program.read_bytes()
    if not given.solid.is_file():
        raise BadInput(f"there is no file {given.solid}")

    async def work(worker: CadWorker) -> int:
        found = await worker.verify(program, given.solid, profile, settings, request, placement)
        report.verified(found)
        return DONE if found.passed else NOT_VERIFIED

    return _with_worker(work)


def _machines(given: argparse.Namespace, report: Report) -> int:  # noqa: ARG001  # all commands are called alike
    report.machines([*machine_profiles().values()])
    return DONE


def _materials(given: argparse.Namespace, report: Report) -> int:  # noqa: ARG001  # all commands are called alike
    report.materials([*material_settings().values()])
    return DONE


def _with_worker(work: Callable[[CadWorker], Awaitable[T]]) -> T:
    async def run() -> T:
        with tempfile.TemporaryDirectory(prefix="fabrication-") as folder:
            worker = CadWorker(Path(folder), slots=1)
            await worker.start()
            try:
                return await work(worker)
            finally:
                await worker.stop()

    return asyncio.run(run())


def _plan(given: argparse.Namespace) -> ProcessPlan | None:
    path = given.plan or given.program.parent / PLAN
    if not path.is_file():
        if given.plan is not None:
            raise BadInput(f"there is no plan {path}")
        return None
    try:
        return from_record(ProcessPlan, json.loads(path.read_bytes()), path.name)
    except ValueError:
        raise BadInput(f"{path} is not JSON") from None


def _request(given: argparse.Namespace, wish: PrintRequest) -> PrintRequest:
    stated = {name: getattr(given, name) for name in ("infill", "layer_mm", "perimeters", "brim_mm")}
    return from_record(
        PrintRequest, to_record(wish) | {name: value for name, value in stated.items() if value is not None}
    )


def _values(settings: Sequence[str]) -> dict[str, ParameterValue]:
    """`name=value` pairs: numbers, true, false and lists as JSON has them, anything else as text."""
    values: dict[str, ParameterValue] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"--set {setting!r} is not NAME=VALUE")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        values[name.strip()] = tuple(value) if isinstance(value, list) else value
    return values


if __name__ == "__main__":
    sys.exit(main())
