"""The command groups of `mia`, one module per subject."""
