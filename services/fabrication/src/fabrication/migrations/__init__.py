"""The database's versions, applied by `fabmesh-fabrication migrate`."""
