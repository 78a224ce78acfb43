"""Scenes on Qt's own loop, for the main window as for its dialogs."""

from __future__ import annotations

from .dialogs.conftest import play

__all__ = ["play"]
