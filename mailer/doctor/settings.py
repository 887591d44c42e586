"""The settings: who can read and change them, and do they fit together?

What the loader refuses never comes here. These are the things that load well and go
wrong later: a secret that others can read, reports that nobody gets.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, warning
from mailer.errors import ExitCode
from mailer.settings import Durability, InboxMode, OriginKind, ReturnPaths
from mailer.watching.ways import has_second_way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailer.doctor.patient import Patient

OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH

RESERVED: Final = ("example", "test", "invalid", "localhost", "local")
"""Last labels of names that reach nobody (RFC 2606, section 2; RFC 6762)."""


def settings_are_ours(patient: Patient) -> Iterator[Diagnosis]:
    """Only the owner may change the settings: they name commands that are run."""
    path = patient.settings.path
    if _mode(path) & OTHERS_WRITE:
        yield error(
            "settings-mode",
            f"Auch andere Benutzer dieses Rechners können {path} ändern.",
            "Wer die Datei ändert, bestimmt Absender, Mailserver und Befehle.",
            f"Bitte rufen Sie „chmod 644 {path}“ auf.",
            ExitCode.CONFIGURATION,
        )
    else:
        yield fine(
            "settings-mode", f"{path} ist gültig, und nur Sie können die Datei ändern."
        )


def secrets_are_private(patient: Patient) -> Iterator[Diagnosis]:
    """A secret in a file is read by its owner and nobody else."""
    for key, origin in patient.loaded.origins.items():
        if origin.kind is not OriginKind.SECRET_FILE:
            continue
        path = Path(origin.detail)
        mode = _mode(path)
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            yield error(
                "secret-mode",
                f"{path} ({key}) ist für andere Benutzer lesbar oder änderbar.",
                "Wer ein Geheimnis kennt, kann in Ihrem Namen senden.",
                f"Bitte rufen Sie „chmod 600 {path}“ auf.",
                ExitCode.CONFIGURATION,
            )
        elif mode & stat.S_IRWXG:
            yield hint(
                "secret-mode",
                f"{path} ({key}) ist auch für eine Gruppe lesbar.",
                "Das ist nur richtig, wenn der Dienst selbst diese Gruppe ist.",
                f"Sonst rufen Sie bitte „chmod 600 {path}“ auf.",
            )
        else:
            yield fine("secret-mode", f"{path} ({key}) ist nur für Sie lesbar.")


def signing_keys_are_private(patient: Patient) -> Iterator[Diagnosis]:
    """What signs our letters is read by its owner alone."""
    signing = patient.settings.dkim
    if not signing.selector:
        return
    # cryptography is an extra, and takes long to import.
    from mailer.rendering import signing_keys  # noqa: PLC0415 - see above

    signing_keys.load(signing.folder, signing.selector, signing.domain)
    exposed = signing_keys.open_to_others(signing.folder, signing.selector)
    for path in exposed:
        yield error(
            "dkim-mode",
            f"{path} ist für andere Benutzer lesbar oder änderbar.",
            "Wer den Schlüssel kennt, kann in Ihrem Namen unterschreiben.",
            f"Bitte rufen Sie „chmod 600 {path}“ auf.",
            ExitCode.CONFIGURATION,
        )
    if not exposed:
        yield fine("dkim-mode", f"Das Schlüsselpaar „{signing.selector}“ ist lesbar.")


def mail_can_leave(patient: Patient) -> Iterator[Diagnosis]:
    """There is a relay, and its login fits the address that letters come from."""
    smtp, sender = patient.settings.smtp, patient.settings.sender.address
    if not smtp.host:
        yield warning(
            "smtp-host",
            "Es ist kein Mailserver eingestellt.",
            "Ohne ihn wird nichts gesendet.",
            "Bitte tragen Sie unter [smtp] „host“ ein.",
        )
        return
    if sender.domain.rpartition(".")[2] in RESERVED:
        yield warning(
            "sender-domain",
            f"Die Absenderadresse {sender.text} gibt es nirgends.",
            "Die Domain ist nur für Beispiele da, kein Server nimmt sie an.",
            "Bitte tragen Sie unter [sender] „address“ die echte Adresse ein.",
        )
        return
    _, at, domain = smtp.user.rpartition("@")
    if at and domain.lower() != sender.domain:
        yield hint(
            "sender-login",
            f"Angemeldet wird als {smtp.user}, gesendet von {sender.text}.",
            "Viele Mailserver lassen ein Konto nur mit der eigenen Adresse senden.",
            "Bitte versuchen Sie „mia doctor --test-mail“.",
        )
        return
    yield fine("sender-login", f"Gesendet wird von {sender.text} über {smtp.host}.")


def mail_can_return(patient: Patient) -> Iterator[Diagnosis]:
    """Answers and reports come to a mailbox that the program reads."""
    settings = patient.settings
    address = settings.inbox_address
    if address is None:
        yield hint(
            "inbox-address",
            "Es ist kein Postfach eingestellt, das das Programm liest.",
            "Abmelden und Rückfragen gehen dann nur über die Koordinatorin.",
            "Wenn es eines gibt, tragen Sie unter [inbox] „address“ und „host“ ein.",
        )
        return
    if not settings.inbox.host and settings.inbox.maildir is None:
        yield hint(
            "inbox-pipe",
            f"Post an {address.text} muss der Mailserver selbst weiterreichen.",
            "Ohne „host“ oder „maildir“ holt das Programm nichts ab.",
            "Bitte prüfen Sie, ob er „mia inbox ingest“ aufruft; siehe Handbuch.",
        )
    yield from _reports_return(patient)
    if settings.inbox.mode is InboxMode.DEDICATED and (
        settings.coordinator.email.canonical == address.canonical
    ):
        yield error(
            "inbox-coordinator",
            f"{address.text} ist zugleich die Adresse der Koordinatorin.",
            "Was für sie bestimmt ist, käme immer wieder zum Programm zurück.",
            "Bitte nehmen Sie ein eigenes Postfach, oder setzen Sie [inbox] mode auf "
            "„shared“.",
            ExitCode.CONFIGURATION,
        )


def _reports_return(patient: Patient) -> Iterator[Diagnosis]:
    settings = patient.settings
    address, return_path = settings.inbox_address, settings.smtp.return_path
    if address is not None and return_path.canonical == address.canonical:
        how = "je Brief eine eigene Rückadresse, " if _is_signed(patient) else ""
        yield fine("return-path", f"Berichte kommen zurück: {how}{return_path.text}.")
        return
    yield warning(
        "return-path",
        f"Berichte über unzustellbare Briefe gehen an {return_path.text}.",
        "Das Programm liest diese Adresse nicht und erfährt davon nichts.",
        "Bitte tragen Sie unter [smtp] „return_path“ die Adresse aus [inbox] ein.",
    )


def alarms_have_a_way(patient: Patient) -> Iterator[Diagnosis]:
    """When the mail server itself is the trouble, somebody hears of it all the same."""
    settings = patient.settings
    if not settings.smtp.host:
        return
    if has_second_way(settings) or settings.alarm.command:
        yield fine("alarm", "Für Alarme gibt es einen zweiten Weg.")
        return
    yield hint(
        "alarm",
        "Für Alarme gibt es keinen zweiten Weg am Mailserver vorbei.",
        "Fällt er aus, erfährt es niemand, bis jemand „mia status“ aufruft.",
        "Bitte tragen Sie unter [alarm] „sendmail“ oder „command“ ein, oder unter "
        "[alarm.smtp] einen zweiten Mailserver.",
    )


def power_cut_is_survived(patient: Patient) -> Iterator[Diagnosis]:
    """Whoever chose speed shall know its price."""
    if patient.settings.database.durability is Durability.FAST:
        yield hint(
            "durability",
            "[database] durability steht auf „fast“.",
            "Nach einem Stromausfall kann der letzte Augenblick fehlen; dann kommt "
            "ein Brief vielleicht doppelt.",
            "Wenn das stört, setzen Sie den Wert auf „full“.",
        )


def _is_signed(patient: Patient) -> bool:
    return patient.settings.smtp.return_paths is ReturnPaths.SIGNED


def _mode(path: Path) -> int:
    """Return the rights of a file; all of its owner's if it is gone by now."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return stat.S_IRWXU


CHECKS: Final = (
    settings_are_ours,
    secrets_are_private,
    signing_keys_are_private,
    mail_can_leave,
    mail_can_return,
    alarms_have_a_way,
    power_cut_is_survived,
)
