"""What catalog copies from other services, one file a source."""
