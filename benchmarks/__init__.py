"""Figures beside a peer's, in the same run on the same machine: `make benchmarks`."""
