"""Files that are part of the package: the materials that the network knows."""
