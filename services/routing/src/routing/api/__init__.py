"""Routing's public API under `/routing/v1`."""
