"""Being told in time: what the program knows of itself, and whom it tells."""
