"""A solid as files: the same solid gives the same bytes."""
