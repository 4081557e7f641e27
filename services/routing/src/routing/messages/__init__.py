"""Domain ⇄ protobuf: the only part of routing that knows the generated contracts.

`heard` reads commands, events and requests of the mesh, `said` writes routing's events, `hub` speaks with hubs.
"""
