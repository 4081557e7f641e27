"""From neutral motion to one controller's words: a dialect a file."""
