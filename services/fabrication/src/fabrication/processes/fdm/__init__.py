"""Fused filament: from a mesh to the beads of every layer. Each step stands in its own file, with its source."""
