"""Foreign exceptions in our words: each kind of trouble with its own reason."""

from __future__ import annotations

import errno
import socket
import ssl

import aiosmtplib
import pytest

from mailer.errors import (
    CertificateRefused,
    ConnectionFailed,
    TransportBusy,
    TransportError,
)
from mailer.transport import failures, replies

HOST = "mail.ort.example:465"


def certificate_error(code: int, words: str = "") -> ssl.SSLCertVerificationError:
    """Return what OpenSSL raises for *code*."""
    error = ssl.SSLCertVerificationError(words)
    error.verify_code = code
    error.verify_message = words
    return error


def wrapped(cause: BaseException) -> aiosmtplib.SMTPException:
    """Return *cause* as aiosmtplib passes it on."""
    error = aiosmtplib.SMTPConnectError("Error connecting")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (certificate_error(62), CertificateRefused, "anderen Namen"),
        (wrapped(certificate_error(64)), CertificateRefused, "andere IP-Adresse"),
        (certificate_error(10), CertificateRefused, "abgelaufen"),
        (certificate_error(9), CertificateRefused, "gilt noch nicht"),
        (certificate_error(18), CertificateRefused, "von sich selbst"),
        (certificate_error(23, "revoked"), CertificateRefused, "„revoked“"),
        (ssl.SSLError(1, "x"), ConnectionFailed, "Verschlüsselung"),
        (socket.gaierror(-2, "x"), ConnectionFailed, "Rechnernamen gibt es nicht"),
        (ConnectionRefusedError(), ConnectionFailed, "kein Programm"),
        (wrapped(ConnectionRefusedError()), ConnectionFailed, "kein Programm"),
        (TimeoutError(), ConnectionFailed, "Wartezeit"),
        (aiosmtplib.SMTPReadTimeoutError("x"), ConnectionFailed, "Wartezeit"),
        (aiosmtplib.SMTPServerDisconnected("x"), ConnectionFailed, "abgebrochen"),
        (OSError(errno.ENETUNREACH, "No route"), ConnectionFailed, "„No route“"),
        (ValueError("odd"), ConnectionFailed, "odd"),
        (aiosmtplib.SMTPResponseException(421, "later"), TransportBusy, "„421 later“"),
        (aiosmtplib.SMTPHeloError(550, "no."), TransportError, "„550 no“"),
        (aiosmtplib.SMTPResponseException(-1, "x"), ConnectionFailed, "kein SMTP"),
        (TransportBusy(HOST, "schon gesagt"), TransportBusy, "schon gesagt"),
    ],
    ids=repr,
)
def test_trouble_has_a_kind_and_a_reason(
    error: BaseException, kind: type[TransportError], words: str
) -> None:
    """An administrator reads what to look at, not what a library raised."""
    found = failures.lost(HOST, error)

    assert type(found) is kind
    assert words in found.sentence
    assert HOST in found.sentence
    assert "Error connecting" not in found.sentence


def test_the_servers_words_are_quoted_once() -> None:
    """A full stop of the server does not double ours."""
    assert failures.quoted(replies.reply(550, "Go away.")) == "„550 Go away“"
    assert failures.quoted(replies.reply(550, "")) == "„550“"
    assert failures.quoted(replies.reply(-1, "what")) == "„what“"
