"""What an order is and may become, in plain Python."""
