"""Which engine writes programs: a part of every cache key, raised whenever the same input gives another program."""

FDM_ENGINE = "fabmesh-fdm 1"
UNCALIBRATED = "uncalibrated"
"""The calibration revision of a machine of which nothing has been measured yet."""
