"""What comes back: bounces, wishes by mail, and mail for a human."""
