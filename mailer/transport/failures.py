"""Why a connection is worth nothing: foreign exceptions and replies in our words.

Everything here is about us and the server, never about a recipient. Each function
returns the error instead of raising it, so that the caller's ``raise … from`` keeps
the cause.

Source: RFC 5321, section 4.2.1; RFC 4954, section 6; RFC 3207, section 4.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

import aiosmtplib

from mailer.errors import (
    CertificateRefused,
    ConnectionFailed,
    LoginRefused,
    SenderRefused,
    TransportBusy,
    TransportError,
)
from mailer.transport import replies

if TYPE_CHECKING:
    from mailer.rendering.parcel import SmtpReply

NO_REPLY: Final = "seine Antwort ist kein SMTP"
HUNG_UP: Final = "die Verbindung ist abgebrochen"
OUT_OF_STEP: Final = "er antwortet, ohne gefragt zu sein"

_CERTIFICATE_REASONS: Final = {
    9: "es gilt noch nicht",
    10: "es ist abgelaufen",
    18: "es ist nur von sich selbst unterschrieben",
    19: "seine Ausstellerin gehört nicht zu den vertrauten Zertifizierungsstellen",
    20: "seine Ausstellerin gehört nicht zu den vertrauten Zertifizierungsstellen",
    21: "seine Ausstellerin gehört nicht zu den vertrauten Zertifizierungsstellen",
    62: "es ist auf einen anderen Namen ausgestellt",
    64: "es ist auf eine andere IP-Adresse ausgestellt",
}
"""OpenSSL's X509_V_ERR codes (x509_vfy.h) that administrators really meet."""

_LOGIN_CODES: Final = frozenset(
    {
        530,  # authentication required
        534,  # mechanism too weak
        535,  # credentials invalid
        538,  # encryption required for the mechanism
    }
)
"""Codes of RFC 4954, section 6, that are about our login wherever they come."""

_BAD_SEQUENCE: Final = 503
"""The server thinks that we are somewhere else; a new connection may help."""


def lost(host: str, error: BaseException) -> TransportError:
    """Return what *error* says about the connection to *host*."""
    if isinstance(error, TransportError):
        return error
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refusal(host, replies.reply(error.code, error.message))
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPException) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CertificateRefused(host, certificate_reason(cause))
    return ConnectionFailed(host, connection_reason(error, cause))


def refusal(host: str, reply: SmtpReply) -> TransportError:
    """Return what a negative *reply* to anything but RCPT and the content means."""
    if reply.code is None:
        return ConnectionFailed(host, NO_REPLY)
    words = quoted(reply)
    if reply.code in _LOGIN_CODES:
        return LoginRefused(host, words)
    if reply.code // 100 == 4:  # noqa: PLR2004 - 4yz is "later", RFC 5321, section 4.2.1
        return TransportBusy(host, words)
    if reply.code // 100 == 5 and reply.code != _BAD_SEQUENCE:  # noqa: PLR2004 - 5yz is "never"
        return TransportError(host, words)
    return ConnectionFailed(host, f"seine Antwort {words} passt nicht hierher")


def sender_refusal(host: str, reply: SmtpReply) -> TransportError:
    """Return what a negative *reply* to MAIL FROM means."""
    error = refusal(host, reply)
    if type(error) is TransportError:
        return SenderRefused(host, error.reason)
    return error


def login_refusal(host: str, reply: SmtpReply) -> TransportError:
    """Return what a negative *reply* to AUTH means: 454 is "later", 535 is "no"."""
    error = refusal(host, reply)
    if type(error) is TransportError:
        return LoginRefused(host, error.reason)
    return error


def quoted(reply: SmtpReply) -> str:
    """Return the server's words for a German sentence: "„535 wrong password“"."""
    code = "" if reply.code is None else f"{reply.code} "
    return f"„{code}{reply.text}".rstrip(" .") + "“"


def certificate_reason(error: ssl.SSLCertVerificationError) -> str:
    """Return a German half-sentence for a certificate that was not taken."""
    known = _CERTIFICATE_REASONS.get(error.verify_code)
    return known or f"OpenSSL meldet „{replies.sanitised(error.verify_message)}“"


def connection_reason(error: BaseException, cause: BaseException | None) -> str:
    """Return a German half-sentence for a connection that failed or broke."""
    reason = replies.sanitised(str(error))
    if isinstance(cause, ssl.SSLError):
        named = getattr(cause, "reason", None) or "unbekannter Fehler"
        reason = f"die Verschlüsselung kommt nicht zustande ({named})"
    elif isinstance(cause, socket.gaierror | UnicodeError):
        reason = "diesen Rechnernamen gibt es nicht"
    elif isinstance(cause, ConnectionRefusedError):
        reason = "dort nimmt kein Programm Verbindungen an"
    elif isinstance(error, TimeoutError):
        reason = "er antwortet nicht innerhalb der Wartezeit"
    elif isinstance(error, ConnectionError):
        reason = HUNG_UP
    elif isinstance(error, OSError):
        reason = f"das Netz meldet „{error.strerror or error}“"
    return reason
