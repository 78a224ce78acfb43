"""Finex, frame by frame."""
