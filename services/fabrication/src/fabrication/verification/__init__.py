"""Replays a finished program and compares it with the solid and the machine.

It shares nothing with what wrote the program but the domain: its own interpreter, its own sections (from the STL), its
own plane geometry (GEOS by shapely, where the engine uses Clipper2). What both got wrong alike it cannot find.
"""
