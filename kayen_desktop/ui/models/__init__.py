"""Qt table models over the state: rows in order of arrival, redrawn only where they changed."""
