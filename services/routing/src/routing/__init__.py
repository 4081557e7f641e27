"""Routing: hubs and machines, allocation, leases with fencing tokens, and everything said to and by hubs."""
