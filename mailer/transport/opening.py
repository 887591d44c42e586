"""From nothing to a connection that takes mail: dial, TLS, hello, login.

Every step has its own wait and its own words when it fails. Clear text is never a
way out: where TLS was asked for and cannot be had, nothing is said at all.

Source: RFC 5321, sections 3.2, 4.1.1.1 and 4.5.3.2; RFC 3207, section 4; RFC 4954,
section 4; RFC 8314, section 3.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Final

import aiosmtplib
from typing_extensions import override

from mailer.errors import LoginRefused, TransportError
from mailer.logs import LogEvent, log
from mailer.settings import Security
from mailer.transport import failures, replies
from mailer.transport.tls import client_context, is_loopback

if TYPE_CHECKING:
    import ssl

    from mailer.settings import Smtp

_NO_SUCH_COMMAND: Final = frozenset({500, 502})
"""Answers to EHLO that call for HELO (RFC 5321, section 3.2)."""

_NO_SUCH_MECHANISM: Final = 504
"""The server offers a login mechanism that it does not know (RFC 4954, section 4)."""


class Client(aiosmtplib.SMTP):
    """A client that closes by cutting the line, also where the library closes.

    What still waits in our buffers is thrown away: flushing it could deliver a
    message that the caller has given up. Nor does anybody wait for a server that
    owes its part of the end of TLS.

    Attributes:
        greeting: The server's first words.
    """

    greeting: str = ""

    @override
    def close(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()


async def opened(smtp: Smtp, context: ssl.SSLContext | None) -> Client:
    """Return a connection that is protected, introduced and logged in.

    Args:
        smtp: Where to, how, and how long to wait.
        context: From *protection*; kept between connections, since reading the
            system's certificates takes time.

    Raises:
        TransportError: One of its kinds, for each step that can fail.
    """
    host = shown(smtp)
    client = Client(
        hostname=smtp.host,
        port=None,
        timeout=smtp.command_timeout.total_seconds(),
        local_hostname=smtp.ehlo_name or None,
        use_tls=smtp.security is Security.TLS,
        start_tls=False,
        tls_context=context,
        sock=await _dialled(smtp),
    )
    try:
        client.greeting = (await client.connect()).message
        await _introduce(client)
        if smtp.security is Security.STARTTLS:
            await _upgrade(client, smtp)
        if smtp.user:
            await _log_in(client, smtp)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        raise failures.lost(host, error) from error
    except BaseException:
        client.close()
        raise
    log(LogEvent.CONNECTION_OPENED, host=host, security=smtp.security)
    return client


def protection(smtp: Smtp) -> ssl.SSLContext | None:
    """Return the TLS rules that *smtp* asks for; None for clear text on loopback.

    Raises:
        CertificateRefused: The file with certificates cannot be read.
        TransportError: Clear text to another machine.
    """
    if smtp.security is not Security.PLAIN:
        return client_context(smtp.ca_file, host=shown(smtp))
    if not is_loopback(smtp.host):
        raise TransportError(
            shown(smtp),
            "ohne Verschlüsselung wird nur an den eigenen Rechner gesendet; bitte "
            "setzen Sie [smtp] security auf „starttls“ oder „tls“",
        )
    return None


def shown(smtp: Smtp) -> str:
    """Return the server's name for people: "mail.example.org:465"."""
    return f"{smtp.host}:{smtp.port}"


async def _dialled(smtp: Smtp) -> socket.socket:
    """Return a connected TCP socket, trying each address of the host in turn.

    Raises:
        ConnectionFailed: No address answers within the wait.
    """
    loop = asyncio.get_running_loop()
    failure: OSError | UnicodeError = ConnectionRefusedError()
    try:
        async with asyncio.timeout(smtp.connect_timeout.total_seconds()):
            found = await loop.getaddrinfo(
                smtp.host, smtp.port, type=socket.SOCK_STREAM
            )
            for family, kind, protocol, _, address in found:
                dialling = socket.socket(family, kind, protocol)
                try:
                    dialling.setblocking(False)
                    await loop.sock_connect(dialling, address)
                except OSError as error:
                    dialling.close()
                    failure = error
                except BaseException:
                    dialling.close()
                    raise
                else:
                    return dialling
    except (OSError, UnicodeError) as error:
        failure = error
    raise failures.lost(shown(smtp), failure) from failure


async def _introduce(client: aiosmtplib.SMTP) -> None:
    """Say EHLO, or HELO to a server that does not know it."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in _NO_SUCH_COMMAND:
            raise
        await client.helo()


async def _upgrade(client: aiosmtplib.SMTP, smtp: Smtp) -> None:
    """Switch to TLS and begin anew: nothing said before it counts.

    Source: RFC 3207, section 4.2.
    """
    if not client.supports_extension("starttls"):
        raise TransportError(
            shown(smtp),
            "er bietet keine Verschlüsselung (STARTTLS) an, und unverschlüsselt wird "
            "nicht gesendet",
        )
    await client.starttls()
    await _introduce(client)


async def _log_in(client: aiosmtplib.SMTP, smtp: Smtp) -> None:
    """Log in with the first mechanism that both sides know.

    One mechanism, not all of them: three wrong tries can lock an account.
    """
    mechanisms = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    host = shown(smtp)
    for name, log_in in mechanisms.items():
        if name not in client.server_auth_methods:
            continue
        try:
            await log_in(smtp.user, smtp.password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != _NO_SUCH_MECHANISM:
                reply = replies.reply(error.code, error.message)
                raise failures.login_refusal(host, reply) from error
        else:
            return
    raise LoginRefused(host, "er bietet kein Anmeldeverfahren an, das wir kennen")


async def bid_farewell(client: aiosmtplib.SMTP, wait: float) -> None:
    """Say QUIT and hang up, whatever comes back.

    Args:
        client: The connection.
        wait: Seconds that the answer may take.
    """
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.execute_command(b"QUIT", timeout=wait)
    client.close()
