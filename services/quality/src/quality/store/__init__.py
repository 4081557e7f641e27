"""The service's own tables, read and written."""
