"""What quality hears, one file a source."""
