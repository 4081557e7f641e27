"""What routing decides, in plain Python: where a job order is made, and who may make it."""
