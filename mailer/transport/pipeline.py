"""One round trip a letter: the next envelope travels behind the content before it.

Where a server offers PIPELINING, an open connection is taken over from aiosmtplib and
driven in groups::

    we:     content k, dot, MAIL k+1, RCPT k+1, DATA
    server: 250 (k is mine), 250, 250, 354

The content of k+1 leaves only when its mark is durable, and that is asked for after the
server's word about k: at most one letter of a connection is unanswered. A server that
has said 354 waits for a content. If none may come, the connection is cut: a lone dot
would deliver an empty letter.

Answers are matched by their order alone. What comes unasked, or cannot be the answer to
its step, shows that we are out of step; then ``is_out_of_step`` tells the transport to
go on step by step.

Source: RFC 2920, section 3.1; RFC 5321, sections 3.3, 4.2 and 4.5.3.2.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from mailer.errors import ConnectionFailed, ContentUnsafe
from mailer.rendering.parcel import Outcome, Verdict
from mailer.transport import failures, gate, replies, wire
from mailer.transport.line import Line
from mailer.transport.replies import Meaning, Stage
from subscribers import failpoints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import aiosmtplib

    from mailer.rendering.parcel import Parcel
    from mailer.settings import Smtp
    from mailer.transport.gate import Passed
    from mailer.transport.line import Heard


_ENVELOPE: Final = (Stage.SENDER, Stage.RECIPIENT, Stage.DATA)
"""The moments of an envelope, in their order."""

_KEPT_ANSWERS: Final = 16
"""How many ways of answering an envelope are remembered: servers use few words."""


class Pipeline:
    """A connection to a server that reads ahead.

    Attributes:
        is_out_of_step: Server and client have talked past each other.
        has_begun: The server has taken a sender on this connection.
        announced: Whose envelope has travelled ahead; None if none has.
    """

    def __init__(self, client: aiosmtplib.SMTP, smtp: Smtp, host: str) -> None:
        """Take over what *client* has opened, introduced and logged in.

        Args:
            host: The server for people.
        """
        self.is_out_of_step = False
        self.has_begun = False
        self.announced: Passed | None = None
        self._host = host
        self._extensions: Mapping[str, str] = dict(client.esmtp_extensions)
        self._size_limit = wire.size_limit(self._extensions)
        self._patience = smtp.command_timeout.total_seconds()
        self._content_patience = smtp.data_timeout.total_seconds()
        self._line = Line(client)
        self._refuses_null_path = False
        self._must_reset = False

    @property
    def is_open(self) -> bool:
        """Whether the line holds."""
        return self._line.is_open

    async def send(
        self,
        passed: Passed,
        before_content: Callable[[], Awaitable[bool]],
        upcoming: Callable[[], Parcel | None],
    ) -> Outcome:
        """Send a parcel and say what became of it, as ``SmtpTransport.send``.

        Raises:
            TransportError: Nothing was sent, and the parcel is not to blame; never
                raised once *before_content* has been called.
        """
        if not self._is_awaited(passed):
            refused = wire.too_large(passed.octets, self._size_limit)
            if refused is None:
                refused = await self._introduced(passed)
            if refused is not None:
                return refused
        if not await before_content():
            self.cut()
            return Outcome(Verdict.NOT_SENT)
        return await self._transmitted(passed, upcoming())

    async def close(self, patience: float) -> None:
        """Say good-bye, unless the server may wait for a content.

        Args:
            patience: Seconds that the answer may take.
        """
        if self.announced is None and self.is_open:
            self._line.write(b"QUIT\r\n")
            with suppress(OSError):  # it is over in any case
                await self._line.hear(patience)
        self.cut()

    def cut(self) -> None:
        """Hang up; what still waits in our buffers is thrown away."""
        self._line.cut()

    def _is_awaited(self, passed: Passed) -> bool:
        """Tell whether the server has said yes to all that travelled ahead.

        Nearly always it has, with the answer to the letter before. What is different
        in any way is left as it is, for ``_introduced``.
        """
        heard = self._line.heard
        if (
            self.announced is not passed
            or len(heard) != len(_ENVELOPE)
            or not _is_taken(*heard)
            or self._line.is_amid_reply
        ):
            return False
        heard.clear()
        self.announced = None
        self.has_begun = True
        return True

    async def _introduced(self, passed: Passed) -> Outcome | None:
        """Settle the envelope; None when the server waits for the content.

        A server that refuses the null path hears our own (see ``smtp``).
        """
        if self.announced is not passed:
            await self._begin(passed)
        self.announced = None
        sender = await self._heard()
        is_agreed = _says_yes(sender, Stage.SENDER)
        self.has_begun |= is_agreed
        recipient = await self._heard()
        if not is_agreed:
            return await self._sender_refused(passed, sender)
        if not _says_yes(recipient, Stage.RECIPIENT):
            return await self._recipient_refused(recipient)
        return await self._data_said()

    async def _begin(self, passed: Passed) -> None:
        """Write an envelope that was not announced, and end a refused one before it."""
        if self.announced is not None:
            # The server may wait for the content of another letter.
            raise ConnectionFailed(self._host, failures.HUNG_UP)
        reset = b"RSET\r\n" if self._must_reset else b""
        self._line.write(reset + self._envelope(passed))
        if reset and not _says_yes(await self._heard(), Stage.SENDER):
            raise self._out_of_step()
        self._must_reset = False

    def _envelope(self, passed: Passed) -> bytes:
        parcel, octets, _ = passed
        is_null = parcel.wants_no_report and not self._refuses_null_path
        return wire.envelope(parcel, octets, self._extensions, is_null=is_null)

    async def _heard(self) -> Heard:
        """Return the answer to the next command of an envelope.

        Raises:
            TransportError: None came, or the server hangs up.
        """
        try:
            heard = await self._line.hear(self._patience)
        except OSError as error:
            # Some servers throw away what came ahead, and then wait for it.
            self.is_out_of_step |= isinstance(error, TimeoutError) and self.has_begun
            reason = failures.lost(self._host, error).reason
            raise ConnectionFailed(self._host, reason) from error
        if heard.code == replies.CLOSING:
            raise failures.refusal(self._host, replies.reply(*heard))
        return heard

    async def _sender_refused(self, passed: Passed, heard: Heard) -> Outcome | None:
        """Return what a negative answer to MAIL makes of the parcel.

        Raises:
            TransportError: It is about us.
        """
        waits = _says_yes(await self._heard(), Stage.DATA)
        if waits or _is_nonsense(heard, Stage.SENDER):
            raise self._out_of_step()
        answer = replies.reply(*heard)
        if heard.code == replies.TOO_LARGE and "size" in self._extensions:
            return Outcome(Verdict.REFUSED, answer)
        if passed.parcel.wants_no_report and not self._refuses_null_path:
            self._refuses_null_path = True
            return await self._introduced(passed)
        raise failures.sender_refusal(self._host, answer)

    async def _recipient_refused(self, heard: Heard) -> Outcome:
        """Return what a negative answer to RCPT makes of the parcel.

        Raises:
            TransportError: The answer is not about the recipient.
        """
        settled = replies.outcome(*heard, Stage.RECIPIENT)
        if settled is None:
            raise self._out_of_step()
        if heard.code in replies.NOT_THE_RECIPIENT:
            raise failures.refusal(self._host, replies.reply(*heard))
        if _says_yes(await self._heard(), Stage.DATA):
            # RFC 2920, section 3.1, would end this with a lone dot.
            self.cut()
        self._must_reset = True
        return settled

    async def _data_said(self) -> Outcome | None:
        """Return what the answer to DATA makes of a parcel whose recipient was taken.

        As step by step: whatever the server minds now is not this person, and one
        more try costs nothing.

        Raises:
            ConnectionFailed: It is no answer to DATA, or not the only one.
        """
        try:
            heard = await self._line.hear(self._patience)
        except OSError as error:
            self.cut()
            reason = failures.lost(self._host, error).reason
            return replies.own_words(Verdict.DEFERRED, reason)
        if _is_nonsense(heard, Stage.DATA) or self._line.has_unheard:
            raise self._out_of_step()
        if not _says_yes(heard, Stage.DATA):
            self.cut()
            return replies.settled(*heard, Stage.DATA)
        return None

    async def _transmitted(self, passed: Passed, upcoming: Parcel | None) -> Outcome:
        """Hand over the content after the mark; there is always an outcome.

        No ``await`` stands between the look at the line and the write, so what is
        heard next was said after the content.
        """
        if not self.is_open or self._line.has_unheard:
            self.cut()
            return replies.own_words(Verdict.DEFERRED, failures.HUNG_UP)
        group = b"".join([*passed.pieces, self._announcement(upcoming)])
        try:
            failpoints.reach("content.before")
            self._line.write(group)
            failpoints.reach("content.after")
            heard = await self._line.hear(self._content_patience)
        except OSError as error:
            self.cut()
            reason = failures.lost(self._host, error).reason
            return replies.own_words(Verdict.UNKNOWN, reason)
        settled = replies.settled(*heard, Stage.CONTENT)
        if settled.verdict is Verdict.UNKNOWN or heard.code == replies.CLOSING:
            self.cut()
        return settled

    def _announcement(self, upcoming: Parcel | None) -> bytes:
        """Return the envelope of *upcoming*; empty if something speaks against it."""
        if upcoming is None or not (
            wire.is_wire_address(upcoming.return_path)
            and wire.is_wire_address(upcoming.recipient)
        ):
            return b""
        try:
            passed = gate.passed(upcoming)
        except ContentUnsafe:
            return b""
        if wire.too_large(passed.octets, self._size_limit) is not None:
            return b""
        self.announced = passed
        return self._envelope(passed)

    def _out_of_step(self) -> ConnectionFailed:
        """Note that answers and questions do not belong together."""
        self.is_out_of_step = True
        return ConnectionFailed(self._host, failures.OUT_OF_STEP)


@lru_cache(maxsize=_KEPT_ANSWERS)
def _is_taken(*heard: Heard) -> bool:
    """Tell whether an envelope that was answered so has been taken."""
    return all(map(_says_yes, heard, _ENVELOPE))


def _says_yes(heard: Heard, stage: Stage) -> bool:
    return replies.meaning(heard.code, stage) is Meaning.GO_ON


def _is_nonsense(heard: Heard, stage: Stage) -> bool:
    return replies.meaning(heard.code, stage) is Meaning.OUT_OF_STEP
