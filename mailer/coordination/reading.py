"""Pure: what somebody wrote herself becomes instructions, or a question back.

Every line must be understood: an instruction, what belongs to one, a greeting, a
closing with a name. Anything else makes the whole mail unclear, so that nothing is done
by half, and an absence note or a chat above a word is never taken for an order.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.coordination import arguments
from mailer.coordination.dates import Implausible, day_end
from mailer.coordination.kinds import Instruction, Unclear
from mailer.coordination.kinds import InstructionKind as K
from mailer.coordination.table import folded, phrase, spoken, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mailer.coordination.table import Phrase, Row

CUT: Final = "Bitte schreiben Sie Ihre Antwort über diese Zeile."
"""Stands on top of every mail to the coordinator; what is below it is ours."""

MAX_CHARS: Final = 20_000
"""Of an answer; a long theme has two thousand."""

MAX_GREETED: Final = 6
"""Words of a greeting: "Guten Morgen, liebe Frau Dr. Muster"."""

MAX_CLOSED: Final = 7
"""Words of a closing: "Viele Grüße aus dem Rathaus, Kathrin Sommer"."""

_PIECES: Final = re.compile(r"[.,!;:–—]+(?:\s+|$)|\s+[-–—]\s+")
_ON: Final = re.compile(
    r"(?:das |unser )?(?:treffen |termin )?(?:am |vom )?", re.IGNORECASE
)
_TOGETHER: Final = {frozenset({K.YES, K.RELEASE}): K.RELEASE} | {
    frozenset({K.NO, K.STOP}): K.STOP,
    frozenset({K.YES, K.TAKE}): K.TAKE,
    frozenset({K.NO, K.DECLINE}): K.DECLINE,
}
"""Two words on one line that mean one thing: "Ja, bitte senden"."""

_REPLIES: Final = frozenset({K.YES, K.NO})
"""They mean something only in answer to a mail of ours."""

_AGAINST: Final = (
    frozenset({K.RELEASE, K.STOP}),
    frozenset({K.RELEASE, K.CANCEL}),
    frozenset({K.YES, K.NO}),
    frozenset({K.MOVE, K.CANCEL}),
    frozenset({K.CANCEL, K.REINSTATE}),
    frozenset({K.TAKE, K.DECLINE}),
    frozenset({K.SHORTEN, K.DECLINE}),
    frozenset({K.RELEASE, K.DECLINE}),
    frozenset({K.YES, K.DECLINE}),
    frozenset({K.ATTACH, K.DETACH}),
)
"""What contradicts each other in one mail."""


@dataclass(slots=True)
class _Part:
    """An instruction while its lines are gathered.

    Attributes:
        before: A day beside its words, or nothing.
        is_whole: It was said by a phrase that stands alone; nothing follows it.
    """

    row: Row
    lines: list[str] = field(default_factory=list)
    before: str = ""
    is_whole: bool = False


@dataclass(slots=True)
class _Sheet:
    """A text while it is read line by line.

    Attributes:
        is_open: The last part takes more lines.
        is_after_gap: The line before was blank, or there was none.
        is_over: A closing or a name was read; nothing of hers follows.
    """

    signers: frozenset[str]
    parts: list[_Part] = field(default_factory=list)
    is_open: bool = False
    is_after_gap: bool = True
    is_over: bool = False

    @property
    def is_in_text(self) -> bool:
        """Whether the last part goes on over blank lines."""
        return self.is_open and self.parts[-1].row.is_text

    def add_gap(self) -> None:
        """Take a blank line: it ends everything but a text."""
        self.is_open = self.is_in_text
        if self.is_open:
            self.parts[-1].lines.append("")
        self.is_after_gap = True

    def add(self, line: str) -> bool:
        """Take a line that says something; return False if it is not understood."""
        is_after_gap, self.is_after_gap = self.is_after_gap, False
        new = _new_parts(line, in_text=self.is_in_text, is_after_gap=is_after_gap)
        if self._is_end(line, is_after_gap=is_after_gap):
            self.is_over = bool(self.parts)
        elif new:
            self.parts += new
            self.is_open = not new[-1].is_whole
        elif self.is_open:
            self.parts[-1].lines.append(line.rstrip())
        else:
            return _is_polite(line) or (_is_greeting(line) and not self.parts)
        return True

    def _is_end(self, line: str, *, is_after_gap: bool) -> bool:
        """Tell whether a closing or a name stands on *line*: nothing follows it.

        In a text of hers only what cannot belong to it: "Bis bald!" may be its last
        sentence, and a guest may have her name.
        """
        said = phrase(line)
        if len(said) <= MAX_CLOSED and _begins(said, table().closings):
            return True
        if self.is_in_text:
            return is_after_gap and self._is_name(line)
        return _begins(said, table().farewells) or self._is_name(line)

    def _is_name(self, line: str) -> bool:
        said = phrase(line)
        return bool(said) and line[:1].isalpha() and set(said) <= self.signers


def read_instructions(
    own: str, *, subject: str = "", signers: str = "", today: date
) -> tuple[Instruction, ...] | Unclear:
    """Return what *own* tells the program, in order; or why that is not certain.

    Args:
        own: What the sender wrote herself, without quotations.
        subject: Of a mail that answers none; it counts if it is an instruction.
        signers: Names that may stand below an answer.
        today: Where days are counted from.

    Example:
        >>> from datetime import date
        >>> [one.kind for one in read_instructions("OK", today=date(2026, 11, 25))]
        [<InstructionKind.RELEASE: 'release'>]
    """
    lines = above(own).split("\n")
    if subject and _starts(subject):
        lines = [subject, "", *lines]
    found = _parts(lines, frozenset(phrase(signers)))
    if isinstance(found, Unclear):
        return found
    try:
        read = tuple(_instruction(part, today) for part in found)
    except Implausible as fault:
        return Unclear((str(fault),))
    return _consistent(read)


def is_instruction(own: str, *, subject: str = "") -> bool:
    """Tell whether a text begins like an instruction, after a greeting at most.

    Pure look at the first line that says something: enough to tell the coordinator's
    mail to the program from her other mail.
    """
    if subject and _starts(subject):
        return True
    lines = (line for line in above(own).split("\n") if line.strip())
    first = next((line for line in lines if not _is_greeting(line)), "")
    alone = _alone(first)
    return _starts(first) and (alone is None or alone.kind not in _REPLIES)


def above(own: str) -> str:
    """Return what stands above our own first line, wherever it was quoted."""
    return own[:MAX_CHARS].partition(CUT)[0].strip()


def _starts(line: str) -> bool:
    return _alone(line) is not None or _headed(line) is not None


def _parts(lines: Sequence[str], signers: frozenset[str]) -> list[_Part] | Unclear:
    """Return the instructions with their lines; every line has its place."""
    sheet = _Sheet(signers)
    for line in lines:
        if sheet.is_over:
            break
        if not line.strip():
            sheet.add_gap()
        elif not sheet.add(line):
            return _unknown(line)
    return sheet.parts or Unclear(())


def _new_parts(line: str, *, in_text: bool, is_after_gap: bool) -> list[_Part]:
    """Return the instructions that begin on *line*; inside a text only clear ones.

    "Ja" can be a sentence of her text; "Freigeben" on a line of its own is none.
    """
    alone = _alone(line)
    if alone is not None and in_text:
        is_clear = is_after_gap or _telling(line) == phrase(alone.name)
        alone = alone if is_clear and alone.kind not in _REPLIES else None
    if alone is not None:
        return [_Part(alone, is_whole=True)]
    headed = _headed(line)
    if headed is not None and (not in_text or _has_colon(line, headed)):
        return [headed]
    return []


def _alone(line: str) -> Row | None:
    """Return the instruction that *line* says and nothing else; None if in doubt."""
    if line.rstrip().endswith("?"):
        return None
    whole = _row_of(_telling(line))
    if whole is not None:
        return whole
    pieces = [_telling(piece) for piece in _PIECES.split(line)]
    rows = [_row_of(one) for one in pieces if one and not _greets(one)]
    if not rows or None in rows:
        return None
    kinds = frozenset(row.kind for row in rows if row is not None)
    kind = next(iter(kinds)) if len(kinds) == 1 else _TOGETHER.get(kinds)
    return table().row(kind) if kind is not None else None


def _row_of(said: Phrase) -> Row | None:
    return next((row for row in table().rows if said and said in row.alone), None)


def _headed(line: str) -> _Part | None:
    """Return the instruction that *line* begins, with what follows on the line."""
    start = _day_end(line)
    rest = line[start:]
    said = [one for one in spoken(rest) if one.word not in table().courtesies]
    words = tuple(one.word for one in said)
    found = [
        (head, row)
        for row in table().rows
        for head in row.heads
        if words[: len(head)] == head
    ]
    if not found:
        return None
    head, row = max(found, key=lambda one: len(one[0]))
    if start and row.kind not in (K.CANCEL, K.REINSTATE):
        return None
    after = rest[said[len(head) - 1].end :]
    about = line[:start].strip()
    if row.kind is K.RESULT:
        about, after = _dated(after)
    if row.is_text and not after.lstrip().startswith(":"):
        return None  # "Leichte Sprache" alone is a reader's wish; "Thema" is none
    value = after.strip().removeprefix(":").strip()
    return _Part(row, [value] if value else [], before=about)


def _dated(after: str) -> tuple[str, str]:
    """Return the day that *after* begins with, if it does, and what follows it."""
    gap = len(after) - len(after.lstrip())
    end = day_end(after, gap)
    return (after[gap:end], after[end:]) if end is not None else ("", after)


def _day_end(line: str) -> int:
    """Return where "Das Treffen am 3. Dezember" ends; 0 if no line begins so."""
    opening = _ON.match(line)
    start = opening.end() if opening else 0
    end = day_end(line, start)
    return end if end is not None else 0


def _has_colon(line: str, part: _Part) -> bool:
    head, colon, _ = line.partition(":")
    said = head.replace(part.before, " ") if part.before else head
    return bool(colon) and phrase(said) in part.row.heads


def _telling(line: str) -> Phrase:
    """Return the words of *line* that say something."""
    return tuple(word for word in phrase(line) if word not in table().courtesies)


def _is_greeting(line: str) -> bool:
    said = phrase(line)
    return len(said) <= MAX_GREETED and _greets(said)


def _greets(said: Phrase) -> bool:
    return _begins(said, table().greetings)


def _begins(said: Phrase, phrases: Sequence[Phrase]) -> bool:
    return any(said[: len(one)] == one for one in phrases)


def _is_polite(line: str) -> bool:
    return not _telling(line)


def _unknown(line: str) -> Unclear:
    """Say which line was not understood, and what it might have meant."""
    short = " ".join(line.split())
    short = short if len(short) <= arguments.MAX_REPEATED else f"{short[:60]} …"
    reasons = [f"Diese Zeile habe ich nicht verstanden: „{short}“"]
    names = {folded(row.name): row.name for row in table().rows}
    near = difflib.get_close_matches(folded(short), names, n=1, cutoff=0.7)
    if near:
        reasons.append(f"Meinten Sie „{names[near[0]]}“?")
    return Unclear(tuple(reasons))


def _instruction(part: _Part, today: date) -> Instruction:
    """Return an instruction with its argument read."""
    value = "\n".join(part.lines).strip()
    read = arguments.READERS.get(part.row.kind)
    if read is None:
        return Instruction(part.row.kind, part.row.name)
    return read(arguments.Given(part.row, part.before, value, today))


def _consistent(read: tuple[Instruction, ...]) -> tuple[Instruction, ...] | Unclear:
    """Refuse instructions that contradict each other, or come twice."""
    kinds = [one.kind for one in read]
    for one in kinds:
        if kinds.count(one) > 1 and len({i for i in read if i.kind is one}) > 1:
            name = table().row(one).name
            return Unclear((f"„{name}“ steht zweimal in Ihrer E-Mail.",))
    for pair in _AGAINST:
        if pair <= set(kinds):
            first, second = (table().row(one).name for one in sorted(pair))
            return Unclear(
                (f"„{first}“ und „{second}“ passen nicht zusammen in eine E-Mail.",)
            )
    return tuple(dict.fromkeys(read))
