"""One file a verb: a command and the function that carries it out."""
