"""What was asked for and what became of it, on disk before it is on the wire."""
