"""The agent of a hub: claims job orders for its machines, makes them, and reports what was done, exactly once."""
