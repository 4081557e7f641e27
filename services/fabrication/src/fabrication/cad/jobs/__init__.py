"""What a forked child does: one job a file. Each runs in a process of its own, once."""
