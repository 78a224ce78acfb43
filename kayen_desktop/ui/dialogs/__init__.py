"""Dialogs: windows over the main window, each driven by a presenter."""
