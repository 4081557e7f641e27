"""A virtual machine: executes a program's text, deposits beads with an error of its own, and measures what came out."""
