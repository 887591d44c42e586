"""The wire out: one connection to the relay, kept warm, one recipient a message.

Who is to blame decides the form of the answer. What concerns this parcel is an
``Outcome``; what concerns us, the server or the line is a ``TransportError``, and
then nothing was sent: it is raised only before the ledger's mark. A server that hangs
up, is silent or talks nonsense as soon as somebody is named may do so for that name
alone: she waits, and keeps nobody else waiting. Only what meets several in a row is
about the server.

The mark (*before_content*) is durable before DATA. After it there is always an
``Outcome``, since from there on the ledger must hear what became of the parcel:

* no 354 came: the content never left, the parcel is deferred;
* the content left and an answer came: the answer counts;
* the content left and no fitting answer came: nobody knows, and we say so.

aiosmtplib raises the same exception before and after the content, so the steps after
the mark are driven one by one here.

Source: RFC 5321, sections 3.3, 4.5.2, 4.5.3.2 and 6.1; RFC 1870, section 6; RFC 1047.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiosmtplib

from mailer.errors import ConnectionFailed, SenderRefused, TransportBusy
from mailer.rendering.parcel import Outcome, Verdict
from mailer.transport import failures, gate, opening, replies, wire
from mailer.transport.pipeline import Pipeline
from mailer.transport.replies import Meaning, Stage
from mailer.transport.server_facts import facts_of
from subscribers import failpoints

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from aiosmtplib.protocol import SMTPProtocol

    from mailer.rendering.parcel import Parcel
    from mailer.settings import Smtp
    from mailer.transport.gate import Passed
    from mailer.transport.server_facts import ServerFacts

FAREWELL_SECONDS = 5.0
"""Wait for the answer to QUIT. Everything is settled by then; RFC 5321 names no
least wait, and nobody should sit through five minutes for a good-bye."""

STUMBLES: Final = 3
"""So many recipients in a row at whom the server breaks down show that they are not
the cause: as many as refusals in a row that are about us (``[policy] pause_after``)."""

_LOST: Final = (aiosmtplib.SMTPException, OSError)
"""What aiosmtplib raises when no answer came, or none that is SMTP."""


class SmtpTransport:
    """Sends parcels to one relay, one at a time, over one warm connection."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._host = opening.shown(smtp)
        self._context: ssl.SSLContext | None = None
        self._protected = False
        self._client: aiosmtplib.SMTP | None = None
        self._is_fresh = True
        self._stumbles = 0
        self._reads_ahead = smtp.pipelining
        self._pipeline: Pipeline | None = None

    async def open(self) -> None:
        """Connect now, so that what is wrong with the server shows before a run.

        Raises:
            TransportError: The server cannot be used.
        """
        self._drop()
        self._is_fresh = True
        self._client = await self._connected()
        if self._reads_ahead and "pipelining" in self._extensions:
            self._pipeline = Pipeline(self._client, self._smtp, self._host)

    async def send(
        self,
        parcel: Parcel,
        before_content: Callable[[], Awaitable[bool]],
        upcoming: Callable[[], Parcel | None] = lambda: None,
    ) -> Outcome:
        """Send *parcel* and say what became of it.

        Args:
            parcel: One message for one recipient.
            before_content: Writes the durable mark. Called at most once, after the
                server has taken the recipient and before any content leaves; False
                means that the parcel must not go.
            upcoming: Asked after that what will be sent next, if that is known; where
                the server reads ahead, its envelope travels with this content.

        Raises:
            TransportError: Nothing was sent, and the parcel is not to blame; never
                raised once *before_content* has been called.
            ContentUnsafe: The content is not what a message on the wire must be.
        """
        passed = self._announced(parcel)
        if passed is None:
            passed = gate.passed(parcel)
            if not wire.is_wire_address(parcel.return_path):
                raise SenderRefused(self._host, "sie ist so nicht erlaubt")
            if not wire.is_wire_address(parcel.recipient):
                return replies.own_words(
                    Verdict.REFUSED, "die Adresse ist so nicht erlaubt"
                )
        try:
            outcome = await self._sent(passed, before_content, upcoming)
        except (TransportBusy, ConnectionFailed) as error:
            self._stumbles += self._has_begun
            may_be_hers = self._has_begun and self._stumbles < STUMBLES
            self._drop()
            if may_be_hers:
                return replies.own_words(Verdict.DEFERRED, error.reason)
            raise
        except BaseException:
            # Whoever gave up (the ledger, Ctrl-C): the server may be in the middle of
            # something, so nothing more is said on this connection.
            self._drop()
            raise
        self._stumbles = 0
        return outcome

    async def close(self) -> None:
        """Say good-bye; what goes wrong now does not matter any more."""
        client, self._client = self._client, None
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            await pipeline.close(self._farewell_seconds)
        elif client is not None:
            await self._hang_up(client)

    async def check(self) -> ServerFacts:
        """Connect, log in and hang up on a connection of its own; send nothing.

        Raises:
            TransportError: The server cannot be used.
        """
        client = await self._connected()
        try:
            heard = await client.execute_command(b"NOOP")
            if replies.meaning(heard.code, Stage.SENDER) is not Meaning.GO_ON:
                raise failures.refusal(self._host, replies.reply(*heard))
            return facts_of(client, logged_in=bool(self._smtp.user))
        except _LOST as error:
            raise failures.lost(self._host, error) from error
        finally:
            await self._hang_up(client)

    async def _connected(self) -> opening.Client:
        """Return a new connection."""
        if not self._protected:
            self._context = opening.protection(self._smtp)
            self._protected = True
        return await opening.opened(self._smtp, self._context)

    def _announced(self, parcel: Parcel) -> Passed | None:
        """Return *parcel* if its envelope has travelled ahead, and passed the gates."""
        announced = self._pipeline and self._pipeline.announced
        return announced if announced and announced.parcel is parcel else None

    async def _sent(
        self,
        passed: Passed,
        before_content: Callable[[], Awaitable[bool]],
        upcoming: Callable[[], Parcel | None],
    ) -> Outcome:
        """Go through one transaction, ahead or step by step.

        A connection that has carried letters may end at any time (see ``_begun``), and
        a server that cannot read ahead after all is spoken to step by step from then
        on. In both cases nothing of the parcel has left, and it is begun anew.
        """
        if not self._is_connected:
            await self.open()
        if self._pipeline is not None:
            is_warm = self._has_begun
            try:
                return await self._pipeline.send(passed, before_content, upcoming)
            except (TransportBusy, ConnectionFailed):
                is_lost = self._pipeline.is_out_of_step
                if not is_lost and not is_warm:
                    raise
            self._reads_ahead = self._reads_ahead and not is_lost
            await self.open()
        if self._pipeline is not None:
            return await self._pipeline.send(passed, before_content, upcoming)
        return await self._stepped(passed, before_content)

    async def _stepped(
        self, passed: Passed, before_content: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Go through one transaction, from MAIL to the answer to the content."""
        refused = await self._begun(passed)
        if refused is not None:
            return refused
        if not await before_content():
            await self._reset()
            return Outcome(Verdict.NOT_SENT)
        return await self._transmitted(passed)

    async def _begun(self, passed: Passed) -> Outcome | None:
        """Say MAIL and RCPT to a server that listens; None when it agrees to both.

        A server may hang up on an idle connection, or after so many messages. Until
        the content, starting again costs nothing; on a connection that is new the
        same answer to MAIL is about us.
        """
        if not self._is_connected:
            await self.open()
        is_warm = self._has_begun
        try:
            return await self._introduced(passed)
        except (TransportBusy, ConnectionFailed):
            if not is_warm:
                raise
        await self.open()
        return await self._introduced(passed)

    async def _introduced(self, passed: Passed) -> Outcome | None:
        """Say from whom and to whom; None when the server agrees to both."""
        refused = await self._sender_said(passed)
        if refused is not None:
            return refused
        recipient = passed.parcel.recipient.wire
        options = wire.recipient_options(passed.parcel, self._extensions)
        heard = await self._say(f"RCPT TO:<{recipient}>{options}")
        if replies.meaning(heard.code, Stage.RECIPIENT) is not Meaning.GO_ON:
            return await self._recipient_refused(heard)
        return None

    async def _sender_said(self, passed: Passed) -> Outcome | None:
        """Say MAIL, with the size of the message where the server counts sizes.

        Source: RFC 1870, sections 4 and 6.
        """
        too_large = wire.too_large(passed.octets, wire.size_limit(self._extensions))
        if too_large is not None:
            return too_large
        size = wire.size_option(passed.octets, self._extensions)
        heard = await self._say_sender(passed.parcel, size)
        if replies.meaning(heard.code, Stage.SENDER) is Meaning.GO_ON:
            self._is_fresh = False
            return None
        answer = replies.reply(*heard)
        if size and heard.code == replies.TOO_LARGE:
            return Outcome(Verdict.REFUSED, answer)
        raise failures.sender_refusal(self._host, answer)

    async def _say_sender(self, parcel: Parcel, size: str) -> aiosmtplib.SMTPResponse:
        """Say MAIL; a server that refuses the null path hears our own.

        Some relays let a logged-in sender use his own address alone. What keeps two
        programs from answering each other for ever stands in the header as well.
        """
        if parcel.wants_no_report:
            heard = await self._say(f"MAIL FROM:<>{size}")
            if replies.meaning(heard.code, Stage.SENDER) is Meaning.GO_ON or (
                size and heard.code == replies.TOO_LARGE
            ):
                return heard
        options = size + wire.sender_options(parcel, self._extensions)
        return await self._say(f"MAIL FROM:<{parcel.return_path.wire}>{options}")

    @property
    def _has_begun(self) -> bool:
        """Whether the server has taken a sender on this connection."""
        return (
            not self._is_fresh if self._pipeline is None else self._pipeline.has_begun
        )

    @property
    def _is_connected(self) -> bool:
        if self._pipeline is not None:
            return self._pipeline.is_open
        return self._client is not None and self._client.is_connected

    @property
    def _extensions(self) -> Mapping[str, str]:
        """What the server offered in its last EHLO; nothing without a connection."""
        return {} if self._client is None else self._client.esmtp_extensions

    async def _recipient_refused(self, heard: aiosmtplib.SMTPResponse) -> Outcome:
        """Return what a negative answer to RCPT makes of the parcel.

        Raises:
            TransportError: The answer is not about the recipient.
        """
        settled = replies.outcome(*heard, Stage.RECIPIENT)
        if settled is None or heard.code in replies.NOT_THE_RECIPIENT:
            raise failures.refusal(self._host, replies.reply(*heard))
        await self._reset()
        return settled

    async def _transmitted(self, passed: Passed) -> Outcome:
        """Hand over the content after the mark; there is always an outcome."""
        try:
            heard = await self._say("DATA")
        except ConnectionFailed as error:
            self._drop()
            return replies.own_words(Verdict.DEFERRED, error.reason)
        protocol = None if self._client is None else self._client.protocol
        if replies.meaning(heard.code, Stage.DATA) is not Meaning.GO_ON:
            self._drop()
            return replies.settled(*heard, Stage.DATA)
        if protocol is None or not protocol.is_connected:
            self._drop()
            return replies.own_words(Verdict.DEFERRED, failures.HUNG_UP)
        return await self._answer_to(passed, protocol)

    async def _answer_to(self, passed: Passed, protocol: SMTPProtocol) -> Outcome:
        """Write the content with its final dot and wait for the server's word.

        No ``await`` stands between the write and the read, so an answer cannot come
        while nobody waits for it.
        """
        try:
            failpoints.reach("content.before")
            protocol.write(b"".join(passed.pieces))
            failpoints.reach("content.after")
            heard = await protocol.read_response(
                timeout=self._smtp.data_timeout.total_seconds()
            )
        except _LOST as error:
            self._drop()
            return replies.own_words(
                Verdict.UNKNOWN, failures.lost(self._host, error).reason
            )
        settled = replies.settled(*heard, Stage.CONTENT)
        if (
            settled.verdict is Verdict.UNKNOWN
            or heard.code == replies.CLOSING
            or _spoke_unasked(protocol)
        ):
            self._drop()
        return settled

    async def _say(self, command: str) -> aiosmtplib.SMTPResponse:
        """Send one command and return the answer.

        Raises:
            ConnectionFailed: None came, or nothing that is SMTP, or more than was
                asked for, so that the rest would answer the next command.
        """
        protocol = None if self._client is None else self._client.protocol
        if self._client is None or protocol is None:
            raise ConnectionFailed(self._host, failures.HUNG_UP)
        try:
            heard = await self._client.execute_command(command.encode("ascii"))
        except _LOST as error:
            reason = failures.lost(self._host, error).reason
            raise ConnectionFailed(self._host, reason) from error
        if _spoke_unasked(protocol):
            raise ConnectionFailed(self._host, failures.OUT_OF_STEP)
        return heard

    async def _reset(self) -> None:
        """End the transaction before its content; hang up if that does not work."""
        try:
            heard = await self._say("RSET")
        except ConnectionFailed:
            self._drop()
        else:
            if replies.meaning(heard.code, Stage.SENDER) is not Meaning.GO_ON:
                self._drop()

    async def _hang_up(self, client: aiosmtplib.SMTP) -> None:
        """Say QUIT; whatever comes back, it is over."""
        await opening.bid_farewell(client, self._farewell_seconds)

    @property
    def _farewell_seconds(self) -> float:
        return min(self._smtp.command_timeout.total_seconds(), FAREWELL_SECONDS)

    def _drop(self) -> None:
        """Cut the connection."""
        client, self._client = self._client, None
        self._pipeline = None
        if client is not None:
            client.close()


def _spoke_unasked(protocol: SMTPProtocol) -> bool:
    """Say whether words of the server wait that no command has asked for.

    The next command would take them for its answer; after the content that would
    be an acceptance that nobody gave. aiosmtplib has no public way to ask.
    """
    return bool(protocol._buffer)  # noqa: SLF001 - see the docstring
