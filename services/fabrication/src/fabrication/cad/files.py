"""The files of a program's folder: their names and what they are."""

from pathlib import Path

from fabrication.domain.digests import sha256_of
from fabrication.domain.programs import Artefact

PROGRAM, PLAN, VERIFICATION, PICTURE = "program.gcode", "plan.json", "verification.json", "toolpath.png"
STEP, STL, GLB = "part.step", "part.stl", "part.glb"

MEDIA_TYPES = {
    PROGRAM: "text/x.gcode",
    STEP: "model/step",
    STL: "model/stl",
    GLB: "model/gltf-binary",
    PLAN: "application/json",
    VERIFICATION: "application/json",
    PICTURE: "image/png",
}


def artefact(folder: Path, name: str) -> Artefact:
    """One file of the folder by its content."""
    path = folder / name
    content = path.read_bytes()
    return Artefact(name, str(path), MEDIA_TYPES[name], sha256_of(content), len(content))
