"""Binary glTF 2.0 (Khronos) for viewers: metres and Y up, as the format demands; flat shading, for want of normals."""

import json
import struct

import numpy as np

from fabrication.processes.mesh import Mesh

MAGIC, VERSION, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
FLOAT, UNSIGNED_INT, VERTICES, INDICES, TRIANGLES = 5126, 5125, 34962, 34963, 4
METRES_PER_MM = 0.001


def glb_bytes(mesh: Mesh) -> bytes:
    """The mesh as one GLB file."""
    x, y, z = (METRES_PER_MM * mesh.vertices.T).astype("<f4")
    positions = np.column_stack([x, z, -y])
    indices = mesh.triangles.astype("<u4")
    document = _document(positions, indices.size, indices.nbytes)
    text = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    return _container(text + b" " * (-len(text) % 4), indices.tobytes() + positions.tobytes())


def _document(
    positions: np.ndarray[tuple[int, int], np.dtype[np.float32]], count: int, offset: int
) -> dict[str, object]:
    views = [
        {"buffer": 0, "byteLength": offset, "byteOffset": 0, "target": INDICES},
        {"buffer": 0, "byteLength": positions.nbytes, "byteOffset": offset, "target": VERTICES},
    ]
    accessors = [
        {"bufferView": 0, "componentType": UNSIGNED_INT, "count": count, "type": "SCALAR"},
        {
            "bufferView": 1,
            "componentType": FLOAT,
            "count": len(positions),
            "type": "VEC3",
            "min": positions.min(axis=0).tolist(),
            "max": positions.max(axis=0).tolist(),
        },
    ]
    material = {"pbrMetallicRoughness": {"baseColorFactor": [0.72, 0.74, 0.78, 1.0], "metallicFactor": 0.0}}
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "materials": [material],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1}, "indices": 0, "material": 0, "mode": TRIANGLES}]}],
        "buffers": [{"byteLength": offset + positions.nbytes}],
        "bufferViews": views,
        "accessors": accessors,
    }


def _container(text: bytes, binary: bytes) -> bytes:
    chunks = struct.pack("<II", len(text), JSON_CHUNK) + text + struct.pack("<II", len(binary), BINARY_CHUNK) + binary
    return struct.pack("<III", MAGIC, VERSION, 12 + len(chunks)) + chunks
