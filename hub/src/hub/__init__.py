"""What runs in a neighbourhood hub: the agent beside its machines, their drivers, and a virtual machine."""

__version__ = "0.1.0"
