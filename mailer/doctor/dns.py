"""DNS: do our domains say that the relay may send for us, and can answers come back?

Asked is what a receiving server would ask. From which address a provider's relay
really sends, only an arrived letter tells; so a doubt about it is no error.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import wraps
from typing import TYPE_CHECKING, Final

from mailer.doctor import spf
from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.doctor.resolver import DnsTrouble
from mailer.doctor.spf import SpfResult
from mailer.german import and_list
from mailer.transport.tls import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailer.doctor.patient import Check, Patient

WHY_SPF: Final = (
    "Fremde Server fragen das SPF der Domain, ob dieser Mailserver für sie senden darf."
)


def answered(check: Check) -> Check:
    """Return *check*; a question without an answer becomes a finding of it."""

    @wraps(check)
    def careful(patient: Patient) -> Iterator[Diagnosis]:
        try:
            yield from check(patient)
        except DnsTrouble as trouble:
            yield warning(
                check.__name__.replace("_", "-"),
                f"Zu {trouble.name} gibt das DNS keine Auskunft: {trouble.reason}.",
                "Ob hier alles in Ordnung ist, bleibt offen.",
                "Bitte prüfen Sie das Netz und rufen Sie „mia doctor --only dns“ auf.",
            )

    return careful


@answered
def spf_knows_the_relay(patient: Patient) -> Iterator[Diagnosis]:
    """The return path's domain lets the relay's addresses send for it."""
    domain = patient.settings.smtp.return_path.domain
    if not spf.records(domain, patient.resolver):
        yield warning(
            "spf",
            f"Die Domain {domain} hat keinen SPF-Eintrag.",
            WHY_SPF,
            f"Bitte lassen Sie für {domain} einen TXT-Eintrag „v=spf1 … ~all“ anlegen, "
            "der den Mailserver nennt.",
        )
        return
    for host, addresses in _relays(patient):
        if not addresses:
            yield hint(
                "spf",
                f"{domain} hat einen SPF-Eintrag; die Adresse von {host} ist nicht "
                "bekannt.",
                WHY_SPF,
                "Bitte prüfen Sie es mit „mia doctor --letter“ an einem Brief, der "
                "ankam.",
            )
        for address in addresses:
            judgement = spf.judge(domain, address, patient.resolver)
            yield _judged(domain, host, address, judgement)


def _judged(domain: str, host: str, address: str, found: spf.Judgement) -> Diagnosis:
    """Return what one judgement means for us."""
    if found.result is SpfResult.PASS:
        return fine("spf", f"SPF: {host} ({address}) darf für {domain} senden.")
    if found.result is SpfResult.PERMERROR:
        return error(
            "spf",
            f"Der SPF-Eintrag von {domain} ist ungültig: {found.reason}.",
            "Ein ungültiger Eintrag zählt, als gäbe es keinen.",
            "Bitte lassen Sie den Eintrag im DNS verbessern.",
        )
    if found.result is SpfResult.TEMPERROR:
        return warning(
            "spf",
            f"Der SPF-Eintrag von {domain} lässt sich nicht auswerten: {found.reason}.",
            WHY_SPF,
            "Bitte versuchen Sie es später noch einmal.",
        )
    if found.unread:
        return hint(
            "spf",
            f"Ob {host} ({address}) für {domain} senden darf, hängt an "
            f"{and_list([f'„{one}“' for one in found.unread])}.",
            "Das lässt sich nur an einem wirklichen Brief prüfen.",
            "Bitte prüfen Sie es mit „mia doctor --letter“ an einem Brief, der ankam.",
        )
    return warning(
        "spf",
        f"SPF: {host} ({address}) ist in {domain} nicht eingetragen ({found.result}).",
        f"{WHY_SPF} Manche Anbieter senden über andere Adressen, als sie annehmen.",
        "Bitte lassen Sie den Mailserver im SPF eintragen, meist mit dem „include:“, "
        "das der Anbieter nennt.",
    )


@answered
def reports_find_home(patient: Patient) -> Iterator[Diagnosis]:
    """Somebody takes mail for the return path, so reports can come back."""
    domain = patient.settings.smtp.return_path.domain
    found = patient.resolver.exchanges(domain)
    hosts = [one.host for one in found if one.host]
    if hosts:
        yield fine("mx", f"Post an {domain} nimmt {and_list(hosts)} an.")
    elif not found and patient.resolver.addresses(domain):
        yield hint(
            "mx",
            f"{domain} hat keinen MX-Eintrag; Post geht an den Rechner selbst.",
            "Das ist erlaubt, aber selten gewollt.",
            "Bitte fragen Sie, wer für die Domain Post annimmt.",
        )
    else:
        yield error(
            "mx",
            f"Für {domain} nimmt niemand Post an.",
            "Berichte über unzustellbare Briefe gehen verloren, und manche Server "
            "nehmen von so einer Domain nichts an.",
            "Bitte lassen Sie einen MX-Eintrag anlegen, oder ändern Sie [smtp] "
            "return_path.",
        )


@answered
def relays_have_names(patient: Patient) -> Iterator[Diagnosis]:
    """A relay's address has a name, and the name has that address."""
    ours = [one.host for one in patient.relays if is_loopback(one.host)]
    for host, addresses in _relays(patient):
        for address in addresses:
            names = patient.resolver.names(address)
            if any(address in patient.resolver.addresses(name) for name in names):
                yield fine("relay-name", f"{address} heißt {names[0]}, und umgekehrt.")
                continue
            say = warning if ours else hint
            yield say(
                "relay-name",
                f"{address} ({host}) hat im DNS keinen Namen, der zurückführt (PTR).",
                "Von namenlosen Rechnern nehmen viele Server nichts an.",
                "Bitte lassen Sie den PTR-Eintrag setzen, wenn dieser Rechner selbst "
                "an fremde Server sendet.",
            )


def _relays(patient: Patient) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield who hands our mail to the world, and from which addresses.

    A relay on this very machine is known to others by the name it greets with.
    """
    for smtp in patient.relays:
        host = smtp.host
        if is_loopback(host):
            host = smtp.ehlo_name or socket.getfqdn()
        try:
            yield host, (str(ipaddress.ip_address(host)),)
        except ValueError:
            yield host, patient.resolver.addresses(host)


CHECKS: Final = (spf_knows_the_relay, reports_find_home, relays_have_names)
