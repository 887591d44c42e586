"""The people: who may get what, and why. Knows nothing of mail."""
