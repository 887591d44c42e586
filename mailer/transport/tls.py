"""Which certificates we believe, and where no protection is needed.

Source: RFC 8314, section 3: TLS with a verified name towards the relay; RFC 5321
says nothing about it, and falling back to clear text is what attackers wait for.
"""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailer.errors import CertificateRefused

if TYPE_CHECKING:
    from pathlib import Path


def client_context(ca_file: Path | None, *, host: str) -> ssl.SSLContext:
    """Return the TLS rules for the connection to *host*: chain and name are checked.

    Args:
        ca_file: PEM certificates to trust instead of the system's; None means those
            of the system.
        host: For the error message, "mail.example.org:465".

    Raises:
        CertificateRefused: *ca_file* cannot be read.
    """
    try:
        context = ssl.create_default_context(
            ssl.Purpose.SERVER_AUTH, cafile=None if ca_file is None else str(ca_file)
        )
    except OSError as error:
        raise CertificateRefused(
            host, f"die Datei {ca_file} enthält keine lesbaren Zertifikate"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def good_until(connection: ssl.SSLObject | ssl.SSLSocket | None) -> datetime | None:
    """Return when the certificate of the other side ends; None without one."""
    shown = connection.getpeercert() if connection is not None else None
    ends = shown.get("notAfter") if shown else None
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), tz=UTC)


def is_loopback(host: str) -> bool:
    """Say whether *host* is this very machine, so that nobody can listen.

    Example:
        >>> is_loopback("127.8.0.1"), is_loopback("mail.example.org")
        (True, False)
    """
    if host.lower() == "localhost":
        return True  # RFC 6761, section 6.3: the name always means loopback.
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
