"""What does somebody want of the program? Only what is certain counts.

The own text is cut into sentences; each is a wish, a courtesy or unknown. A single
word acts only if nothing unknown stands beside it; a sentence acts if the table has
it and no trap stands in it. Two wishes that exclude each other are none. Everything
else is for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailer.inbound import frame, typos, words
from mailer.inbound.kinds import CommandKind, Context, Note
from mailer.inbound.table import COMMANDS, Level, Scope, any_fits, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mailer.inbound.table import Table, Trap
    from mailer.inbound.words import Sentence

MAX_SENTENCES: Final = 40
"""Whoever writes more tells a story."""

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
class Wish:
    """What was recognised.

    Attributes:
        command: NONE for "a person must read it".
        rule: What decided, "satz.aus-dem-verteiler" or "falle.tag".
        why: A German sentence.
        new_address: Of a change of address.
        also: Other wishes and notes.
    """

    command: CommandKind
    rule: str
    why: str
    new_address: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Find:
    """A wish in one sentence, before anything stood against it."""

    wish: str
    level: Level
    at: int
    rule: str
    despite: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Page:
    """All sentences of a mail, the subject first if it counts.

    Attributes:
        sentences: What might say something.
        unknown: Indexes of those that are neither courtesy nor excuse.
        notes: What the coordinator should know.
        is_confirming: It answers the mail that asks for a "Ja".
    """

    written: Written
    sentences: tuple[Sentence, ...]
    unknown: frozenset[int]
    notes: tuple[Note, ...]
    is_confirming: bool
    finds: list[_Find] = field(default_factory=list)


def recognise(written: Written) -> Wish:
    """Return what the writer wants, if that is certain."""
    known = table()
    if len(written.own) > words.MAX_CHARS:
        return Wish(CommandKind.NONE, "zu-lang", "Der Text ist lang.")
    page = _page(written, known)
    if len(page.sentences) > MAX_SENTENCES:
        return Wish(CommandKind.NONE, "zu-lang", "Der Text hat viele Sätze.")
    if not page.sentences:
        return Wish(CommandKind.NONE, "leer", "Es steht nichts darin.", also=page.notes)
    for at in range(len(page.sentences)):
        page.finds.extend(_finds(page, at, known))
    return _decided(page, known)


def _page(written: Written, known: Table) -> _Page:
    """Return the sentences of a mail, sorted by whether they say something."""
    body = words.sentences(frame.unframed(written.own, known))
    titled = frame.subject(written.subject)
    line = words.words(titled.text)
    is_ours = titled.is_answer and (
        written.context not in {None, Context.NEW}
        or any(one.fits(line) for one in (*known.own_subjects, *known.confirm_subjects))
    )
    is_confirming = written.context is Context.CONFIRM or (
        written.context is None
        and titled.is_answer
        and any(one.fits(line) for one in known.confirm_subjects)
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
    return _Page(written, everything, unknown, tuple(notes), is_confirming)


def _corrected(word: str, known: Table) -> str:
    """Return a word that matters without its slip of the finger."""
    if len(word) < typos.MIN_CHARS or word in known.correct:
        return word
    return typos.nearest(word, known.corrected) or word


def _polite(sentence: Sentence, known: Table) -> Sentence:
    """Return a sentence without courtesies such as "es wäre nett, wenn"."""
    said = [_corrected(word, known) for word in sentence.words[:MAX_WORDS]]
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
                del said[at : at + size]
                at += not size
    return words.Sentence(tuple(said), sentence.is_question, sentence.raw)


def _says_nothing(sentence: Sentence, sender: str, known: Table) -> bool:
    """Return whether a sentence is courtesy, name or excuse."""
    left = [word for word in sentence.words if word not in known.fillers]
    if not left or frame.is_name(sentence.raw, sender, known):
        return True
    excuse = any(any_fits(cue.patterns, sentence) for cue in known.harmless)
    return excuse and not sentence.is_question


def _finds(page: _Page, at: int, known: Table) -> Iterator[_Find]:
    """Yield the wishes in one sentence."""
    sentence = page.sentences[at]
    if not sentence.is_question:
        word = _single_word(page, sentence, known)
        if word:
            yield _Find(word, Level.WORD, at, f"wort.{word}")
    if sentence.is_question and not known.requests.intersection(sentence.words):
        return
    for rule in known.rules:
        if rule.only_confirming and not page.is_confirming:
            continue
        if rule.only_with and NOTES[rule.only_with] not in page.notes:
            continue
        if any_fits(rule.patterns, sentence):
            name = f"satz.{rule.name}"
            yield _Find(rule.wish, rule.level, at, name, rule.despite)


def _single_word(page: _Page, sentence: Sentence, known: Table) -> str | None:
    """Return what a sentence of one word or two asks for; None if it is none."""
    usable = [
        one for one in known.words if page.is_confirming or not one.only_confirming
    ]
    for said in _shortened(sentence, page.written.sender, known):
        phrase = " ".join(said)
        wish = next((one.wish for one in usable if one.phrase == phrase), None)
        if wish is None:
            meanings = [(one.phrase.replace(" ", ""), one.wish) for one in usable]
            wish = typos.nearest("".join(said), meanings)
        if wish is not None:
            return wish
    return None


def _shortened(
    sentence: Sentence, sender: str, known: Table
) -> Iterator[tuple[str, ...]]:
    """Yield a short sentence whole, without fillers, without a name at its end."""
    said = sentence.words
    yield from (said[:4],) if 0 < len(said) < 4 else ()  # noqa: PLR2004 - "in leichter Sprache"
    left = tuple(word for word in said if word not in known.fillers)
    if 0 < len(left) <= 5 and left != said:  # noqa: PLR2004 - five with a name
        yield left
    for size in (1, 2):
        if (
            len(left) > size
            and all(
                word in known.first_names or (len(word) > 2 and word in sender)  # noqa: PLR2004 - see is_name
                for word in left[-size : -size + 1 or None]
            )
        ):
            yield left[:-size]


def _decided(page: _Page, known: Table) -> Wish:
    """Return the one wish that remains, or why none does."""
    valid: dict[str, _Find] = {}
    blocked: dict[str, tuple[_Find, str, str]] = {}
    for find in page.finds:
        against = _against(find, page, known)
        if against is None:
            valid.setdefault(find.wish, find)
        elif find.wish not in blocked:
            blocked[find.wish] = (find, *against)
    for wish in set(valid) & set(blocked):
        if _outweighs(*blocked[wish][:2], valid[wish]):
            del valid[wish]
    return _chosen(page, valid, blocked)


def _outweighs(doubtful: _Find, trap: str, certain: _Find) -> bool:
    """Return whether a doubt about one find is a doubt about another of that wish."""
    if trap == "unbekannt" or trap in certain.despite:
        return False
    return doubtful.level is not Level.WORD or certain.level is not Level.CLEAR


def _against(find: _Find, page: _Page, known: Table) -> tuple[str, str] | None:
    """Return what stands against a find: name and German reason; None if nothing."""
    doubt = next((told for check, *told in _DOUBTS if check(find, page)), None)
    if doubt is not None:
        return doubt[0], doubt[1]
    for trap in known.traps:
        if trap.name in find.despite or find.wish not in trap.wishes:
            continue
        if any_in(trap, _searched(trap.scopes[find.level], find, page)):
            return trap.name, trap.why
    return None


def any_in(trap: Trap, sentences: Sequence[Sentence]) -> bool:
    """Return whether *trap* stands in one of *sentences*."""
    return any(any_fits(trap.patterns, one) for one in sentences)


def _searched(scope: Scope, find: _Find, page: _Page) -> Sequence[Sentence]:
    """Return the sentences in which a trap is looked for."""
    match scope:
        case Scope.NOWHERE:
            return ()
        case Scope.SENTENCE:
            return (page.sentences[find.at],)
        case Scope.EVERYWHERE:
            return page.sentences


def _is_beside_unknown(find: _Find, page: _Page) -> bool:
    """Return whether something unknown stands beside a single word."""
    others = page.unknown - {one.at for one in page.finds} - {find.at}
    return find.level is Level.WORD and bool(others)


def _is_attendance(find: _Find, page: _Page) -> bool:
    """Return whether "anmelden" or "auf die Liste" answers an invitation."""
    if find.wish != "anmelden" or page.written.context is not Context.INVITATION:
        return False
    if page.written.subject.lower().lstrip().startswith(_FORWARDED):
        return False
    return find.level is not Level.CLEAR or "liste" in page.sentences[find.at].words


def _is_about_words(find: _Find, page: _Page) -> bool:
    """Return whether somebody wants her invitations in other words, not more."""
    return find.wish == "anmelden" and any(
        one.at == find.at and "sprache" in one.wish for one in page.finds
    )


def _is_about_another(find: _Find, page: _Page) -> bool:
    """Return whether the subscription of another address is meant."""
    return find.wish in {"anmelden", "abmelden"} and bool(_foreign(page.written))


_FORWARDED: Final = ("fwd:", "fw:", "wg:")
"""Who got an invitation from a friend is not invited yet."""

_DOUBTS: Final[tuple[tuple[Callable[[_Find, _Page], bool], str, str], ...]] = (
    (_is_beside_unknown, "unbekannt", "Neben dem Wort steht noch etwas anderes."),
    (_is_attendance, "mehrdeutig", "Wer eingeladen ist, meint damit das Treffen."),
    (_is_about_words, "sprache", "Gewünscht ist eine andere Sprache."),
    (_is_about_another, "fremde-adresse", "Es geht um eine andere E-Mail-Adresse."),
)
"""Doubts that no words of the table can express: check, name, German reason."""


def _foreign(written: Written) -> list[str]:
    """Return the addresses in the text that are neither the sender's nor ours."""
    found = words.addresses(f"{written.subject}\n{written.own}")
    return [one for one in found if one != written.sender and one not in written.ours]


def _chosen(
    page: _Page,
    valid: dict[str, _Find],
    blocked: dict[str, tuple[_Find, str, str]],
) -> Wish:
    """Return the wish to obey, the others beside it."""
    wishes = _sorted_out(page, valid)
    if wishes is None:
        return Wish(
            CommandKind.NONE,
            "widerspruch",
            "Zwei Wünsche schließen sich aus.",
            also=page.notes,
        )
    if not wishes:
        return _none(page, blocked)
    first, find = wishes[0]
    commands = [str(command) for command, _ in wishes[1:]]
    questions = [
        Note.QUESTION
        for at in page.unknown - {one.at for one in page.finds}
        if page.sentences[at].is_question
    ]
    new = _new_address(page) if first is CommandKind.CHANGE_ADDRESS else None
    return Wish(
        first,
        find.rule,
        f"Erkannt an: „{page.sentences[find.at].raw[:80]}“.",
        new_address=new,
        also=tuple(dict.fromkeys([*commands, *page.notes, *questions])),
    )


def _none(page: _Page, blocked: dict[str, tuple[_Find, str, str]]) -> Wish:
    """Return that nobody but a person can decide, and why."""
    for _, name, why in blocked.values():
        return Wish(CommandKind.NONE, f"falle.{name}", why, also=page.notes)
    return Wish(
        CommandKind.NONE,
        "kein-muster",
        "Kein Muster der Tabelle passt.",
        also=page.notes,
    )


def _sorted_out(
    page: _Page, valid: dict[str, _Find]
) -> list[tuple[CommandKind, _Find]] | None:
    """Return the wishes, the one to obey first; None if two exclude each other."""
    found = dict(valid)
    if "neue adresse" in found:
        if _new_address(page) is None:
            del found["neue adresse"]
        else:
            found = {"neue adresse": found["neue adresse"]} | {
                wish: find for wish, find in found.items() if "sprache" in wish
            }
    commands: dict[CommandKind, _Find] = {}
    for wish, find in found.items():
        command = COMMANDS[wish]
        if page.is_confirming and command is CommandKind.SUBSCRIBE:
            command = CommandKind.CONFIRM
        commands.setdefault(command, find)
    if CommandKind.UNSUBSCRIBE in commands and (
        {CommandKind.SUBSCRIBE, CommandKind.CONFIRM} & commands.keys()
    ):
        return None
    if {CommandKind.STYLE_EASY, CommandKind.STYLE_STANDARD} <= commands.keys():
        commands.pop(CommandKind.STYLE_EASY)
    return sorted(commands.items(), key=lambda one: _ORDER.index(one[0]))


_ORDER: Final = (
    CommandKind.CONFIRM,
    CommandKind.SUBSCRIBE,
    CommandKind.CHANGE_ADDRESS,
    CommandKind.STYLE_EASY,
    CommandKind.STYLE_STANDARD,
    CommandKind.UNSUBSCRIBE,
    CommandKind.HELP,
    CommandKind.NONE,
)
"""Of two wishes the one that is easier to undo is obeyed."""

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


def _new_address(page: _Page) -> str | None:
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
