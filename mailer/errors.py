"""What can go wrong in the post office, and the exit code of each.

* MailerError
    * SettingsInvalid(problems)
        * SettingsMissing(path)
    * TemplateBroken(template, line, reason)
    * MessageUnsafe(header, reason)
        * ContentUnsafe(reason)
    * SigningKeyUnusable(path, reason)
    * CannotCreate(path, reason)
    * Refused(reason)
        * PlanRefused
        * UsageRefused
        * RestoreRefused
    * PlaceUnknown(host, store, known_host, known_store)
        * PlaceRestored
    * ToolFailed(tool, reason)
    * TransportError(host, reason)
        * ConnectionFailed
        * CertificateRefused
        * LoginRefused
        * SenderRefused
        * TransportBusy
    * InboxError(host, reason)
        * InboxUnreachable
        * InboxCertificateRefused
        * InboxLoginRefused
        * InboxFolderMissing
        * InboxBusy

Exit codes are those of sysexits.h. Every class carries fields and one German wording
that names them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ExitCode(IntEnum):
    """What a script is told (sysexits.h; 130 is a shell's 128 + SIGINT)."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    DATA = 65
    UNAVAILABLE = 69
    CANNOT_CREATE = 73
    TRY_AGAIN = 75
    PERMISSION = 77
    CONFIGURATION = 78
    INTERRUPTED = 130


class MailerError(Exception):
    """Something went wrong in the post office.

    Attributes:
        exit_code: What a script is told.
        wording: German, with the fields of the error in braces.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE
    wording: ClassVar[str] = "Das ist nicht möglich."

    @property
    def sentence(self) -> str:
        """What is wrong, where, and what to do, in German."""
        return self.wording.format_map(vars(self))


class SettingsInvalid(MailerError):
    """The settings file has mistakes.

    Attributes:
        problems: All of them, one German sentence each, with line or key.
    """

    exit_code = ExitCode.CONFIGURATION
    wording = "{text}"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)
        self.text = "\n".join(problems)


class SettingsMissing(SettingsInvalid):
    """There is no settings file."""

    def __init__(self, path: Path) -> None:
        advice = (
            f"Die Einstellungsdatei {path} gibt es nicht. Bitte legen Sie sie mit "
            "„mia init“ an oder nennen Sie mit „--config DATEI“ eine andere."
        )
        super().__init__([advice])
        self.path = path


class TemplateBroken(MailerError):
    """A template cannot be rendered.

    Attributes:
        template: Its name, "mail/invitation/body.html".
        line: Where, from 1; 0 if unknown.
        reason: A German half-sentence.
    """

    exit_code = ExitCode.CONFIGURATION
    wording = "Vorlage {template}{where}: {reason}. Es wurde nichts gesendet."

    def __init__(self, template: str, line: int, reason: str) -> None:
        super().__init__(template, line, reason)
        self.template = template
        self.line = line
        self.reason = reason
        self.where = f", Zeile {line}" if line else ""


class MessageUnsafe(MailerError):
    """A message would not say what we meant: a header is forged or broken.

    Attributes:
        header: Which one.
        reason: A German half-sentence.
    """

    exit_code = ExitCode.DATA
    wording = "Kopfzeile „{header}“: {reason}. Es wurde nichts gesendet."

    def __init__(self, header: str, reason: str) -> None:
        super().__init__(header, reason)
        self.header = header
        self.reason = reason


class ContentUnsafe(MessageUnsafe):
    """The bytes of a message are not what every server reads the same way."""

    wording = "Die Nachricht darf so nicht hinaus: {reason}. Es wurde nichts gesendet."

    def __init__(self, reason: str) -> None:
        super().__init__("", reason)


class SigningKeyUnusable(MailerError):
    """A private key that should sign our messages cannot be used."""

    exit_code = ExitCode.CONFIGURATION
    wording = (
        "Der Schlüssel {path}, der Nachrichten signiert (DKIM), ist unbrauchbar: "
        "{reason}. Es wurde nichts gesendet. Bitte prüfen Sie [dkim] selector; ein "
        "neues Schlüsselpaar macht „mia dkim rotate“."
    )

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class CannotCreate(MailerError):
    """A file or a folder cannot be written."""

    exit_code = ExitCode.CANNOT_CREATE
    wording = "{path} kann nicht geschrieben werden: {reason}."

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class Refused(MailerError):
    """What was asked for is not possible as things stand.

    Attributes:
        reason: One or two German sentences: why, and what to do.
    """

    wording = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PlanRefused(Refused):
    """A meeting or an edition cannot be changed this way."""

    exit_code = ExitCode.DATA


class UsageRefused(Refused):
    """The words of the command line do not fit together."""

    exit_code = ExitCode.USAGE


class RestoreRefused(Refused):
    """A backup cannot be put back here."""

    exit_code = ExitCode.DATA


class ToolFailed(MailerError):
    """A program that we need is missing, or did not do its work.

    Attributes:
        tool: Its name, "pg_dump".
        reason: A German half-sentence.
    """

    exit_code = ExitCode.UNAVAILABLE
    wording = "Das Programm „{tool}“ {reason}. Es wurde nichts geändert."

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(tool, reason)
        self.tool = tool
        self.reason = reason


class PlaceUnknown(MailerError):
    """The database was used elsewhere: this may be a copy, and must not send.

    Attributes:
        host, store: Where we are: machine, and database on it.
        known_host, known_store: From where it was last allowed to send.
    """

    exit_code = ExitCode.PERMISSION
    wording = (
        "Hier wird nichts gesendet: Diese Datenbank gehört zum Rechner „{known_host}“ "
        "({known_store}), nicht zu „{host}“ ({store}). Eine Kopie schriebe allen noch "
        "einmal. Soll sie ab jetzt von hier aus senden, zeigt „mia db adopt“ vorher, "
        "was hinausginge."
    )

    def __init__(
        self, host: str, store: str, known_host: str, known_store: str
    ) -> None:
        super().__init__(host, store, known_host, known_store)
        self.host = host
        self.store = store
        self.known_host = known_host
        self.known_store = known_store


class PlaceRestored(PlaceUnknown):
    """The database comes from a backup: it does not know what was sent since."""

    wording = (
        "Hier wird nichts gesendet: Diese Datenbank stammt aus einer Sicherung und "
        "weiß nicht, was seitdem hinausging. Soll sie wieder senden, zeigt "
        "„mia db adopt“ vorher, was hinausginge."
    )


class TransportError(MailerError):
    """The mail server cannot be used; this is about us, never about a recipient.

    Attributes:
        host: "mail.example.org:465".
        reason: What happened or what the server said: one line, no full stop.
    """

    exit_code = ExitCode.UNAVAILABLE
    wording = (
        "Der Mailserver {host} nimmt nichts an: {reason}. "
        "Es ist nichts verloren; bitte fragen Sie seinen Betreiber."
    )

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host, reason)
        self.host = host
        self.reason = reason


class ConnectionFailed(TransportError, ConnectionError):
    """Nobody answers, or the connection broke."""

    wording = (
        "Der Mailserver {host} ist nicht erreichbar: {reason}. "
        "Bitte prüfen Sie [smtp] host, port und security und ob der Server läuft."
    )


class CertificateRefused(TransportError):
    """The server's certificate does not prove that it is the server we mean."""

    wording = (
        "Das Zertifikat des Mailservers {host} wird nicht anerkannt: {reason}. "
        "Ohne gültiges Zertifikat wird nichts gesendet; bitte prüfen Sie [smtp] host "
        "oder geben Sie ca_file an."
    )


class LoginRefused(TransportError, PermissionError):
    """The server does not take our user name or password."""

    exit_code = ExitCode.CONFIGURATION
    wording = (
        "Der Mailserver {host} lehnt die Anmeldung ab: {reason}. "
        "Bitte prüfen Sie [smtp] user und das Passwort."
    )


class SenderRefused(TransportError):
    """The server does not take our sender address; no recipient is to blame."""

    exit_code = ExitCode.CONFIGURATION
    wording = (
        "Der Mailserver {host} nimmt unsere Absenderadresse nicht an: {reason}. "
        "Bitte prüfen Sie [sender] address und [smtp] return_path."
    )


class TransportBusy(TransportError):
    """The server said "later" to the connection as a whole."""

    exit_code = ExitCode.TRY_AGAIN
    wording = (
        "Der Mailserver {host} bittet um Geduld: {reason}. "
        "Bitte versuchen Sie es später noch einmal; es ist nichts verloren."
    )


class InboxError(MailerError):
    """A mailbox cannot be read; nothing that lies in it is lost.

    Attributes:
        host: "imap.example.org:993", or the path of a Maildir.
        reason: What happened or what the server said: one line, no full stop.
    """

    exit_code = ExitCode.UNAVAILABLE
    wording = "Das Postfach auf {host} kann nicht gelesen werden: {reason}."

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host, reason)
        self.host = host
        self.reason = reason


class InboxUnreachable(InboxError, ConnectionError):
    """Nobody answers, or the connection broke."""

    wording = (
        "Das Postfach auf {host} ist nicht erreichbar: {reason}. "
        "Es ist nichts verloren; der nächste Lauf macht weiter."
    )


class InboxCertificateRefused(InboxError):
    """The server's certificate does not prove that it is the server we mean."""

    wording = (
        "Das Zertifikat des Servers {host} wird nicht anerkannt: {reason}. "
        "Ohne gültiges Zertifikat wird nichts gelesen; bitte prüfen Sie [inbox] host "
        "oder geben Sie ca_file an."
    )


class InboxLoginRefused(InboxError, PermissionError):
    """The server does not take our user name or password."""

    exit_code = ExitCode.CONFIGURATION
    wording = (
        "Der Server {host} lehnt die Anmeldung am Postfach ab: {reason}. "
        "Bitte prüfen Sie [inbox] user und das Passwort."
    )


class InboxFolderMissing(InboxError):
    """A folder that the settings name does not exist."""

    exit_code = ExitCode.CONFIGURATION
    wording = (
        "Der Ordner im Postfach auf {host} lässt sich nicht öffnen: {reason}. "
        "Bitte prüfen Sie [inbox] folder."
    )


class InboxBusy(InboxError):
    """The server said "later"."""

    exit_code = ExitCode.TRY_AGAIN
    wording = (
        "Der Server {host} bittet um Geduld: {reason}. "
        "Bitte versuchen Sie es später noch einmal; es ist nichts verloren."
    )
