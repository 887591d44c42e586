"""The wire out: SMTP, and a folder instead of it."""
