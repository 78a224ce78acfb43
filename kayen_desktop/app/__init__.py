"""State and use cases: what a trader can do and what is known, in plain Python without Qt."""
