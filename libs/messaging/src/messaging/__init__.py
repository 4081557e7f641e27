"""Events, commands and requests over NATS: all that a service or a hub needs to speak to the mesh."""
