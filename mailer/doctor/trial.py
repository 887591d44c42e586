"""A test letter to the coordinator, on the very way that every invitation takes.

It goes through the ledger and carries what a list's letter carries, so that filters
and DMARC judge it as they will judge the next invitation.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer import german
from mailer.doctor.diagnosis import Diagnosis, error, fine, refused
from mailer.errors import TransportError
from mailer.outbox import report
from mailer.outbox.lanes import Watch
from mailer.outbox.origins import LetterOrigin
from mailer.outbox.posting import Posting, post
from mailer.outbox.states import DeliveryState
from mailer.rendering.letter import Letter
from mailer.transport.smtp import SmtpTransport
from subscribers import mailboxes
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient
    from mailer.outbox.worker import Worker

SUBJECT: Final = "Testbrief von {network}"

TEXT: Final = """\
Guten Tag,

dieser Brief ist ein Test. Er zeigt, dass das Programm „mia“ über den Mailserver
{host} senden kann. Sie müssen nichts tun.

Gesendet wurde er am {day} um {clock} von der Person, die den Rechner betreut.
Bitte sagen Sie ihr, ob er im Posteingang liegt oder im Spam.
"""

GOOD_FOR: Final = timedelta(hours=1)
"""Whoever asks for a test waits for it; after that nobody does."""

WHY: Final = "So wie dieser ginge auch keine Einladung hinaus."


def letter_goes_out(patient: Patient) -> Iterator[Diagnosis]:
    """Send one letter to the coordinator and say what the mail server answered."""
    smtp = patient.settings.smtp
    if not smtp.host:
        return  # the group of the settings tells
    transport = SmtpTransport(smtp)
    worker = patient.app.worker(transport)  # refuses a copy before anything is owed
    occasion = _posted(patient)
    try:
        asyncio.run(_sent(worker, transport, occasion))
    except TransportError as failed:
        yield refused("test-mail", failed.sentence, WHY, failed.exit_code)
        return
    yield _outcome(patient, occasion)


def _posted(patient: Patient) -> str:
    """Write the letter into the ledger and return its occasion."""
    app, settings, now = patient.app, patient.settings, patient.now
    coordinator = settings.coordinator.email
    local = now.astimezone(settings.series[0].zone)
    names = {
        "network": settings.network.name,
        "host": settings.smtp.host,
        "day": german.short_day(local),
        "clock": german.oclock(local.time().replace(second=0, microsecond=0)),
    }
    letter = Letter(SUBJECT.format_map(names), TEXT.format_map(names), html="")
    occasion = f"test/{secrets.token_hex(8)}"
    with app.database.transaction("trial") as db:
        key = app.keys.fingerprint_key
        mailbox = mailboxes.get_or_add(db, coordinator, key=key, now=now)
        db.flush()
        posting = Posting(
            occasion=occasion,
            origin=LetterOrigin.EDITION,
            message_id=app.press.new_message_id(),
            style=LetterStyle.STANDARD,
            expires_at=now + GOOD_FOR,
        )
        post(db, mailbox, letter, posting, now=now)
    return occasion


async def _sent(worker: Worker, transport: SmtpTransport, occasion: str) -> None:
    try:
        await worker.drain(Watch(only=[occasion]))
    finally:
        await transport.close()


def _outcome(patient: Patient, occasion: str) -> Diagnosis:
    """Return what became of the letter, in the ledger's words."""
    address = patient.settings.coordinator.email.text
    with patient.app.database.reading() as db:
        (state,) = report.tally(db, [occasion]).states
        said = [one.why for one in report.troubles(db, [occasion]) if one.why]
    if state is DeliveryState.ACCEPTED:
        return fine(
            "test-mail",
            f"Der Mailserver hat den Testbrief an {address} angenommen; bitte sehen "
            "Sie dort nach, auch im Spam.",
        )
    words = f": „{said[0].rstrip('.')}“" if said else ""
    return error(
        "test-mail",
        f"Der Testbrief an {address} ist nicht hinausgegangen: "
        f"{report.GERMAN[state]}{words}.",
        WHY,
        "Bitte sehen Sie „mia outbox status“ an, und fragen Sie die Stelle, die den "
        "Mailserver betreut.",
    )
