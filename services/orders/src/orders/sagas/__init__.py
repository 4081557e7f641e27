"""The processes over several services that this service steers."""
