"""The same letters, sent by us and by others."""
