"""A mail as the recogniser sees it: sentences that say something, and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.inbound import frame, typos, words
from mailer.inbound.kinds import Context, Note
from mailer.inbound.table import any_fits
from mailer.inbound.understanding import excused_places

if TYPE_CHECKING:
    from mailer.inbound.table import Level, Table
    from mailer.inbound.words import Sentence
    from subscribers.topics import Topic

_SIGNATURE: Final = re.compile(
    r"(?:[A-ZÄÖÜ][a-zäöüß.-]*|am|an|der|des|für|im|in|und|von|e\.\s?V)"
    r"(?:[\s,/]{1,2}(?:[A-ZÄÖÜ][a-zäöüß.-]*|am|an|der|des|für|im|in|und|von|e\.\s?V)){0,6}[.\s]*"
)
"""Only names and what joins them: "Sekretariat Grundschule am Markt"."""

MAX_WORDS: Final = 60
"""Of one sentence that is looked at."""

NOTES: Final = {
    "trauer": Note.GRIEF,
    "aerger": Note.ANGER,
    "datenschutz": Note.DATA_PROTECTION,
    "unterstuetzung": Note.SUPPORT_NEED,
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote, and in answer to what.

    Attributes:
        own: Without quotations and signature.
        subject: The whole subject.
        sender: His address in small letters.
        ours: Our own addresses in small letters.
        context: What it answers; None if unknown.
    """

    own: str
    subject: str
    sender: str = ""
    ours: frozenset[str] = frozenset()
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """A wish in one sentence, before anything stood against it.

    Attributes:
        wish: The table's word for it.
        level: How much it says by itself.
        at: Which sentence.
        rule: What found it.
        covers: The words of the sentence that say it.
        despite: Traps that do not count.
        topic: The one topic that the rule names; None if it names none.
    """

    wish: str
    level: Level
    at: int
    rule: str
    covers: frozenset[int]
    despite: frozenset[str] = frozenset()
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """All sentences of a mail, the subject first if it counts.

    Attributes:
        sentences: What might say something.
        unknown: Indexes of those that are neither courtesy nor excuse.
        notes: What the coordinator should know.
        context: What the mail answers, told or seen from its subject.
        titles: How many of the sentences are the subject's.
        finds: The wishes found so far.
        strange: Indexes of sentences in which a word is not accounted for, if the
            wish is a grave one, and if it is none.
    """

    written: Written
    sentences: tuple[Sentence, ...]
    unknown: frozenset[int]
    notes: tuple[Note, ...]
    context: Context | None
    titles: int
    finds: list[Find] = field(default_factory=list)
    strange: dict[bool, set[int]] = field(default_factory=dict)

    @property
    def signature(self) -> int | None:
        """Index of the last sentence if it may be a name or an office; None if not."""
        last = len(self.sentences) - 1
        if last <= self.titles or not _SIGNATURE.fullmatch(self.sentences[last].raw):
            return None
        return last

    @property
    def is_confirming(self) -> bool:
        """Whether it answers the mail that asks for a "Ja"."""
        return self.context is Context.CONFIRM


def page_of(written: Written, known: Table) -> Page:
    """Return the sentences of a mail, sorted by whether they say something."""
    body = words.sentences(frame.unframed(written.own, known))
    titled = frame.subject(written.subject)
    line = words.words(titled.text)
    context = written.context or _guessed(titled, line, known)
    is_ours = titled.is_answer and (
        context not in {None, Context.NEW}
        or any(one.fits(line) for one in known.own_subjects)
    )
    is_telling = not is_ours and line not in known.harmless_subjects
    subject = words.sentences(titled.text) if is_telling else []
    everything = tuple(_polite(one, known) for one in (*subject, *body))
    unknown = frozenset(
        at
        for at, one in enumerate(everything)
        if not _says_nothing(one, written.sender, known)
    )
    notes = [
        NOTES[cue.name]
        for cue in known.notes
        if any(any_fits(cue.patterns, one) for one in everything)
    ]
    return Page(written, everything, unknown, tuple(notes), context, len(subject))


def _guessed(
    titled: frame.Subject, line: tuple[str, ...], known: Table
) -> Context | None:
    """Return which of our mails an answer's subject repeats; None if none."""
    if not titled.is_answer:
        return None
    if any(one.fits(line) for one in known.confirm_subjects):
        return Context.CONFIRM
    if any(one.fits(line) for one in known.invitation_subjects):
        return Context.INVITATION
    return None


def _corrected(word: str, known: Table) -> str:
    """Return a word that matters without its slip of the finger."""
    if len(word) < typos.MIN_CHARS or word in known.correct:
        return word
    return typos.nearest(word, known.corrected) or word


def _polite(sentence: Sentence, known: Table) -> Sentence:
    """Return a sentence without courtesies such as "es wäre nett, wenn"."""
    said = [_corrected(word, known) for word in sentence.words[:MAX_WORDS]]
    clauses = list(sentence.clauses[:MAX_WORDS])
    for cue in known.polite:
        for pattern in cue.patterns:
            at = 0
            while at < len(said):
                size = next(
                    (
                        size
                        for size in range(len(pattern.steps), 1, -1)
                        if pattern.is_exactly(said[at : at + size])
                    ),
                    0,
                )
                del said[at : at + size], clauses[at : at + size]
                at += not size
    return words.Sentence(
        tuple(said), sentence.is_question, sentence.raw, tuple(clauses)
    )


def _says_nothing(sentence: Sentence, sender: str, known: Table) -> bool:
    """Return whether a sentence is courtesy, name or excuse."""
    left = [word for word in sentence.words if word not in known.fillers]
    if not left or frame.is_name(sentence.raw, sender, known):
        return True
    excused = excused_places(sentence, known)
    return bool(excused and not sentence.is_question) and all(
        place in excused
        or word in known.fillers
        or word in known.harmless_words
        or word in known.harmless_beside
        or word in known.first_names
        for place, word in enumerate(sentence.words)
    )


def foreign_addresses(written: Written) -> list[str]:
    """Return the addresses in the text that are neither the sender's nor ours."""
    found = words.addresses(f"{written.subject}\n{written.own}")
    return [one for one in found if one != written.sender and one not in written.ours]


_OLD: Final = frozenset(
    {
        "alt",
        "alte",
        "alten",
        "bisher",
        "bisherige",
        "statt",
        "anstatt",
        "von",
        "frueher",
    }
)


def new_address(page: Page) -> str | None:
    """Return the one address that can only be the new one; None if in doubt."""
    written = page.written
    found = words.all_addresses(f"{written.subject}\n{written.own}")
    stream = [
        word
        for one in words.sentences(f"{written.subject}\n{written.own}")
        for word in one.words
    ]
    places = [at for at, word in enumerate(stream) if word == words.ADDRESS]
    if len(places) != len(found):
        return None
    new = {
        address
        for at, address in zip(places, found, strict=True)
        if address not in {written.sender, *written.ours}
        and not _OLD.intersection(stream[max(0, at - 2) : at])
        and "raus" not in stream[at + 1 : at + 2]
    }
    return new.pop() if len(new) == 1 else None
