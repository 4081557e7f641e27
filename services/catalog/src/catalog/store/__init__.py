"""Catalog's own tables, read and written."""
