"""The machine profiles and material settings that ship with fabrication."""
