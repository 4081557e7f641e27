"""Routing's ears: commands and events of the mesh, and everything that hubs say."""
