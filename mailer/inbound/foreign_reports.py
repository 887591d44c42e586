"""Reports in forms of their own: Exim, qmail, old Exchange, GMX, T-Online and others.

They are free text, but all say the same things in the same order: that they come
from a machine, that something failed, whom they mean, and beside or below each
address what the other server said. ``foreign_reports.toml`` lists what they say it
with; what is read here is only the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound import decoding, returned
from mailer.inbound.diagnostics import find_row, normalised
from mailer.inbound.report_phrases import report_phrases

if TYPE_CHECKING:
    from mailer.inbound.reading import Message
    from mailer.inbound.report_phrases import Form

MAX_WORDS_LINES: Final = 14
"""Lines below an address that can be about it."""

MAX_FAILURES: Final = 100
"""Recipients read from one report; ours have one."""

_BEGINS_LINE: Final = re.compile(
    r"[\s\-*•>|]{0,12}"
    r"(?:[245]\d\d[ \-])?(?:[245]\.\d{1,3}\.\d{1,3} )?"  # "550 5.1.1 <…>"
    r"(?:(?:RCPT TO|To|An|Recipient|Recipient address|Empfänger|E-?Mail)\s?:)?"
    r"\s{0,4}[\"'<(\[]{0,3}(?:mailto:|rfc822;\s?|smtp:)?"
    r"([^\s<>@\"'(),:;\[\]]{1,64}@[^\s<>@\"'(),:;\[\]]{1,255})",
    re.IGNORECASE,
)
"""An address that a line is about, after what servers write before one."""

_TOO_LATE: Final = re.compile(
    r"in reply to end of DATA|after end of data|after DATA|>>> DATA\s+<<< 5"
    r"|end of DATA command|after sending data|SMTP command\s+DATA",
    re.IGNORECASE,
)

_NO_RECIPIENT: Final = re.compile(
    r"<<< 50[34][^\n]{0,80}(?:RCPT|recipient)", re.IGNORECASE
)
"""To a pipelined DATA: there the refusal was an answer to the recipient after all."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient, what became of it, and the words about it."""

    address: str
    action: str
    words: str


@dataclass(frozen=True, slots=True)
class ForeignReport:
    """A report in a form of its own."""

    form: str
    failures: tuple[Failure, ...]


def find(message: Message, inner: Message | None) -> ForeignReport | None:
    """Return the report that *message* is; None if it is none.

    Args:
        message: What came.
        inner: The returned mail, as far as it is known.
    """
    lines, _ = returned.halves(message)
    if is_from_a_machine(message):
        form = _form("\n".join(lines)) or _form(message.subject)
    elif _is_automatic(message):  # as absence notes are, so the subject decides
        form = _form(message.subject)
    else:
        form = None
    if form is None:
        return None
    blocks = _blocks(lines, _named(message, inner)) or _loose(lines, message, inner)
    failures = (Failure(who, form.action, words) for who, words in blocks.items())
    return ForeignReport(form.name, tuple(failures)[:MAX_FAILURES])


def is_from_a_machine(message: Message) -> bool:
    """Say whether a server says that it wrote this."""
    if message.header("X-Failed-Recipients") is not None:
        return True
    sender = message.header("From") or ""
    if "<>" in sender:
        return True
    for address in (message.sender, message.return_path or ""):
        if address.lower().partition("@")[0] in report_phrases().machines:
            return True
    called = normalised(f"{sender} {message.sender.partition('@')[0]}")
    return bool(report_phrases().names.search(called))


def _is_automatic(message: Message) -> bool:
    """Say whether nobody may answer this, or no human wrote it."""
    automatic = (message.header("Auto-Submitted") or "").strip().lower()
    return message.return_path == "" or automatic.startswith("auto-")


def words_about(address: str, message: Message) -> str:
    """Return what the text for people says about *address*; empty if nothing."""
    lines, _ = returned.halves(message)
    return _blocks(lines, [address]).get(address.lower(), "")


def all_words(message: Message) -> str:
    """Return the whole text for people, without the copy of our mail."""
    lines, _ = returned.halves(message)
    return "\n".join(lines)


def came_late(told: str) -> bool:
    """Say whether the refusal that *told* tells of came after the content."""
    return _TOO_LATE.search(told) is not None and _NO_RECIPIENT.search(told) is None


def _form(text: str) -> Form | None:
    """Return the first form of the table that fits *text*."""
    words = normalised(text, limit=returned.MAX_TEXT_CHARS)
    return next(
        (one for one in report_phrases().forms if one.pattern.search(words)), None
    )


def _named(message: Message, inner: Message | None) -> list[str]:
    """Return whom it is about by the header: Exim and Gmail say it, or our To."""
    field = message.header("X-Failed-Recipients") or ""
    named = decoding.addresses(field, limit=MAX_FAILURES)
    return named or (list(inner.to) if inner is not None else [])


def _blocks(lines: list[str], named: list[str]) -> dict[str, str]:
    """Return each address with the words about it.

    An address counts at the begin of a line, or anywhere if the header names it. If
    the header names some, others do not count; unless none of those is found.
    """
    wanted = {address.lower() for address in named}
    blocks = _between(_starts(lines, wanted), lines)
    chosen = {one: block for one, block in blocks.items() if one in wanted} or blocks
    whole = "\n".join(lines)
    if len(chosen) == 1:  # who alone is meant may be meant anywhere
        return {
            one: block if find_row(block) is not None else whole
            for one, block in chosen.items()
        }
    return chosen


def _starts(lines: list[str], wanted: set[str]) -> list[tuple[int, str]]:
    """Return the lines in which something about an address begins."""
    starts: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if "@" not in line:
            continue
        found = _BEGINS_LINE.match(line)
        address = found[1].strip(".'").lower() if found else _anywhere(line, wanted)
        if address:
            starts.append((number, address))
    return starts


def _between(starts: list[tuple[int, str]], lines: list[str]) -> dict[str, str]:
    """Return for each address the lines down to the next one."""
    blocks: dict[str, list[str]] = {}
    ends = [*(number for number, _ in starts[1:]), len(lines)]
    for (number, address), following in zip(starts, ends, strict=False):
        end = min(following, number + MAX_WORDS_LINES)
        blocks.setdefault(address, []).extend(lines[number:end])
    return {address: "\n".join(block) for address, block in blocks.items()}


def _loose(lines: list[str], message: Message, inner: Message | None) -> dict[str, str]:
    """Return what a text says about the one address that it can be about.

    Where several could be meant, none is named: whom it is about is never guessed.
    """
    ours = {message.sender.lower(), *message.to}
    text = "\n".join(lines)
    inside = {one.lower() for one in decoding.addresses(text, limit=20)} - ours
    named = set(_named(message, inner))
    for candidates in (inside, named):
        if len(candidates) == 1:
            return {candidates.pop(): text}
    return {"": text}


def _anywhere(line: str, wanted: set[str]) -> str:
    """Return the wanted address that stands somewhere in *line*; empty if none."""
    if not wanted:
        return ""
    found = (address.lower() for address in decoding.addresses(line, limit=4))
    return next((address for address in found if address in wanted), "")
