"""Is everything in order? Checks that look, and change nothing."""
