"""The relays: does each take our mail, for how long yet, and how much at a time?

Two connections to each, at most; nothing is sent. Whether it takes our addresses is
asked with MAIL and RCPT, and taken back with RSET before any content.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mailer.doctor import clock
from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, refused, warning
from mailer.doctor.specimens import octets, rendered, specimens
from mailer.errors import MailerError, TransportError
from mailer.german import short_day
from mailer.outbox.models import DeliveryId
from mailer.outbox.return_path import for_delivery
from mailer.rendering.parcel import Content, Parcel, Verdict
from mailer.settings import ReturnPaths
from mailer.transport.smtp import SmtpTransport
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mailer.doctor.patient import Patient
    from mailer.rendering.parcel import Outcome
    from mailer.settings import Smtp
    from mailer.transport.server_facts import ServerFacts
    from subscribers.address import EmailAddress

PATIENCE: Final = timedelta(seconds=20)
"""Nobody sits before a doctor for the five minutes that a run may wait."""

SOON: Final = timedelta(days=14)
"""Certificates that renew themselves do so a month ahead: then something hangs."""

WISHES: Final[Mapping[str, str]] = {
    "PIPELINING": "Ein Versand an viele dauert dann länger.",
    "8BITMIME": "So alte Mailserver machen auch sonst oft Ärger.",
    "ENHANCEDSTATUSCODES": "Warum ein Brief abgelehnt wurde, ist dann nicht so klar.",
}
"""What a relay should be able to do, and what is missing otherwise."""

WHY: Final = "Solange das so ist, geht kein Brief über diesen Mailserver hinaus."

NO_CONTENT: Final = Content.whole(b"Subject: mia doctor\r\n\r\n")
"""Never leaves: it is taken back before."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the relay said.

    Attributes:
        facts: About itself.
        outcomes: About each address of ours, as a recipient; nothing was sent.
        refusal: About our sender address; None if it takes it.
    """

    facts: ServerFacts
    outcomes: Sequence[tuple[EmailAddress, Outcome]]
    refusal: TransportError | None


def relays_take_mail(patient: Patient) -> Iterator[Diagnosis]:
    """Each can be reached and logged in to, stays so, and takes our letters."""
    for smtp in patient.relays:  # for none, the group of the settings tells
        yield from _relay(patient, smtp)


def _relay(patient: Patient, smtp: Smtp) -> Iterator[Diagnosis]:
    """Yield what one relay says."""
    try:
        heard = asyncio.run(_heard(patient, smtp))
    except TransportError as failed:
        yield refused("relay", failed.sentence, WHY, failed.exit_code)
        return
    facts = heard.facts
    secured = facts.tls_version or "unverschlüsselt, nur auf diesem Rechner"
    login = f", angemeldet als {smtp.user}" if facts.logged_in else ""
    yield fine("relay", f"{smtp.name} ist bereit ({secured}{login}).")
    yield from certificate(facts.certificate_until, smtp.host, now=patient.now)
    yield from _size(facts, patient)
    yield from _abilities(facts)
    there = clock.told_in(facts.greeting)
    if there is not None:
        yield clock.compared("Uhr des Mailservers", there, now=patient.now)
    yield from _addresses(heard)


def greeting_name(patient: Patient) -> Iterator[Diagnosis]:
    """We introduce ourselves with a whole name (RFC 5321, section 4.1.1.1)."""
    names = [one.ehlo_name or socket.getfqdn() for one in patient.relays]
    for name in dict.fromkeys(names):
        if "." in name.strip(".") and not name.endswith((".localdomain", ".local")):
            yield fine("ehlo", f"Wir stellen uns dem Mailserver als {name} vor.")
            continue
        yield hint(
            "ehlo",
            f"Wir stellen uns dem Mailserver als „{name}“ vor; das ist kein ganzer "
            "Name.",
            "Manche Mailserver lehnen so eine Begrüßung ab.",
            "Bitte tragen Sie unter [smtp] „ehlo_name“ den Namen dieses Rechners ein.",
        )


def certificate(
    until: datetime | None, host: str, *, now: datetime
) -> Iterator[Diagnosis]:
    """Yield how long a certificate is still good."""
    if until is None:
        return
    days = (until - now).days
    if until - now > SOON:
        yield fine("certificate", f"Das Zertifikat von {host} gilt noch {days} Tage.")
        return
    yield warning(
        "certificate",
        f"Das Zertifikat von {host} endet am {short_day(until)}.",
        "Danach wird nichts mehr gesendet und nichts mehr gelesen.",
        "Bitte sagen Sie es der Stelle, die diesen Server betreut.",
    )


def _size(facts: ServerFacts, patient: Patient) -> Iterator[Diagnosis]:
    """Compare the largest letter with what the relay takes (RFC 1870)."""
    if facts.size_limit is None:
        return
    try:
        largest = max(
            octets(patient, rendered(patient, one, style), style)
            for one in specimens(patient)
            for style in LetterStyle
        )
    except MailerError:
        return  # the group of the templates tells
    if facts.size_limit < largest:
        yield error(
            "size",
            f"Der größte Brief hat {_kilobytes(largest)} Kilobyte, der Mailserver "
            f"nimmt höchstens {_kilobytes(facts.size_limit)}.",
            "Dieser Brief würde bei allen abgelehnt.",
            "Bitte lassen Sie die Grenze anheben, oder kürzen Sie den Brief.",
        )
    else:
        told = f"Der größte Brief hat {_kilobytes(largest)} Kilobyte und passt."
        yield fine("size", told)


def _kilobytes(size: int) -> int:
    return -(-size // 1000)


def _abilities(facts: ServerFacts) -> Iterator[Diagnosis]:
    for wish, loss in WISHES.items():
        if wish not in facts.extensions:
            yield hint(
                "abilities",
                f"Der Mailserver bietet {wish} nicht an.",
                loss,
                "Es geht auch so; ein neuerer Mailserver wäre besser.",
            )


def _addresses(heard: Heard) -> Iterator[Diagnosis]:
    """Yield what the relay says about our own addresses."""
    if heard.refusal is not None:
        yield refused("sender", heard.refusal.sentence, WHY, heard.refusal.exit_code)
        return
    for address, outcome in heard.outcomes:
        if outcome.verdict is Verdict.NOT_SENT:
            yield fine("address", f"Der Mailserver nimmt Post an {address.text} an.")
            continue
        said = outcome.reply.text.rstrip(".") if outcome.reply else "nichts"
        say = error if outcome.verdict is Verdict.REFUSED else warning
        yield say(
            "address",
            f"Der Mailserver nimmt Post an {address.text} nicht an: „{said}“.",
            "Was an diese Adresse geht, kommt nicht an.",
            "Bitte prüfen Sie die Adresse; mit „+“ darin muss der Mailserver umgehen "
            "können, sonst setzen Sie [smtp] return_paths auf „shared“.",
        )


async def _heard(patient: Patient, smtp: Smtp) -> Heard:
    """Ask a relay about itself, then about our addresses."""
    transport = SmtpTransport(_hurried(smtp))
    facts = await transport.check()
    outcomes = []
    refusal = None
    try:
        for address in _own_addresses(patient):
            parcel = Parcel(smtp.return_path, address, NO_CONTENT)
            outcomes.append((address, await transport.send(parcel, _stop)))
    except TransportError as error_:
        refusal = error_
    finally:
        await transport.close()
    return Heard(facts, outcomes, refusal)


async def _stop() -> bool:
    """Say at the last moment that the content must not go."""
    return False


def _own_addresses(patient: Patient) -> Sequence[EmailAddress]:
    """Return the coordinator's address, and what reports and answers come back to."""
    settings = patient.settings
    found = [settings.coordinator.email]
    if settings.inbox_address is not None:
        found.append(settings.inbox_address)
    if settings.smtp.return_paths is ReturnPaths.SIGNED:
        key = patient.app.keys.return_path_key
        found.append(for_delivery(settings.smtp.return_path, DeliveryId(0), key))
    return list({one.canonical: one for one in found}.values())


def _hurried(smtp: Smtp) -> Smtp:
    return replace(
        smtp,
        connect_timeout=min(smtp.connect_timeout, PATIENCE),
        command_timeout=min(smtp.command_timeout, PATIENCE),
        pipelining=False,  # step by step, RCPT can be taken back before DATA
    )


CHECKS: Final = (greeting_name, relays_take_mail)
