"""What fabrication hears: one file a source."""
