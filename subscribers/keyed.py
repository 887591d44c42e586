"""A keyed hash, quickly: each letter that leaves carries three.

The key is put in once and copied. And while ``hmac.digest`` lets go of the interpreter
for a few microseconds, in which a thread that writes to the database takes it for long,
this does not.

Source: RFC 2104.
"""

from __future__ import annotations

import hmac
from functools import lru_cache


def hmac_sha256(key: bytes, content: bytes) -> bytes:
    """Return HMAC-SHA-256 of *content*: 32 bytes.

    Example:
        >>> hmac_sha256(b"key", b"") == hmac.digest(b"key", b"", "sha256")
        True
    """
    begun = _begun(key).copy()
    begun.update(content)
    return begun.digest()


@lru_cache(maxsize=32)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
