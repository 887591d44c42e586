"""Where passwords and keys come from: never from the file, never from argv.

Four ways, in this order: environment variable, systemd credential, a file, the
output of a command.

Source: systemd.exec(5), "Credentials": a folder named by ``CREDENTIALS_DIRECTORY``.
"""

from __future__ import annotations

import shlex
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from mailer.settings.origins import Origin, OriginKind
from mailer.settings.parsers import Unfit
from subscribers.errors import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND_SECONDS: Final = 10
"""A password manager that needs longer waits for somebody who is not there."""

MOST_BYTES: Final = 4096
"""More is no secret, but the wrong file."""

SECRET_BYTES: Final = 32
"""As long as the hash behind the tokens (RFC 2104, section 3)."""


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where one secret may come from.

    Attributes:
        key: Its dotted name, "smtp.password".
        variable: Its environment variable.
        credential: Its systemd credential.
        file: Value of its ``…_file`` key; empty if not set.
        command: Value of its ``…_command`` key; empty if not set.
    """

    key: str
    variable: str
    credential: str
    file: str
    command: str

    @property
    def ways(self) -> str:
        """German: the four ways to give it."""
        return (
            f"Möglich sind: die Umgebungsvariable {self.variable}, eine Datei "
            f"({self.key.rpartition('.')[2]}_file), ein Befehl "
            f"({self.key.rpartition('.')[2]}_command) oder das systemd-Credential "
            f"„{self.credential}“"
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and where it came from; it never shows itself.

    Attributes:
        text: The secret; empty if none is set.
        warning: A German sentence; empty if all is well.
    """

    text: str
    origin: Origin
    warning: str = ""

    @override
    def __repr__(self) -> str:
        """Hide the text."""
        return f"Secret({self.origin})"


def find(place: SecretPlace, environ: Mapping[str, str], folder: Path) -> Secret:
    """Return the secret of *place*, read where it lies.

    Args:
        place: Where it may come from.
        environ: The environment.
        folder: Where relative paths begin and commands run.

    Raises:
        Unfit: It cannot be read.
    """
    if environ.get(place.variable):
        text = environ[place.variable]
        return Secret(text, Origin(OriginKind.ENVIRONMENT, place.variable))
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / place.credential).is_file():
        text, _ = _from_file(Path(credentials) / place.credential)
        return Secret(text, Origin(OriginKind.CREDENTIAL, place.credential))
    if place.file and place.command:
        raise Unfit("Bitte geben Sie nur eines an: die Datei oder den Befehl.")
    if place.file:
        path = folder / place.file
        text, warning = _from_file(path)
        return Secret(text, Origin(OriginKind.SECRET_FILE, str(path)), warning)
    if place.command:
        text = from_command(place.command, environ, folder)
        return Secret(text, Origin(OriginKind.SECRET_COMMAND, f"{place.key}_command"))
    return Secret("", Origin(OriginKind.DEFAULT))


def as_key(secret: Secret) -> bytes:
    """Return the bytes of a key written in hexadecimal digits.

    Raises:
        Unfit: It is none, or too short.
    """
    try:
        found = bytes.fromhex(secret.text)
    except ValueError:
        found = b""
    if len(found) < SECRET_BYTES:
        is_named = secret.origin.kind is OriginKind.ENVIRONMENT  # by the caller
        where = "" if is_named else f" ({secret.origin.german})"
        raise Unfit(
            f"Der geheime Schlüssel{where} ist unbrauchbar: Er hat mindestens 64 "
            "Ziffern von 0 bis 9 und a bis f. Einen neuen macht „openssl rand -hex "
            "32“; mit einem neuen gelten alte Abmelde-Links nicht mehr."
        )
    return found


def _from_file(path: Path) -> tuple[str, str]:
    """Return the first line of *path*, and a warning if others can read it."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
            mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise Unfit(
            f"Die Datei {path} kann nicht gelesen werden: {spoken(error)}."
        ) from None
    if not mode & stat.S_IROTH:
        return _text(content, str(path)), ""
    return _text(content, str(path)), (
        f"Die Datei {path} mit einem Geheimnis ist für alle lesbar. "
        f"Bitte schützen Sie sie: chmod 600 {path}"
    )


def from_command(command: str, environ: Mapping[str, str] | None, folder: Path) -> str:
    """Return the one line that *command* prints.

    Args:
        environ: None runs it in the environment of this process.

    Raises:
        Unfit: It fails, or what it prints is no secret.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise Unfit("Die Anführungszeichen im Befehl passen nicht zusammen.")
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            words,
            check=False,
            cwd=folder,
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Unfit(
            f"Der Befehl „{words[0]}“ antwortet nicht in {COMMAND_SECONDS} Sekunden."
        ) from None
    except OSError as error:
        raise Unfit(
            f"Der Befehl „{words[0]}“ kann nicht gestartet werden: {spoken(error)}."
        ) from None
    if done.returncode:
        raise Unfit(f"Der Befehl „{words[0]}“ endet mit dem Fehler {done.returncode}.")
    return _text(done.stdout, f"Ausgabe von „{words[0]}“")


def _text(content: bytes, where: str) -> str:
    """Return the one line that a secret has; say where it lies, never what it is."""
    if len(content) > MOST_BYTES:
        raise Unfit(f"{where}: Das ist zu lang für ein Geheimnis.")
    try:
        text = content.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise Unfit(f"{where}: Das Geheimnis ist nicht in UTF-8 gespeichert.") from None
    if not text:
        raise Unfit(f"{where}: Hier steht nichts.")
    if not text.isprintable():
        raise Unfit(f"{where}: Das Geheimnis hat mehr als eine Zeile.")
    return text
