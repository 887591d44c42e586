"""A list comes in: row by row, with a report, in the caller's one transaction.

Good rows are entered and bad ones refused, each with its line and its reason.
Nobody becomes active without proof, nobody who has left comes back by a list.
Whether the transaction is kept is the caller's choice: a dry run takes it back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from subscribers import cells, lists, mailboxes, partners, people, sheets, subscription
from subscribers.address import EmailAddress
from subscribers.errors import ImportRefused, InvalidAddress, Suppressed
from subscribers.states import PartnerState
from subscribers.subscription import Joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from subscribers.database import Db
    from subscribers.lists import Affiliation, Terms
    from subscribers.models import Partner
    from subscribers.people import Entered, Newcomer
    from subscribers.sheets import SheetRow
    from subscribers.topics import Topic


NOT_WANTED: Final = "Der Stand sagt: nicht eintragen"


class ImportOutcome(StrEnum):
    """What became of one row."""

    ACTIVE = "active"
    """Entered with proof: gets letters."""
    PROVEN = "proven"
    """Was waiting; the row brought the proof."""
    WAITING = "waiting"
    """Entered without proof: gets nothing yet."""
    ENTERED = "entered"
    """A further contact at a mailbox whose subscriptions stand already."""
    UNCHANGED = "unchanged"
    """Was in the database before."""
    DUPLICATE = "duplicate"
    """Stands in the same file twice."""
    LEFT_OUT = "left_out"
    """Has left or is marked as left; a list brings nobody back."""
    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    """Something in the row is wrong."""


GERMAN: Final[Mapping[ImportOutcome, str]] = {
    ImportOutcome.ACTIVE: "aktiv",
    ImportOutcome.PROVEN: "jetzt aktiv",
    ImportOutcome.WAITING: "wartet",
    ImportOutcome.ENTERED: "eingetragen",
    ImportOutcome.UNCHANGED: "unverändert",
    ImportOutcome.DUPLICATE: "doppelt",
    ImportOutcome.LEFT_OUT: "ausgelassen",
    ImportOutcome.SUPPRESSED: "gesperrt",
    ImportOutcome.REFUSED: "abgelehnt",
}
"""The outcomes as people read them."""

ADDED: Final = (
    ImportOutcome.ACTIVE,
    ImportOutcome.PROVEN,
    ImportOutcome.WAITING,
    ImportOutcome.ENTERED,
)
"""What a list has added to what was known."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """The report on one row.

    Attributes:
        line: Where the row begins in the file, from 1.
        outcome: What became of it.
        address_masked: Whom it is about; "-" if the address cannot be read.
        reason: A German sentence without a full stop.
    """

    line: int
    outcome: ImportOutcome
    address_masked: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a list, in the order of the file."""

    lines: tuple[ImportLine, ...]

    @property
    def counts(self) -> Mapping[ImportOutcome, int]:
        """How many rows came to which outcome; an outcome without rows is 0."""
        return Counter(line.outcome for line in self.lines)

    @property
    def has_refused(self) -> bool:
        """Whether any row was refused."""
        return any(line.outcome is ImportOutcome.REFUSED for line in self.lines)


_OUTCOMES: Final[Mapping[Joined, ImportOutcome]] = {
    Joined.ACTIVE: ImportOutcome.ACTIVE,
    Joined.PROVEN: ImportOutcome.PROVEN,
    Joined.WAITING: ImportOutcome.WAITING,
    Joined.UNCHANGED: ImportOutcome.UNCHANGED,
    Joined.STAYS_OUT: ImportOutcome.LEFT_OUT,
}
"""In the order in which the first that occurs names the whole row."""


@dataclass(slots=True)
class _Seen:
    """Who stood where in this file.

    Attributes:
        lines: For each person the line of each topic.
        names: For each mailbox the first name and its line.
    """

    lines: dict[tuple[str, ...], dict[Topic, int]] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)

    def earlier(self, person: tuple[str, ...], newcomer: Newcomer) -> int | None:
        """Return the line that says the same already, or None."""
        known = self.lines.get(person, {})
        return next((known[topic] for topic in newcomer.topics if topic in known), None)

    def remember(self, person: tuple[str, ...], newcomer: Newcomer, line: int) -> None:
        """Note what a row that was not refused has said."""
        known = self.lines.setdefault(person, {})
        for topic in newcomer.topics:
            known.setdefault(topic, line)
        if newcomer.name:
            self.names.setdefault(newcomer.address.canonical, (newcomer.name, line))

    def other_name(self, newcomer: Newcomer) -> int | None:
        """Return the line where the same mailbox has another name, or None."""
        name, line = self.names.get(newcomer.address.canonical, ("", 0))
        differs = name and newcomer.name and name.casefold() != newcomer.name.casefold()
        return line if differs else None


def import_residents(db: Db, content: bytes, terms: Terms) -> ImportReport:
    """Enter the residents of a list.

    Raises:
        ImportRefused: The file as a whole cannot be read.
        ForeignKeys: The secret is not the one of this database.
    """

    def enter(row: SheetRow, seen: _Seen) -> ImportLine:
        if not lists.is_wanted(row):
            return _report(row, ImportOutcome.LEFT_OUT, NOT_WANTED)
        newcomer = lists.parse_resident(row, terms)
        person = (newcomer.address.canonical,)
        _refuse_other_name(seen, newcomer)
        return _entered(
            row,
            seen,
            (person, newcomer),
            lambda: people.enter(db, newcomer, key=terms.key, now=terms.now),
        )

    return _import(db, content, terms, enter, contacts=False)


def import_contacts(db: Db, content: bytes, terms: Terms) -> ImportReport:
    """Enter the partners of a list and who speaks for them.

    Raises:
        ImportRefused: The file as a whole cannot be read.
        ForeignKeys: The secret is not the one of this database.
    """

    def enter(row: SheetRow, seen: _Seen) -> ImportLine:
        affiliation = lists.parse_affiliation(row, terms)
        if lists.names_nobody(row) or not lists.is_wanted(row):
            return _without_contact(db, row, affiliation, now=terms.now)
        delegate = lists.parse_delegate(row, terms)
        newcomer = delegate.newcomer
        person = (
            newcomer.address.canonical,
            affiliation.organisation.casefold(),
            (newcomer.name or "").casefold(),
        )

        def add() -> Entered:
            # A new partner whose only contact is suppressed must not stay behind.
            with db.begin_nested():
                partner = _partner(db, affiliation, now=terms.now)
                return partners.enter(
                    db, partner, delegate, key=terms.key, now=terms.now
                )

        return _entered(row, seen, (person, newcomer), add)

    return _import(db, content, terms, enter, contacts=True)


def _import(
    db: Db,
    content: bytes,
    terms: Terms,
    enter: Callable[[SheetRow, _Seen], ImportLine],
    *,
    contacts: bool,
) -> ImportReport:
    """Read the list and let *enter* have each row."""
    mailboxes.require_keys(db, key=terms.key)
    rows = sheets.parse(content, lists.CONTACTS if contacts else lists.RESIDENTS)
    seen = _Seen()
    return ImportReport(tuple(_line(row, seen, enter) for row in rows))


def _line(
    row: SheetRow,
    seen: _Seen,
    enter: Callable[[SheetRow, _Seen], ImportLine],
) -> ImportLine:
    """Return the report on one row; a refused one is no reason to stop."""
    try:
        if row.problem is not None:
            return _report(row, ImportOutcome.REFUSED, row.problem)
        return enter(row, seen)
    except ImportRefused as error:
        return _report(row, ImportOutcome.REFUSED, error.reason)
    except Suppressed as error:
        reason = f"Die Adresse ist gesperrt: {error.reason}"
        return _report(row, ImportOutcome.SUPPRESSED, reason)


def _entered(
    row: SheetRow,
    seen: _Seen,
    who: tuple[tuple[str, ...], Newcomer],
    add: Callable[[], Entered],
) -> ImportLine:
    """Enter one person unless the file has named her before."""
    person, newcomer = who
    earlier = seen.earlier(person, newcomer)
    if earlier is not None:
        reason = f"Steht in dieser Datei schon in Zeile {earlier}"
        return _report(row, ImportOutcome.DUPLICATE, reason)
    entered = add()
    seen.remember(person, newcomer, row.line)
    results = set(entered.joined.values())
    outcome = next(_OUTCOMES[known] for known in _OUTCOMES if known in results)
    if outcome is ImportOutcome.UNCHANGED and entered.is_new:
        outcome = ImportOutcome.ENTERED
    return _report(row, outcome, _reason(entered.joined))


def _reason(joined: Mapping[Topic, Joined]) -> str:
    """Return what became of each topic; topics with one fate share it."""
    fates: dict[Joined, list[str]] = {}
    for topic, fate in joined.items():
        fates.setdefault(fate, []).append(cells.TOPIC_NAMES[topic])
    return "; ".join(
        f"{' und '.join(names)}: {subscription.GERMAN[fate]}"
        for fate, names in fates.items()
    )


def _refuse_other_name(seen: _Seen, newcomer: Newcomer) -> None:
    line = seen.other_name(newcomer)
    if line is not None:
        raise ImportRefused(
            0,
            f"Unter dieser Adresse steht in Zeile {line} ein anderer Name; "
            "ein Postfach gehört hier zu einer Person",
        )


def _without_contact(
    db: Db, row: SheetRow, affiliation: Affiliation, *, now: datetime
) -> ImportLine:
    """Enter no more than the organisation, and that only if the row says its state."""
    if lists.names_nobody(row):
        is_known = partners.find(db, affiliation.organisation) is not None
        outcome = ImportOutcome.UNCHANGED if is_known else ImportOutcome.ENTERED
        reason = "Nur die Einrichtung; in dieser Zeile steht keine Ansprechperson"
    else:
        outcome, reason = ImportOutcome.LEFT_OUT, NOT_WANTED
    if affiliation.state is not None:
        _partner(db, affiliation, now=now)
    return _report(row, outcome, reason)


def _partner(db: Db, affiliation: Affiliation, *, now: datetime) -> Partner:
    """Return the partner of a row, added if it is new.

    Raises:
        ImportRefused: It is known, and the list says something else about it.
    """
    said = affiliation.state
    partner = partners.get_or_add(
        db,
        affiliation.organisation,
        affiliation.field_of_work,
        state=said or PartnerState.ACTIVE,
        now=now,
    )
    known = f"„{affiliation.organisation}“ ist schon mit dem"
    if partner.field_of_work.casefold() != affiliation.field_of_work.casefold():
        stored = partner.field_of_work
        raise ImportRefused(0, f"{known} Arbeitsfeld „{stored}“ gespeichert")
    if said not in {None, partner.state}:
        stored = cells.PARTNER_STATE_NAMES[partner.state]
        raise ImportRefused(0, f"{known} Stand „{stored}“ gespeichert")
    return partner


def _report(row: SheetRow, outcome: ImportOutcome, reason: str) -> ImportLine:
    return ImportLine(row.line, outcome, _masked(row.cells.get("address", "")), reason)


def _masked(text: str) -> str:
    try:
        return EmailAddress.parse(cells.plain(text.strip())).masked
    except InvalidAddress:
        return "-"
