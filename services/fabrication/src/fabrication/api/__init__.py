"""The public API under /fabrication/v1."""
