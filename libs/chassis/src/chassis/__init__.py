"""What every service of fabmesh shares, so that its own code is about its own subject alone."""
