"""The wires the practice venue speaks, one module each."""
