"""Signatures: is our key in the DNS, does DMARC let us through, what did others see?

Source: RFC 6376, sections 3.5 and 3.6.2 (where a key is); RFC 7489, section 3.1;
RFC 8601, section 2.2 (Authentication-Results).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.doctor.dns import answered
from mailer.doctor.policies import dmarc, is_aligned, key_problem, tags, wrong_in_dns
from mailer.inbound.reading import Message, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient
    from mailer.doctor.policies import DmarcPolicy

WHY_DKIM: Final = (
    "Ohne gültige Signatur landen Briefe bei großen Anbietern im Spam oder kommen gar "
    "nicht an."
)

_RESULT: Final = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(\w+)", re.IGNORECASE)

REFUSING: Final = frozenset({"quarantine", "reject"})


@answered
def own_keys_are_published(patient: Patient) -> Iterator[Diagnosis]:
    """What signs our letters has its other half in the DNS, for all to see."""
    signing = patient.settings.dkim
    if not signing.selector:
        return
    # cryptography is an extra, and takes long to import.
    from mailer.rendering import signing_keys  # noqa: PLC0415 - see above

    folder, pair = signing.folder, signing.selector
    for record in signing_keys.records(folder, pair, signing.domain):
        wrong = wrong_in_dns(record.text, patient.resolver.texts(record.name))
        if not wrong:
            yield fine("dkim", f"Unser Schlüssel steht unter {record.name}.")
            continue
        yield error(
            "dkim",
            f"{record.name}: {wrong}.",
            WHY_DKIM,
            "Bitte lassen Sie eintragen, was „mia dkim show“ zeigt.",
        )


@answered
def signature_can_be_checked(patient: Patient) -> Iterator[Diagnosis]:
    """A letter that arrived was signed, and the key it names is there."""
    letter = _letter(patient)
    if letter is None:
        if not patient.settings.dkim.selector:
            yield hint(
                "dkim-letter",
                "Ob der Mailserver die Briefe unterschreibt (DKIM), ist nicht bekannt.",
                WHY_DKIM,
                "Bitte rufen Sie „mia doctor --test-mail“ auf, speichern Sie den Brief "
                "und prüfen Sie ihn mit „mia doctor --letter DATEI“.",
            )
        return
    sender = patient.settings.sender.address.domain
    signed = [tags(value) for value in letter.headers("dkim-signature")]
    if not any(is_aligned(one.get("d", ""), sender, is_strict=False) for one in signed):
        yield warning(
            "dkim-letter",
            f"Der Brief trägt keine Signatur (DKIM) der Domain {sender}.",
            WHY_DKIM,
            "Bitte fragen Sie den Anbieter nach DKIM, oder unterschreiben Sie selbst: "
            "„mia dkim --help“.",
        )
    for one in signed:
        name = f"{one.get('s', '')}._domainkey.{one.get('d', '')}"
        found = patient.resolver.texts(name)
        problem = key_problem(found[0]) if found else "dort steht nichts"
        if problem:
            yield error(
                "dkim-letter",
                f"Der Schlüssel {name} taugt nicht: {problem}.",
                WHY_DKIM,
                "Bitte lassen Sie den Eintrag vom Anbieter des Mailservers prüfen.",
            )
        else:
            yield fine("dkim-letter", f"Die Signatur lässt sich prüfen: {name}.")


@answered
def dmarc_lets_us_through(patient: Patient) -> Iterator[Diagnosis]:
    """The From domain has a policy, and our letters fulfil it."""
    sender = patient.settings.sender.address.domain
    policy = dmarc(sender, patient.resolver)
    if policy is None:
        yield warning(
            "dmarc",
            f"Die Domain {sender} hat keinen DMARC-Eintrag.",
            "Große Anbieter erwarten ihn von allen, die an viele schreiben.",
            f"Bitte lassen Sie unter _dmarc.{sender} einen TXT-Eintrag anlegen, am "
            "Anfang „v=DMARC1; p=none“.",
        )
        return
    if _is_fulfilled(patient, policy, sender):
        yield fine(
            "dmarc", f"DMARC: {sender} wünscht „{policy.wish}“, und wir erfüllen es."
        )
        return
    say = error if policy.wish in REFUSING else warning
    yield say(
        "dmarc",
        f"DMARC: {sender} wünscht „{policy.wish}“, aber weder Rückadresse noch "
        "Signatur sind nachweislich von dieser Domain.",
        "Fremde Server halten unsere Briefe dann für gefälscht.",
        "Bitte setzen Sie [smtp] return_path auf eine Adresse dieser Domain, oder "
        "prüfen Sie die Signatur mit „mia doctor --letter“.",
    )


def others_believed_us(patient: Patient) -> Iterator[Diagnosis]:
    """What the receiving server wrote on the letter about SPF, DKIM and DMARC."""
    letter = _letter(patient)
    if letter is None:
        return
    # The uppermost is of the last server; those below anybody may have written.
    said = letter.headers("authentication-results")[:1]
    results = {
        method.lower(): result.lower()
        for value in said
        for method, result in _RESULT.findall(value)
    }
    if not results:
        yield hint(
            "arrived",
            "Der Brief sagt nicht, was der empfangende Server von ihm hielt.",
            "Erst ein fremder Server zeigt, ob SPF, DKIM und DMARC stimmen.",
            "Bitte nehmen Sie einen Brief, der bei einem anderen Anbieter ankam.",
        )
    for method, result in results.items():
        if result == "pass":
            yield fine("arrived", f"Der empfangende Server sagt: {method} stimmt.")
            continue
        say = error if method == "dmarc" and result == "fail" else warning
        yield say(
            "arrived",
            f"Der empfangende Server sagt zu {method}: „{result}“.",
            "Briefe mit so einem Urteil kommen nicht überall an.",
            "Bitte geben Sie diese Zeile an die Stelle weiter, die das DNS betreut.",
        )


def letter_is_ours(patient: Patient) -> Iterator[Diagnosis]:
    """The letter that was handed in is one of ours."""
    if not patient.sample:
        return
    letter = _letter(patient)
    sender = patient.settings.sender.address
    if letter is None or letter.sender.lower() != sender.wire.lower():
        yield warning(
            "letter",
            f"Die Datei ist kein Brief von {sender.text}.",
            "Was in ihr steht, sagt nichts über unsere Briefe.",
            "Bitte speichern Sie einen Brief, der ankam, als Datei (.eml).",
        )


def _is_fulfilled(patient: Patient, policy: DmarcPolicy, sender: str) -> bool:
    """Tell whether return path or signature speak for the From domain."""
    return_path = patient.settings.smtp.return_path.domain
    if is_aligned(return_path, sender, is_strict=policy.is_strict_spf):
        return True
    signing = patient.settings.dkim
    letter = _letter(patient)
    domains = [signing.domain] if signing.selector else []
    if letter is not None:
        signed = letter.headers("dkim-signature")
        domains += [tags(value).get("d", "") for value in signed]
    strict = policy.is_strict_dkim
    return any(is_aligned(one, sender, is_strict=strict) for one in domains)


def _letter(patient: Patient) -> Message | None:
    """Return the letter that was handed in, read; None without one."""
    found = read(patient.sample) if patient.sample else None
    return found if isinstance(found, Message) else None


CHECKS: Final = (
    letter_is_ours,
    own_keys_are_published,
    signature_can_be_checked,
    dmarc_lets_us_through,
    others_believed_us,
)
