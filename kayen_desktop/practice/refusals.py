"""How the practice venue says no."""

from __future__ import annotations


class RefusalError(Exception):
    """A request the venue refuses; its text is what goes over the wire."""
