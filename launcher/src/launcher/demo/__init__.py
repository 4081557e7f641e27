"""`fabmesh demo`: people in a city order parts, a hub is lost on the way, and every part is made nevertheless."""
