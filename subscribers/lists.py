"""The two lists people keep in Excel: their columns, and what a row of them says.

The same columns are read and written, so what was exported can be imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from subscribers import cells
from subscribers.address import EmailAddress
from subscribers.consent import Proof
from subscribers.errors import ImportRefused, InvalidAddress
from subscribers.models import ConsentChannel
from subscribers.partners import Delegate
from subscribers.people import Newcomer
from subscribers.sheets import Column
from subscribers.states import SubscriptionState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from subscribers.sheets import SheetRow
    from subscribers.states import PartnerState

_ADDRESS: Final = Column(
    "address", "E-Mail", ("Mail", "E-Mail-Adresse", "Mailadresse"), is_required=True
)

_WISHES: Final = (
    Column("style", "Fassung", ("Stil", "Sprache")),
    Column("topics", "Themen", ("Thema",)),
    Column("standing", "Stand"),
    Column("reminds", "Erinnerung", ("Erinnerungen",)),
    Column("consent_on", "Einwilligung am", ("Einwilligung vom", "Einwilligung")),
    Column("consent_by", "Einwilligung Weg", ("Weg", "Einwilligung per")),
    Column("evidence", "Nachweis"),
)

RESIDENTS: Final = (
    _ADDRESS,
    Column("name", "Name"),
    Column("first_name", "Vorname"),
    Column("last_name", "Nachname", ("Familienname",)),
    *_WISHES,
)
"""Columns of the residents' list."""

CONTACTS: Final = (
    Column(
        "organisation",
        "Einrichtung",
        ("Organisation", "Verein", "Partner"),
        is_required=True,
    ),
    Column(
        "field_of_work", "Arbeitsfeld", ("Bereich", "Arbeitsbereich"), is_required=True
    ),
    Column("partner_state", "Stand der Einrichtung"),
    Column("name", "Ansprechperson", ("Name", "Ansprechpartnerin", "Ansprechpartner")),
    Column("role", "Funktion", ("Rolle",)),
    _ADDRESS,
    Column("basis", "Grundlage", ("Rechtsgrundlage",)),
    *_WISHES,
)
"""Columns of the partners' list."""

_ABOUT_ORGANISATION: Final = {"organisation", "field_of_work", "partner_state"}

STATE_NAMES: Final[Mapping[SubscriptionState, str]] = {
    SubscriptionState.REQUESTED: "wartet auf Bestätigung",
    SubscriptionState.ACTIVE: "aktiv",
    SubscriptionState.PAUSED: "pausiert",
    SubscriptionState.LAPSED: "abgelaufen",
    SubscriptionState.ENDED: "abgemeldet",
}
"""The states as a list shows them, in the column "Stand"."""

NO_TOPIC: Final = "ohne Thema"
"""In the column "Stand": the person is stored, but wants nothing."""

_WANTED: Final = frozenset(
    {
        "",
        STATE_NAMES[SubscriptionState.REQUESTED].casefold(),
        STATE_NAMES[SubscriptionState.ACTIVE],
    }
)

_NOON: Final = time(12)
"""A list knows the day only; noon is the same day in every zone we could meet."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What reading a list needs beside the list.

    Attributes:
        source: Where it came from, for the records: "liste.csv".
        zone: In which the days of the list are meant.
        key: ``TokenKeys.fingerprint_key``.
        now: The present moment.
        fields_of_work: The fields partners may work in.
    """

    source: str
    zone: ZoneInfo
    key: bytes
    now: datetime
    fields_of_work: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Affiliation:
    """For whom a delegate speaks.

    Attributes:
        state: How the organisation stands; None if the list does not say.
    """

    organisation: str
    field_of_work: str
    state: PartnerState | None


def parse_resident(row: SheetRow, terms: Terms) -> Newcomer:
    """Return the resident a row names.

    Raises:
        ImportRefused: A cell cannot be read.
    """
    parts = ("name",) if _cell(row, "name") else ("first_name", "last_name")
    name = cells.parse_name(" ".join(_cell(row, part) for part in parts))
    return _newcomer(row, terms, name=name, usual=(Topic.INVITATIONS,))


def parse_affiliation(row: SheetRow, terms: Terms) -> Affiliation:
    """Return the organisation a row is about.

    Raises:
        ImportRefused: A cell cannot be read, or the field of work is unknown.
    """
    organisation = cells.parse_name(_cell(row, "organisation"), what="Die Einrichtung")
    if organisation is None:
        raise ImportRefused(0, "Die Einrichtung fehlt")
    if not _cell(row, "field_of_work").strip():
        raise ImportRefused(0, "Das Arbeitsfeld fehlt")
    field_of_work = cells.parse_choice(
        _cell(row, "field_of_work"), terms.fields_of_work, what="Das Arbeitsfeld"
    )
    state = cells.parse_partner_state(_cell(row, "partner_state"))
    return Affiliation(organisation, field_of_work, state)


def parse_delegate(row: SheetRow, terms: Terms) -> Delegate:
    """Return the contact a row names.

    Raises:
        ImportRefused: A cell cannot be read.
    """
    newcomer = _newcomer(
        row,
        terms,
        name=cells.parse_name(_cell(row, "name"), what="Die Ansprechperson"),
        usual=(Topic.INVITATIONS, Topic.NETWORK_UPDATES),
    )
    return Delegate(
        newcomer=newcomer,
        role=cells.parse_name(_cell(row, "role"), what="Die Funktion"),
        basis=cells.parse_evidence(_cell(row, "basis")) or newcomer.entry.evidence,
    )


def names_nobody(row: SheetRow) -> bool:
    """Return whether a row is about an organisation alone, and says how it stands."""
    said = {key for key, text in row.cells.items() if text.strip()}
    return "partner_state" in said and said <= _ABOUT_ORGANISATION


def is_wanted(row: SheetRow) -> bool:
    """Return whether the column "Stand" lets a row in.

    Raises:
        ImportRefused: It says something unknown.
    """
    standing = " ".join(_cell(row, "standing").casefold().split())
    known = {NO_TOPIC.casefold(), *(name.casefold() for name in STATE_NAMES.values())}
    if standing and standing not in known:
        raise ImportRefused(
            0, f"Der Stand „{standing[:60]}“ ist unbekannt; bitte leer lassen"
        )
    return standing in _WANTED


def noon(day: date, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return the moment that stands for a day somebody wrote down.

    Raises:
        ImportRefused: The day is still to come.
    """
    if day > now.astimezone(zone).date():
        raise ImportRefused(
            0, f"Der Tag der Einwilligung ({day:%d.%m.%Y}) liegt in der Zukunft"
        )
    return min(datetime.combine(day, _NOON, zone).astimezone(UTC), now)


def _newcomer(
    row: SheetRow, terms: Terms, *, name: str | None, usual: tuple[Topic, ...]
) -> Newcomer:
    return Newcomer(
        address=_address(row),
        name=name,
        style=cells.parse_style(_cell(row, "style")),
        topics=cells.parse_topics(_cell(row, "topics")) or usual,
        entry=_entry(row, terms),
        reminds=cells.parse_answer(_cell(row, "reminds"), what="Die Erinnerung")
        is not False,
    )


def _address(row: SheetRow) -> EmailAddress:
    text = _cell(row, "address")
    if not text.strip():
        raise ImportRefused(0, "Die E-Mail-Adresse fehlt")
    try:
        return EmailAddress.parse(text)
    except InvalidAddress as error:
        raise ImportRefused(0, error.sentence.removesuffix(".")) from None


def _entry(row: SheetRow, terms: Terms) -> Proof:
    """Return the proof of consent a row carries; half a proof is a mistake.

    Raises:
        ImportRefused: Some but not all of day, way and evidence are there.
    """
    day = cells.parse_day(_cell(row, "consent_on"))
    channel = cells.parse_channel(_cell(row, "consent_by"))
    evidence = cells.parse_evidence(_cell(row, "evidence"))
    if day is None and channel is None and not evidence:
        return Proof(
            channel=ConsentChannel.OPERATOR,
            happened_at=terms.now,
            evidence=f"{terms.source}, Zeile {row.line}, ohne Nachweis",
        )
    if day is None or channel is None or not evidence:
        raise ImportRefused(0, f"Zum Nachweis fehlt: {_lacking(row)}")
    return Proof(
        channel=channel,
        happened_at=noon(day, terms.zone, now=terms.now),
        evidence=evidence,
    )


def _lacking(row: SheetRow) -> str:
    titles: Sequence[str] = [
        column.title
        for column in _WISHES
        if column.key in {"consent_on", "consent_by", "evidence"}
        and not _cell(row, column.key).strip()
    ]
    return " und ".join(titles)


def _cell(row: SheetRow, key: str) -> str:
    return cells.plain(row.cells.get(key, "").strip())
