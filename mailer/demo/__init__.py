"""Trying everything out with invented people: a network, and a catcher for its mail."""
