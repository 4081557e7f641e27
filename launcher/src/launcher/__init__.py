"""The embedded default: every part of fabmesh as a real server, a child process of one supervisor."""
