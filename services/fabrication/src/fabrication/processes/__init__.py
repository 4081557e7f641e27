"""Process engines: from a mesh to neutral motion. They know neither CAD nor any controller's dialect."""
