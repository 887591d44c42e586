"""The return path: an address of its own for each delivery, which only we can make.

A server that cannot deliver writes to the envelope's sender. When that address names
the delivery, the oddest report still says whom it is about, and a seal keeps others
from declaring people dead by inventing reports::

    bounces+aaaaafynlz3m…@town.example

The token stands behind a "+": it needs no mailbox of its own where the server knows
such addresses, or where a sub-domain takes whatever comes. It is written in base 32,
because servers on the way may write a local part in capitals.

Source: RFC 5321, section 4.5.3.1.1 (64 octets); RFC 2104, section 5 (at least half
of the hash is kept); RFC 4648, section 6 (base 32).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from subscribers.address import MAX_LOCAL_CHARS, EmailAddress
from subscribers.base32 import base32
from subscribers.keyed import hmac_sha256

if TYPE_CHECKING:
    from mailer.outbox.models import DeliveryId

_CLAIM: Final = struct.Struct(">I")
"""The delivery's id in four bytes: 4,294,967,295 letters are enough for a town."""

_SEAL_BYTES: Final = 16
"""128 bits of HMAC-SHA-256."""

TOKEN_CHARS: Final = 32
"""20 bytes in base 32: a whole number of groups, so nothing is padded or spare."""

MAX_BASE_CHARS: Final = MAX_LOCAL_CHARS - TOKEN_CHARS - 1
"""What is left for the local part of the address that the token is added to."""


def for_delivery(
    base: EmailAddress, delivery_id: DeliveryId, key: bytes
) -> EmailAddress:
    """Return the envelope sender for one delivery.

    Args:
        base: Where bounces are read, without a token.
        delivery_id: From 0 to 4,294,967,295.
        key: ``TokenKeys.return_path_key``.

    Raises:
        ValueError: *base* has more than 31 characters before the @, or the id is
            out of range.

    Example:
        >>> base = EmailAddress.parse("bounces@town.example")
        >>> delivery_of(for_delivery(base, 17, bytes(32)), bytes(32))
        17
    """
    return with_token(base, token_for(delivery_id, key))


def with_token(base: EmailAddress, token: str) -> EmailAddress:
    """Return *base* with the token of a delivery in it.

    Raises:
        ValueError: *base* has more than 31 characters before the @.
    """
    # Letters and digits behind a "+" leave a good address good.
    before, text, wire, lower, canonical = _around(base)
    return EmailAddress(
        f"{before}{token}{text}", f"{before}{token}{wire}", f"{lower}{token}{canonical}"
    )


@lru_cache(maxsize=4)
def _around(base: EmailAddress) -> tuple[str, str, str, str, str]:
    """Return what stands before and behind a token: written, on the wire, canonical."""
    local, _, domain = base.text.rpartition("@")
    if len(local) > MAX_BASE_CHARS:
        raise ValueError(f"{len(local)} characters leave no room for the token")
    before, wire = f"{local}+", f"@{base.wire.rpartition('@')[2]}"
    return before, f"@{domain}", wire, before.lower(), wire.lower()


def delivery_of(address: EmailAddress | str, key: bytes) -> DeliveryId | None:
    """Return the delivery whose return path *address* is; None if we made none such.

    Args:
        address: Foreign text, or an address; capitals are forgiven.
        key: ``TokenKeys.return_path_key``.
    """
    text = address.wire if isinstance(address, EmailAddress) else address
    local, _, _ = text.strip(" <>\t\r\n").rpartition("@")
    _, plus, token = local.rpartition("+")
    return delivery_of_token(token, key) if plus else None


def token_for(delivery_id: DeliveryId, key: bytes) -> str:
    """Return the sealed name of a delivery; also fit for ENVID (RFC 3461).

    Raises:
        ValueError: The id does not fit four bytes.
    """
    try:
        claim = _CLAIM.pack(delivery_id)
    except struct.error:
        raise ValueError(f"{delivery_id} is no id of a delivery") from None
    return base32(claim + _seal(claim, key))


def delivery_of_token(token: str, key: bytes) -> DeliveryId | None:
    """Return the delivery that *token* names; None if the seal is not ours."""
    if len(token) != TOKEN_CHARS or not token.isascii():
        return None
    try:
        content = base64.b32decode(token.upper())
    except binascii.Error:
        return None
    claim, seal = content[: _CLAIM.size], content[_CLAIM.size :]
    if not hmac.compare_digest(seal, _seal(claim, key)):
        return None
    (number,) = _CLAIM.unpack(claim)
    return cast("DeliveryId", number)


def _seal(claim: bytes, key: bytes) -> bytes:
    return hmac_sha256(key, claim)[:_SEAL_BYTES]
