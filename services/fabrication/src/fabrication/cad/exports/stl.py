"""Binary STL (Marshall Burns, "Automated Fabrication", 1993, §6.5): 80 bytes of header, a count, 50 bytes a facet."""

import numpy as np

from fabrication.processes.mesh import Mesh

FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
HEADER = b"binary STL, millimetres".ljust(80)


def stl_bytes(mesh: Mesh) -> bytes:
    """The mesh as binary STL in millimetres."""
    corners = mesh.vertices[mesh.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    facets = np.zeros(len(corners), dtype=FACET)
    facets["normal"] = normals / np.maximum(lengths, 1e-30)[:, None]
    facets["corners"] = corners
    return HEADER + np.uint32(len(facets)).tobytes() + facets.tobytes()
