"""From a B-rep solid to a closed mesh, fine enough that its facets are lost under a bead.

A sagitta of 0.01 mm, and 0.1 rad, which keeps it on balls and other doubly curved faces: coarser meshes lose outline
(0.1 mm loses several hundredths all round), finer ones cost time and give nothing that a nozzle could lay.
"""

import cadquery
import numpy as np

from fabrication.domain.errors import CadRefused
from fabrication.processes.mesh import Mesh, welded

SAGITTA_MM = 0.01
ANGLE_RAD = 0.1
MOST_TRIANGLES = 1_500_000


def mesh_of(shape: cadquery.Shape) -> Mesh:
    """The mesh of a solid; raises CadRefused (too-detailed, empty)."""
    vertices, triangles = shape.tessellate(SAGITTA_MM, ANGLE_RAD)
    if len(triangles) > MOST_TRIANGLES:
        raise CadRefused("too-detailed", f"the surface has {len(triangles)} facets; {MOST_TRIANGLES} can be handled")
    if not triangles:
        raise CadRefused("empty", "the solid has no surface")
    corners = np.array([(vertex.x, vertex.y, vertex.z) for vertex in vertices], dtype=np.float64)
    return welded(corners, np.array(triangles, dtype=np.int64))
