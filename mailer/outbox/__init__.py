"""Has it been sent? The ledger, and the worker that drains it."""
