"""What the service hears, one file a source."""
