"""Verify a program in a process that did not write it, from the solid's file and the program's text alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cadquery

from fabrication.cad.exports.stl import stl_bytes
from fabrication.cad.files import PROGRAM, STEP, STL, VERIFICATION
from fabrication.cad.tessellation import mesh_of
from fabrication.domain.digests import readable_json
from fabrication.domain.errors import CadRefused
from fabrication.domain.machines import MachineProfile
from fabrication.domain.materials import MaterialSettings
from fabrication.domain.programs import Matrix, VerificationReport
from fabrication.domain.records import from_record
from fabrication.domain.requests import PrintRequest
from fabrication.verification.evidence import Order
from fabrication.verification.verify import verify


def verify_files(folder: Path, arguments: Mapping[str, Any]) -> VerificationReport:
    """The report on the folder's program, also written beside it; a solid that comes as STEP is meshed first."""
    stl = folder / STL
    if not stl.exists():
        stl.write_bytes(stl_bytes(mesh_of(_step(folder / STEP))))
    order = Order(
        from_record(MachineProfile, arguments["profile"]),
        from_record(MaterialSettings, arguments["material"]),
        from_record(PrintRequest, arguments["request"]),
        from_record(tuple[Matrix, ...], arguments["placement"]),
    )
    program = (folder / PROGRAM).read_text("ascii", "replace")
    report = verify(program, stl.read_bytes(), order)
    (folder / VERIFICATION).write_bytes(readable_json(report))
    return report


def _step(path: Path) -> cadquery.Shape:
    try:
        shown = cadquery.importers.importStep(str(path)).vals()
    except ValueError:
        raise CadRefused("unreadable-solid", "the file is not STEP") from None
    solids = [solid for shape in shown if isinstance(shape, cadquery.Shape) for solid in shape.Solids()]
    if not solids:
        raise CadRefused("no-solid", "the STEP file holds no solid")
    return cadquery.Compound.makeCompound(solids)
