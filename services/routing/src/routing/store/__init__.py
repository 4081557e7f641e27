"""Routing's own tables, and how rows become what the domain speaks of."""
