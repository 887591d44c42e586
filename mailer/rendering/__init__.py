"""How does it look and sound? Letters for people, bytes for machines."""
