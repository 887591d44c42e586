"""What ``mia invite`` shows before it asks: who, when, where, how many, and checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailer.commands import sending
from mailer.commands.terminal import count, number, table
from mailer.editions import drafting
from mailer.editions.facts import Facts
from mailer.editions.kinds import KINDS
from mailer.editions.states import EditionState
from mailer.german import and_list
from mailer.outbox import composing, issuing, knowledge, ledger
from mailer.rendering.finding import Finding, Level
from subscribers import audience, mailboxes
from subscribers.audience import Recipient
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailer.application import Application
    from mailer.editions.models import Edition, EditionId
    from mailer.meetings.models import Meeting
    from mailer.outbox.composing import Composed
    from subscribers.address import EmailAddress
    from subscribers.database import Db

STYLES = {
    LetterStyle.STANDARD: "in Standardsprache",
    LetterStyle.EASY: "in Leichter Sprache",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An invitation as it stands before somebody says yes.

    Attributes:
        readers: How many mailboxes get each style.
        called_back: How many have one to this meeting that was withdrawn since.
        findings: What the checks found, errors first.
    """

    edition_id: EditionId
    occasion: str
    meeting: Meeting
    composed: Composed
    readers: Mapping[LetterStyle, int]
    called_back: int
    findings: tuple[Finding, ...]

    @property
    def facts(self) -> Facts:
        """What the letters mention: an invitation is about a meeting."""
        assert isinstance(self.composed.facts, Facts)  # noqa: S101 - see above
        return self.composed.facts

    @property
    def total(self) -> int:
        """How many mailboxes get the invitation."""
        return sum(self.readers.values())


def propose(db: Db, app: Application, edition: Edition, *, now: datetime) -> Proposal:
    """Return what *edition* would say, to how many, and what the checks found.

    Raises:
        TemplateBroken: A template cannot be rendered.
    """
    composed = composing.compose(db, edition, app.press, now=now)
    meeting = drafting.meeting_of(edition)
    withdrawn = drafting.issued(db, edition.kind, meeting.id, [EditionState.WITHDRAWN])
    return Proposal(
        edition_id=edition.id,
        occasion=edition.occasion,
        meeting=meeting,
        composed=composed,
        readers=audience.count(db, KINDS[edition.kind].topic),
        called_back=knowledge.number_reached(db, [one.occasion for one in withdrawn]),
        findings=tuple(composing.proofread(composed)),
    )


def shown(proposal: Proposal, app: Application) -> str:
    """Return the proposal for a person to read."""
    facts = proposal.facts
    sender = app.settings.sender
    rows = [
        ("Wann", f"{facts.when.full_day}, {facts.when.hours}"),
        ("Wo", facts.venue.label),
        ("Absender", f"{sender.name} <{sender.address.text}>"),
        ("An", _audience(proposal)),
        *[
            (f"Betreff {STYLES[style]}", letter.subject)
            for style, letter in proposal.composed.letters.items()
        ],
    ]
    lines = [
        table(rows, ["Einladung", f"„{facts.meeting.title}“"]),
        "",
        *(said(finding) for finding in proposal.findings),
    ]
    if proposal.called_back:
        people = count(proposal.called_back, "Person hat", "Personen haben")
        lines.append(
            f"Hinweis: {people} schon eine Einladung zu diesem Treffen, die danach "
            "zurückgezogen wurde; diese kommt noch dazu."
        )
    if not proposal.findings:
        lines.append(
            "Geprüft: Aufbau, Kontraste, Links, Größe; Datum, Zeit und Ort stimmen in "
            "allen Teilen überein. Beide Fassungen ohne Befund."
        )
    return "\n".join(lines)


def server_line(app: Application) -> str:
    """Ask whether a relay would take our mail, and return its answer as a line.

    Raises:
        SettingsInvalid: No relay is set.
        TransportError: None can be used; nothing was issued yet.
    """
    relay, facts = sending.first_ready(app)
    secured = facts.tls_version or "ohne Verschlüsselung, nur auf diesem Rechner"
    return f"Mailserver {relay.name} ist bereit ({secured})."


def enqueue_test(
    db: Db,
    app: Application,
    proposal: Proposal,
    address: EmailAddress,
    *,
    nonce: str,
    now: datetime,
) -> list[str]:
    """Write one delivery per style to *address*; return the occasions.

    The mails are real in everything but the subject, which says that they are a test.

    Args:
        nonce: Makes the occasions of this test different from any other's.
    """
    key = app.keys.fingerprint_key
    mailbox = mailboxes.get_or_add(db, address, key=key, now=now)
    db.flush()
    occasions = []
    for style, letter in proposal.composed.letters.items():
        occasion = f"test/{nonce}-{style}"
        test = replace(letter, subject=f"Test: {letter.subject}")
        issuing.freeze(db, occasion, {style: test}, meeting=proposal.meeting, now=now)
        reader = Recipient(mailbox.id, address, None, style, is_partner=False)
        ledger.enqueue(
            db,
            ledger.Occasion(occasion, None, proposal.meeting.starts_at),
            [reader],
            new_message_id=app.press.new_message_id,
            now=now,
        )
        occasions.append(occasion)
    return occasions


def _audience(proposal: Proposal) -> str:
    people = count(proposal.total, "Person", "Personen")
    parts = [
        f"{number(proposal.readers[style])} {german}"
        for style, german in STYLES.items()
        if proposal.readers.get(style)
    ]
    return f"{people}: {', '.join(parts)}" if parts else people


def said(finding: Finding) -> str:
    """Return a finding as a line."""
    word = "Fehler" if finding.level is Level.ERROR else "Hinweis"
    return f"{word}: {finding.sentence}"


def releases_missing(people: Sequence[str]) -> str:
    """Return that a release is noted, and whose is missing."""
    return (
        "Die Freigabe ist notiert. Hinaus geht die Aussendung erst, wenn auch "
        f"{and_list(people)} freigibt; der Entwurf dazu ist im Postausgang."
    )
