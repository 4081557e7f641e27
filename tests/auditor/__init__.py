"""An auditor who belongs to no service: reads the five databases, the streams and the machines' own journals, and
proves that nothing was lost and nothing counted twice. It imports no service's code."""
