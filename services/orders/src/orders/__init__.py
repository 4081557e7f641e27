"""Orders, the licences that they use, and the organisations that place them."""
