"""Kayen Desktop: the desktop trading wallet for margin accounts on Kayen."""

__version__ = "0.1.0"
