"""What does somebody want of the program? Only what is certain counts.

The own text is cut into sentences; each is a wish, a courtesy or unknown. A single
word acts only if nothing unknown stands beside it; a sentence acts if the table has
it and no trap stands in it. Two wishes that exclude each other are none. Everything
else is for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mailer.inbound import typos, words
from mailer.inbound.kinds import CommandKind, Context, Note
from mailer.inbound.leaving import topic_left
from mailer.inbound.page import (
    NOTES,
    Find,
    Page,
    Written,
    foreign_addresses,
    new_address,
    page_of,
)
from mailer.inbound.table import COMMANDS, Level, Scope, any_fits, table
from mailer.inbound.understanding import GRAVE, excused_places, strange_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mailer.inbound.table import Table, Trap
    from mailer.inbound.words import Sentence
    from subscribers.topics import Topic

MAX_SENTENCES: Final = 40
"""Whoever writes more tells a story."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was recognised.

    Attributes:
        command: NONE for "a person must read it".
        rule: What decided, "satz.aus-dem-verteiler" or "falle.tag".
        why: A German sentence.
        new_address: Of a change of address.
        topic: Of leaving: the only one that is meant; None for all.
        also: Other wishes and notes.
    """

    command: CommandKind
    rule: str
    why: str
    new_address: str | None = None
    topic: Topic | None = None
    also: tuple[str, ...] = ()


def recognise(written: Written) -> Wish:
    """Return what the writer wants, if that is certain."""
    known = table()
    if len(written.own) > words.MAX_CHARS:
        return Wish(CommandKind.NONE, "zu-lang", "Der Text ist lang.")
    page = page_of(written, known)
    if len(page.sentences) > MAX_SENTENCES:
        return Wish(CommandKind.NONE, "zu-lang", "Der Text hat viele Sätze.")
    if not page.sentences:
        return Wish(CommandKind.NONE, "leer", "Es steht nichts darin.", also=page.notes)
    for at in range(len(page.sentences)):
        page.finds.extend(_finds(page, at, known))
    for is_grave in (True, False):
        page.strange[is_grave] = strange_sentences(page, known, is_grave=is_grave)
    return _decided(page, known)


def _finds(page: Page, at: int, known: Table) -> Iterator[Find]:
    """Yield the wishes in one sentence."""
    sentence = page.sentences[at]
    if not sentence.is_question:
        word = _single_word(page, sentence, known)
        if word:
            everything = frozenset(range(len(sentence.words)))
            yield Find(word, Level.WORD, at, f"wort.{word}", everything)
    if sentence.is_question and not known.requests.intersection(sentence.words):
        return
    for rule in known.rules:
        if rule.only_confirming and not page.is_confirming:
            continue
        if rule.only_with and NOTES[rule.only_with] not in page.notes:
            continue
        fitting = [one for one in rule.patterns if one.fits(sentence.words)]
        if fitting:
            covers = frozenset().union(*(one.covers(sentence.words) for one in fitting))
            name = f"satz.{rule.name}"
            yield Find(
                rule.wish, rule.level, at, name, covers, rule.despite, rule.topic
            )


def _single_word(page: Page, sentence: Sentence, known: Table) -> str | None:
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
    excused = excused_places(sentence, known)
    yield tuple(
        word
        for place, word in enumerate(said)
        if word not in known.fillers and place not in excused
    )
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


def _decided(page: Page, known: Table) -> Wish:
    """Return the one wish that remains, or why none does."""
    valid: dict[str, Find] = {}
    blocked: dict[str, tuple[Find, str, str]] = {}
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


def _outweighs(doubtful: Find, trap: str, certain: Find) -> bool:
    """Return whether a doubt about one find is a doubt about another of that wish."""
    if trap == "unbekannt" or trap in certain.despite:
        return False
    return doubtful.level is Level.CLEAR or certain.level is not Level.CLEAR


def _against(find: Find, page: Page, known: Table) -> tuple[str, str] | None:
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


def _searched(scope: Scope, find: Find, page: Page) -> Sequence[Sentence]:
    """Return the sentences in which a trap is looked for."""
    match scope:
        case Scope.NOWHERE:
            return ()
        case Scope.SENTENCE:
            return (page.sentences[find.at],)
        case Scope.EVERYWHERE:
            return page.sentences


def _is_beside_unknown(find: Find, page: Page) -> bool:
    """Return whether something unknown stands beside a single word."""
    others = page.unknown - {one.at for one in page.finds} - {find.at}
    return find.level is Level.WORD and bool(others)


def _is_not_understood(find: Find, page: Page) -> bool:
    """Return whether a word is left over that could make the wish another one.

    Beside a clear wish may stand a name, a title, and a question: the coordinator
    answers it, unless the wish is only a title and the question is what it is about.
    """
    strange = page.strange[find.wish in GRAVE]
    if find.at in strange or find.level is not Level.CLEAR:
        return bool(strange)
    excused = {page.signature}
    if find.at >= page.titles:
        excused |= {
            at for at in strange if at < page.titles or page.sentences[at].is_question
        }
    return bool(strange - excused)


def _is_asking(find: Find, page: Page) -> bool:
    """Return whether a "Ja" is part of a question."""
    return find.wish == "ja" and page.sentences[find.at].is_question


def _is_under_another_title(find: Find, page: Page) -> bool:
    """Return whether a subject says that some other list may be meant."""
    titles = {at for at in page.unknown if at < page.titles}
    is_vague = find.level is Level.BRIEF or "liste" in page.sentences[find.at].words
    is_about_letters = find.wish in {"anmelden", "abmelden"}
    return is_about_letters and is_vague and bool(titles - {o.at for o in page.finds})


def _is_attendance(find: Find, page: Page) -> bool:
    """Return whether "anmelden" or "auf die Liste" answers an invitation."""
    if find.wish != "anmelden" or page.context is not Context.INVITATION:
        return False
    if page.written.subject.lower().lstrip().startswith(_FORWARDED):
        return False
    return find.level is not Level.CLEAR or "liste" in page.sentences[find.at].words


def _is_about_words(find: Find, page: Page) -> bool:
    """Return whether somebody wants her invitations in other words, not more."""
    return find.wish == "anmelden" and any(
        one.at == find.at and "sprache" in one.wish for one in page.finds
    )


def _is_about_another(find: Find, page: Page) -> bool:
    """Return whether the subscription of another address is meant."""
    is_about_letters = find.wish in {"anmelden", "abmelden"}
    return is_about_letters and bool(foreign_addresses(page.written))


_FORWARDED: Final = ("fwd:", "fw:", "wg:")
"""Who got an invitation from a friend is not invited yet."""

_DOUBTS: Final[tuple[tuple[Callable[[Find, Page], bool], str, str], ...]] = (
    (_is_beside_unknown, "unbekannt", "Neben dem Wort steht noch etwas anderes."),
    (
        _is_not_understood,
        "unverstanden",
        "Daneben steht etwas, das das Programm nicht versteht.",
    ),
    (_is_asking, "frage", "Es ist eine Frage, kein Ja."),
    (_is_under_another_title, "betreff", "Der Betreff nennt etwas anderes."),
    (_is_attendance, "mehrdeutig", "Wer eingeladen ist, meint damit das Treffen."),
    (_is_about_words, "sprache", "Gewünscht ist eine andere Sprache."),
    (_is_about_another, "fremde-adresse", "Es geht um eine andere E-Mail-Adresse."),
)
"""Doubts that no words of the table can express: check, name, German reason."""


def _chosen(
    page: Page,
    valid: dict[str, Find],
    blocked: dict[str, tuple[Find, str, str]],
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
    new = new_address(page) if first is CommandKind.CHANGE_ADDRESS else None
    leaves = first is CommandKind.UNSUBSCRIBE
    return Wish(
        first,
        find.rule,
        f"Erkannt an: „{page.sentences[find.at].raw[:80]}“.",
        new_address=new,
        topic=topic_left(page, table()) if leaves else None,
        also=tuple(dict.fromkeys([*commands, *page.notes, *questions])),
    )


def _none(page: Page, blocked: dict[str, tuple[Find, str, str]]) -> Wish:
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
    page: Page, valid: dict[str, Find]
) -> list[tuple[CommandKind, Find]] | None:
    """Return the wishes, the one to obey first; None if two exclude each other."""
    found = dict(valid)
    if "neue adresse" in found:
        if new_address(page) is None:
            del found["neue adresse"]
        else:
            found = {"neue adresse": found["neue adresse"]} | {
                wish: find for wish, find in found.items() if "sprache" in wish
            }
    commands: dict[CommandKind, Find] = {}
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
