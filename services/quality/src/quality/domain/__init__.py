"""What is checked on a part, and when it is good. Plain Python."""
