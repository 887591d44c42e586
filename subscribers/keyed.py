"""A keyed hash, quickly: each letter that leaves carries three.

The key is put in once and copied. And while ``hmac.digest`` lets go of the interpreter
for a few microseconds, in which a thread that writes to the database takes it for long,
this does not.

Source: RFC 2104, section 2.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hashlib import _Hash

_INNER_PAD: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER_PAD: Final = bytes(octet ^ 0x5C for octet in range(256))


def hmac_sha256(key: bytes, content: bytes) -> bytes:
    """Return HMAC-SHA-256 of *content*: 32 bytes.

    Example:
        >>> import hmac
        >>> hmac_sha256(b"key", b"") == hmac.digest(b"key", b"", "sha256")
        True
    """
    begun_inner, begun_outer = _begun(key)
    inner = begun_inner.copy()
    inner.update(content)
    outer = begun_outer.copy()
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=32)
def _begun(key: bytes) -> tuple[_Hash, _Hash]:
    """Return both hashes with the key in them, ready to be copied."""
    block = sha256().block_size
    filled = (sha256(key).digest() if len(key) > block else key).ljust(block, b"\0")
    inner, outer = filled.translate(_INNER_PAD), filled.translate(_OUTER_PAD)
    return sha256(inner), sha256(outer)
