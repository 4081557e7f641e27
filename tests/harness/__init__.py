"""A whole mesh for tests: started as a user starts it, spoken to over its public API, killed part by part."""
