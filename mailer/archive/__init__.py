"""What was issued, kept for good and without anybody's data."""
