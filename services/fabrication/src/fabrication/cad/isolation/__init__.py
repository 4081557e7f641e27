"""What confines a child that runs somebody's script, layer by layer; the standard library is all it needs."""
