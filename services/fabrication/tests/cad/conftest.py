"""Parts, programs and a warm worker for the tests of the CAD environment."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache

import cadquery as cq
import pytest
import pytest_asyncio

from fabrication.cad.exports.stl import stl_bytes
from fabrication.cad.tessellation import mesh_of
from fabrication.cad.worker import CadWorker
from fabrication.data.library import machine_profile, material
from fabrication.domain.programs import VerificationReport
from fabrication.domain.requests import PrintRequest
from fabrication.postprocessors.dialects import writer_for
from fabrication.postprocessors.gcode import ProgramHeader
from fabrication.processes.fdm.engine import EngineResult, make_toolpath
from fabrication.processes.mesh import Mesh
from fabrication.verification.evidence import Order
from fabrication.verification.verify import verify

KNOB = b"""
diameter_mm = 24.0
height_mm = 12.0
bore_mm = 6.2
flat_mm = 1.2
result = cq.Workplane().circle(diameter_mm / 2).extrude(height_mm).faces(">Z").edges().chamfer(1.0)
bore = cq.Workplane().circle(bore_mm / 2).extrude(height_mm - 3)
flat = cq.Workplane().center(bore_mm - flat_mm, 0).rect(bore_mm, bore_mm * 2).extrude(height_mm - 3)
show_object(result.cut(bore.cut(flat)))
"""


def knob() -> cq.Shape:
    """A turned knob with a blind D-shaped bore from below."""
    body = cq.Workplane().circle(9).extrude(6.4).faces(">Z").edges().chamfer(1.0)
    bore = cq.Workplane().circle(3.1).extrude(4).cut(cq.Workplane().center(5, 0).rect(6.2, 12.4).extrude(4))
    return body.cut(bore).val()


def plate_with_holes() -> cq.Shape:
    return cq.Workplane().box(30, 20, 4).faces(">Z").workplane().rarray(7, 6, 3, 2).hole(4).val()


def tray() -> cq.Shape:
    """Walls of 1.2 mm: two outer loops and a gap between them."""
    return cq.Workplane().box(26, 18, 5).faces(">Z").shell(-1.2).val()


def portal() -> cq.Shape:
    """Two posts and a lintel that spans 8 mm."""
    return cq.Workplane().box(20, 8, 10).faces("<Z").workplane().rect(8, 8).cutBlind(-6).val()


PARTS = {"knob": knob, "plate": plate_with_holes, "tray": tray, "portal": portal}


@dataclass(frozen=True)
class Made:
    """A program with everything that it was made from."""

    mesh: Mesh
    result: EngineResult
    text: str
    order: Order
    solid_mm3: float

    def verified(self, text: str | None = None) -> VerificationReport:
        return verify(self.text if text is None else text, stl_bytes(self.mesh), self.order)


@cache
def made(part: str, machine: str = "prusa-mk4", infill: float = 0.15, quantity: int = 1) -> Made:
    """The program of a named part; made once."""
    shape = PARTS[part]()
    mesh = mesh_of(shape)
    profile, settings, request = machine_profile(machine), material("pla"), PrintRequest(infill=infill)
    result = make_toolpath(mesh, profile, settings, request, quantity)
    low, high = tuple(mesh.low_mm.tolist()), tuple(mesh.high_mm.tolist())
    header = ProgramHeader("test", (), result.placement, low, high)
    text = writer_for(profile, settings).write(result.toolpath, header)
    return Made(mesh, result, text, Order(profile, settings, request, result.placement), shape.Volume())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CadWorker]:
    """One warm worker for all tests that share the session's event loop."""
    started = CadWorker(tmp_path_factory.mktemp("work"))
    await started.start()
    yield started
    await started.stop()
