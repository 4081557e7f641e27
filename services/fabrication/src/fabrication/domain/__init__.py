"""What fabrication knows and decides, in plain Python: no framework, no geometry library, no I/O."""
