"""What fabrication does: one file a verb."""
