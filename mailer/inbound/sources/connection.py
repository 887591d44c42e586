"""From nothing to a mailbox that can be read: dial, TLS, login; and what goes wrong.

``imaplib`` believes a server every size it states; here a literal has an end, and
one that breaks off is no message. Text goes in and out as bytes, decoding is not the
business of this floor.

Source: RFC 9051, sections 4.3, 6.2 and 7.1; RFC 5530 (response codes); RFC 8314,
section 3.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import imap_tools
from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError
from typing_extensions import override

from mailer.errors import (
    CertificateRefused,
    InboxBusy,
    InboxCertificateRefused,
    InboxError,
    InboxLoginRefused,
    InboxUnreachable,
)
from mailer.inbound.reading import MAX_BYTES
from mailer.settings import Security
from mailer.settings.parsers import Unfit
from mailer.settings.secret_values import from_command
from mailer.transport import failures, replies
from mailer.transport.tls import client_context, is_loopback

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailer.settings import Inbox

    Hold = Callable[[socket.socket], None]

MAX_LITERAL: Final = MAX_BYTES + 1024 * 1024
"""The largest message we fetch, and what servers are wrong about it, in octets."""

IMAP_PORT: Final = 143
"""Never used: the settings always name a port."""

_LATER: Final = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)
"""Codes of RFC 5530, section 3, that will not be there tomorrow."""


class _Bounded(imaplib.IMAP4):
    """A client that reads no literal beyond its end, nor beyond ours."""

    def __init__(self, inbox: Inbox, hold: Hold) -> None:
        """Dial; *hold* gets the line before the server has said anything."""
        self._hold = hold
        super().__init__(inbox.host, inbox.port, inbox.timeout.total_seconds())

    @override
    def open(
        self, host: str = "", port: int | None = None, timeout: float | None = None
    ) -> None:
        super().open(host, port or IMAP_PORT, timeout)
        self._hold(self.sock)

    @override
    def read(self, size: int) -> bytes:
        if size > MAX_LITERAL:
            raise self.abort(f"literal of {size} octets")
        content = super().read(size)
        if len(content) != size:
            raise self.abort("literal broke off")
        return content


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same under TLS from the first byte."""

    def __init__(
        self, inbox: Inbox, hold: Hold, context: ssl.SSLContext | None
    ) -> None:
        """Dial and shake hands."""
        self._hold = hold
        wait = inbox.timeout.total_seconds()
        imaplib.IMAP4_SSL.__init__(
            self, inbox.host, inbox.port, ssl_context=context, timeout=wait
        )


class Connection(imap_tools.BaseMailBox):
    """A connection to one server; imap_tools speaks over it.

    Attributes:
        abilities: What the server can do once we are logged in; before that many
            servers name less (RFC 9051, section 6.1.1).
    """

    def __init__(
        self, inbox: Inbox, context: ssl.SSLContext | None, hold: Hold
    ) -> None:
        """Dial and, where it is asked for, start TLS.

        Args:
            context: TLS rules; None for clear text on loopback.
            hold: Gets the line, to cut it.
        """
        self._inbox = inbox
        self._context = context
        self._hold = hold
        self.abilities: frozenset[str] = frozenset()
        super().__init__()

    @override
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        if self._inbox.security is Security.TLS:
            return _BoundedTls(self._inbox, self._hold, self._context)
        client = _Bounded(self._inbox, self._hold)
        if self._context is not None:
            try:
                client.starttls(self._context)
                self._hold(client.sock)  # the line is another object now
            except BaseException:
                hang_up(client)
                raise
        return client

    @property
    def protection(self) -> ssl.SSLSocket | None:
        """The TLS around the line; None in clear text."""
        line = self.client.socket()
        return line if isinstance(line, ssl.SSLSocket) else None

    def close(self) -> None:
        """Say LOGOUT and hang up, whatever comes back."""
        with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
            self.logout()
        hang_up(self.client)


def opened(inbox: Inbox, folder: Path, hold: Hold = lambda _line: None) -> Connection:
    """Return a connection that is protected and logged in; nothing is selected.

    Args:
        inbox: Where to, how, and how long to wait.
        folder: Where ``token_command`` runs.
        hold: Gets the line as soon as it is there, and again under TLS, to cut it.

    Raises:
        InboxError: One of its kinds, for each step that can fail.
    """
    host = shown(inbox)
    with translated(host):
        connection = Connection(inbox, _protection(inbox), hold)
    try:
        with translated(host, refused=InboxLoginRefused):
            _log_in(connection, inbox, folder)
            _, stated = connection.client.capability()
            connection.abilities = frozenset(said(stated).upper().split())
    except BaseException:
        hang_up(connection.client)
        raise
    return connection


def shown(inbox: Inbox) -> str:
    """Return the server's name for people: "imap.example.org:993"."""
    return f"{inbox.host}:{inbox.port}"


def hang_up(client: imaplib.IMAP4) -> None:
    """Close the line, whatever state it is in."""
    with suppress(OSError, imaplib.IMAP4.error):
        client.shutdown()


@contextmanager
def translated(host: str, refused: type[InboxError] = InboxError) -> Iterator[None]:
    """Turn foreign exceptions into ours.

    Args:
        host: As from ``shown``.
        refused: What a plain "no" of the server means here.
    """
    try:
        yield
    except InboxError:
        raise  # some of ours are OSErrors too
    except UnexpectedCommandStatusError as error:
        raise _refusal(host, said(error.command_result[1]), refused) from error
    except imaplib.IMAP4.abort as error:
        raise InboxUnreachable(host, _broken(str(error))) from error
    except imaplib.IMAP4.error as error:
        raise _refusal(host, said(error.args), refused) from error
    except (OSError, EOFError) as error:
        raise _lost(host, error) from error


def said(answer: object) -> str:
    """Return a server's *answer* as one line that is safe to show."""
    parts = answer if isinstance(answer, list | tuple) else [answer]
    text = " ".join(
        part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
        for part in parts
        if part
    )
    return replies.sanitised(text).strip()


def _refusal(host: str, words: str, refused: type[InboxError]) -> InboxError:
    kind = InboxBusy if _LATER.search(words) or "BYE" in words else refused
    return kind(host, f"„{words}“".replace(".“", "“"))


def _broken(words: str) -> str:
    """Return why a connection ended in the middle of something."""
    said_last = replies.sanitised(words).rpartition(" => ")[2]
    if said_last.startswith(("socket error", "literal broke off")):
        return failures.HUNG_UP
    if said_last.startswith("literal of"):
        return "er kündigt eine Nachricht an, die größer ist als erlaubt"
    return f"{failures.HUNG_UP}, zuletzt kam „{said_last}“"


def _lost(host: str, error: OSError | EOFError) -> InboxError:
    found = failures.lost(host, error)
    if isinstance(found, CertificateRefused):
        return InboxCertificateRefused(host, found.reason)
    return InboxUnreachable(host, found.reason)


def _protection(inbox: Inbox) -> ssl.SSLContext | None:
    """Return the TLS rules that *inbox* asks for; None for clear text on loopback."""
    host = shown(inbox)
    if inbox.security is not Security.PLAIN:
        try:
            return client_context(inbox.ca_file, host=host)
        except CertificateRefused as error:
            raise InboxCertificateRefused(host, error.reason) from error
    if not is_loopback(inbox.host):
        raise InboxError(
            host, "ohne Verschlüsselung wird nur auf dem eigenen Rechner gelesen"
        )
    return None


def _log_in(connection: Connection, inbox: Inbox, folder: Path) -> None:
    if inbox.token_command:
        connection.xoauth2(inbox.user, _access_token(inbox, folder), None)
    elif f"{inbox.user}{inbox.password}".isascii():
        connection.login(inbox.user, inbox.password, None)
    else:
        # LOGIN takes ASCII only; a German password may have an umlaut.
        connection.login_utf8(inbox.user, inbox.password, None)


def _access_token(inbox: Inbox, folder: Path) -> str:
    """Return a fresh token; one lives for about an hour."""
    try:
        return from_command(inbox.token_command, None, folder)
    except Unfit as error:
        raise InboxLoginRefused(shown(inbox), str(error).rstrip(".")) from error
