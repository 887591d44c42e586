"""Measurements: they print, they do not judge."""
