"""CadQuery in worker processes: the only place that runs other people's scripts, and the only importer of cadquery."""
