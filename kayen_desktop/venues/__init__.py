"""The I/O shell around the protocols: sockets, reconnects, and one interface for every venue."""
