"""Quality: inspection plans, measurements and decisions."""
