"""One round of each kind of work: what is due now, found by a query on rows."""
