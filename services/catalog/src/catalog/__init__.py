"""Catalog: designs, their released versions, and materials."""
