"""Finex, the exchange's array protocol (protocols.md §2): frames in, facts and frames out."""

from .messages import Dialect
from .protocol import FinexProtocol

__all__ = ["Dialect", "FinexProtocol"]
