"""What a design is and when it may be released. Plain Python."""
