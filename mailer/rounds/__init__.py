"""One round of work each: what is due now, found by a query and done at once."""
