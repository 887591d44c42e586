"""Every way in which an SMTP server is known to go wrong, one row each.

A row has what the server does, what must come of it, and why that is right.
``docs/faults.md`` is made from these rows; ``test_misbehaviours`` of the transport lets
each of them happen, step by step and reading ahead, alone and amidst other letters.
"""
