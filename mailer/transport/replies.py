"""What a reply means: by its first digit and by the moment it comes.

Two questions in one place, as tables. *meaning* reads a code: go on, later, never,
or out of step. *outcome* says what that makes of the parcel. A number alone says
nothing: 250 is fine after the content and nonsense after DATA, where 354 was due. A
reply that does not fit its moment shows that server and client talk past each other;
then the connection is worth nothing, and the only question is whether the content
had left.

Source: RFC 5321, sections 4.2, 4.2.1, 4.3.2 and 4.5.3.1.10; RFC 2034, section 4;
RFC 3463, section 2.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from mailer.rendering.parcel import Outcome, SmtpReply, Verdict
from subscribers.address import masked

MAX_TEXT_CHARS = 500
"""Characters of a reply that we keep: RFC 5321, section 4.5.3.1.5 allows 512 octets
a line, and nobody reads more."""


_MAX_LOOK_CHARS = 2000
"""Characters of a reply that are looked at: more than can be shown after masking,
few enough for the search for addresses, whose cost grows with the square."""


_KEPT_REPLIES: Final = 64
"""How many replies are not read anew: many servers say the same every time."""


class Stage(StrEnum):
    """The moment of a transaction in which a reply comes."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"
    """After the final dot."""


class Meaning(StrEnum):
    """What a code says about the step it answers."""

    GO_ON = "go on"
    LATER = "later"
    NEVER = "never"
    OUT_OF_STEP = "out of step"
    """No answer to this step: no code, a code that does not exist, or one that
    belongs to another command."""


_DUE: Final = {
    Stage.SENDER: 2,
    Stage.RECIPIENT: 2,
    Stage.DATA: 3,
    Stage.CONTENT: 2,
}
"""The first digit that means "go on" (RFC 5321, section 4.3.2)."""

_OTHER_COMMANDS: Final = frozenset(
    {
        211,  # answers HELP
        214,  # answers HELP
        220,  # greets, or answers STARTTLS
        221,  # answers QUIT
        235,  # answers AUTH (RFC 4954)
        334,  # asks for more during AUTH (RFC 4954)
    }
)
"""Known codes that no step of a transaction may get; unknown ones go by digit."""

_READ_OTHERWISE: Final = {
    # "Bad sequence of commands": the server thinks that we are somewhere else.
    (Stage.SENDER, 503): Meaning.OUT_OF_STEP,
    (Stage.RECIPIENT, 503): Meaning.OUT_OF_STEP,
    # "Too many recipients" of old servers, or a full mailbox: clients should take
    # it for temporary (RFC 5321, section 4.5.3.1.10).
    (Stage.RECIPIENT, 552): Meaning.LATER,
}
"""Codes that one step reads otherwise than their first digit says."""

_FIRST_DIGIT: Final = {4: Meaning.LATER, 5: Meaning.NEVER}

_VERDICTS: Final = {
    (Stage.RECIPIENT, Meaning.LATER): Verdict.DEFERRED,
    (Stage.RECIPIENT, Meaning.NEVER): Verdict.REFUSED,
    # The recipient was taken and the content never left: one more try costs
    # nothing, and what the server minds is not this person.
    (Stage.DATA, Meaning.LATER): Verdict.DEFERRED,
    (Stage.DATA, Meaning.NEVER): Verdict.DEFERRED,
    (Stage.DATA, Meaning.OUT_OF_STEP): Verdict.DEFERRED,
    (Stage.CONTENT, Meaning.GO_ON): Verdict.ACCEPTED,
    (Stage.CONTENT, Meaning.LATER): Verdict.DEFERRED,
    (Stage.CONTENT, Meaning.NEVER): Verdict.REFUSED,
    (Stage.CONTENT, Meaning.OUT_OF_STEP): Verdict.UNKNOWN,
}

CLOSING: Final = 421
"""The server hangs up, whatever was said (RFC 5321, section 3.8)."""

TOO_LARGE: Final = 552
"""Answer to MAIL with SIZE: about this message (RFC 1870, section 6.1)."""

NOT_THE_RECIPIENT: Final = frozenset({CLOSING, 530})
"""Answers to RCPT about the connection: closing; log in first (RFC 4954, section 6)."""

_ENHANCED: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
"""RFC 3463, section 2: class "." subject "." detail."""

_ADDRESS: Final = re.compile(r"[^\s<>@\"'(),:;\[\]]+@[^\s<>@\"'(),:;\[\]]+")


@cache
def meaning(code: int, stage: Stage) -> Meaning:
    """Return what *code* says when it comes at *stage*.

    Source: RFC 5321, section 4.2.1: unknown codes go by their first digit.

    Example:
        >>> meaning(250, Stage.DATA)
        <Meaning.OUT_OF_STEP: 'out of step'>
    """
    if code in _OTHER_COMMANDS:
        return Meaning.OUT_OF_STEP
    if (stage, code) in _READ_OTHERWISE:
        return _READ_OTHERWISE[stage, code]
    digit = code // 100
    if digit == _DUE[stage]:
        return Meaning.GO_ON
    return _FIRST_DIGIT.get(digit, Meaning.OUT_OF_STEP)


@lru_cache(maxsize=_KEPT_REPLIES)
def outcome(code: int, text: bytes | str, stage: Stage) -> Outcome | None:
    """Return what a reply makes of a parcel; None if it settles nothing about it.

    Args:
        code: As the server sent it; anything that is no code is out of step.
        text: As the server sent it.
        stage: What the reply answers.
    """
    verdict = _VERDICTS.get((stage, meaning(code, stage)))
    return None if verdict is None else Outcome(verdict, reply(code, text))


def settled(code: int, text: bytes | str, stage: Stage) -> Outcome:
    """Return what a reply makes of a parcel whose fate it settles in any case."""
    return outcome(code, text, stage) or Outcome(Verdict.UNKNOWN)


def own_words(verdict: Verdict, reason: str, *, enhanced: str | None = None) -> Outcome:
    """Return an outcome that no server has spoken about.

    Args:
        enhanced: What it would have said by RFC 3463.
    """
    return Outcome(verdict, SmtpReply(None, reason, enhanced))


def reply(code: int, text: bytes | str) -> SmtpReply:
    """Return a reply fit for the database.

    Args:
        code: As received; what is no code of three digits becomes None.
        text: As received.
    """
    shown = sanitised(text)
    known = code if 200 <= code <= 599 else None  # noqa: PLR2004 - RFC 5321, section 4.2.1: 2yz to 5yz
    return SmtpReply(known, shown, _enhanced(known, shown))


def sanitised(text: bytes | str) -> str:
    r"""Return foreign *text* as one printable line without anybody's address.

    A reply may be Latin-1, hold NUL or be endless; a successful delivery whose reply
    cannot be stored would be sent twice. And it likes to repeat the address, which
    must not outlive the person's erasure.

    Example:
        >>> sanitised(b"5.1.1 <rita@example.org>:\nunbekannt\x00")
        '5.1.1 <r…@example.org>: unbekannt'
    """
    decoded = _decoded(text)[:_MAX_LOOK_CHARS]
    if not decoded.isprintable():  # few replies hold what must be looked at one by one
        decoded = "".join(
            " " if unicodedata.category(sign)[0] in "CZ" else sign for sign in decoded
        )
    line = " ".join(decoded.split())
    if "@" in line:
        line = _ADDRESS.sub(lambda found: masked(found[0]), line)
    if len(line) <= MAX_TEXT_CHARS:
        return line
    return f"{line[: MAX_TEXT_CHARS - 1]}…"


def _decoded(text: bytes | str) -> str:
    """Return *text* as UTF-8, or as Latin-1 where it is none."""
    octets = text if isinstance(text, bytes) else _octets(text)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _octets(text: str) -> bytes:
    """Return what the server sent; a client hides octets in lone surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _enhanced(code: int | None, text: str) -> str | None:
    """Return the enhanced status code that *text* begins with.

    Source: RFC 2034, section 4: its class agrees with the first digit of the code.
    """
    found = _ENHANCED.match(text)
    if found is None or code is None or int(found[1]) != code // 100:
        return None
    return found[0]
