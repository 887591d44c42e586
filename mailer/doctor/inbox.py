"""The mailbox we read: can it be opened, and may we move what is settled?

Looking changes nothing: EXAMINE, LIST and MYRIGHTS (RFC 4314).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from imap_tools.utils import encode_folder

from mailer.doctor.diagnosis import Diagnosis, error, fine, hint, refused
from mailer.doctor.relay import PATIENCE, certificate
from mailer.errors import ExitCode, InboxError, InboxFolderMissing
from mailer.inbound.sources.connection import opened, shown, translated
from mailer.settings import InboxMode
from mailer.transport.tls import good_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailer.doctor.patient import Patient
    from mailer.inbound.sources.connection import Connection
    from mailer.settings import Inbox

WHY: Final = "Solange das so ist, bleiben An- und Abmeldungen liegen."

READ: Final = frozenset("r")
TAKE_AWAY: Final = frozenset("te")
"""Mark as deleted and expunge: MOVE needs both (RFC 6851, section 3.3)."""
PUT_IN: Final = frozenset("i")


def server_lets_us_read(patient: Patient) -> Iterator[Diagnosis]:
    """It can be reached and logged in to, and its folder is there."""
    inbox = patient.settings.inbox
    if not inbox.host:
        return  # the group of the settings tells
    hurried = replace(inbox, timeout=min(inbox.timeout, PATIENCE))
    try:
        connection = opened(hurried, patient.settings.path.parent)
    except InboxError as failed:
        yield refused("imap", failed.sentence, WHY, failed.exit_code)
        return
    try:
        yield fine("imap", f"{shown(inbox)} ist bereit, angemeldet als {inbox.user}.")
        until = good_until(connection.protection)
        yield from certificate(until, inbox.host, now=patient.now)
        yield from _folder(connection, inbox)
        yield from _filing(connection, inbox)
        yield from _abilities(connection)
    finally:
        connection.close()


def maildir_can_be_used(patient: Patient) -> Iterator[Diagnosis]:
    """The folders of a Maildir can be read, and written where something is moved."""
    inbox = patient.settings.inbox
    if inbox.maildir is None:
        return
    needed = os.R_OK | os.X_OK | (os.W_OK if inbox.processed_folder else 0)
    bad = [
        str(place)
        for place in (inbox.maildir / "new", inbox.maildir / "cur")
        if not os.access(place, needed)
    ]
    if bad:
        yield error(
            "maildir",
            f"In {', '.join(bad)} dürfen wir nicht lesen oder nichts bewegen.",
            WHY,
            "Bitte geben Sie dem Benutzer, unter dem „mia“ läuft, die Rechte dazu.",
            ExitCode.PERMISSION,
        )
    else:
        yield fine("maildir", f"Das Maildir {inbox.maildir} kann gelesen werden.")


def _folder(connection: Connection, inbox: Inbox) -> Iterator[Diagnosis]:
    """Look into the folder that is read."""
    try:
        with translated(shown(inbox), refused=InboxFolderMissing):
            connection.folder.set(inbox.folder, readonly=True)
            names = [one.name for one in connection.folder.list()]
    except InboxError as failed:
        yield refused("folder", failed.sentence, WHY, failed.exit_code)
        return
    rights = _rights(connection, inbox.folder)
    if rights is not None and not rights >= READ:
        yield _forbidden(inbox.folder, "lesen", ExitCode.PERMISSION)
        return
    yield fine(
        "folder", f"Gelesen wird „{inbox.folder}“ ({len(names)} Ordner in allem)."
    )


def _filing(connection: Connection, inbox: Inbox) -> Iterator[Diagnosis]:
    """Look whether what is settled can be moved away."""
    wished = _wished(inbox)
    if not wished:
        return
    if not connection.abilities & {"MOVE", "UIDPLUS"}:
        yield error(
            "filing",
            "Der Server kann Nachrichten nicht verschieben (MOVE, UIDPLUS).",
            "Was erledigt ist, bliebe im Posteingang liegen.",
            "Bitte setzen Sie [inbox] processed_folder auf einen leeren Text.",
        )
        return
    rights = _rights(connection, inbox.folder)
    if rights is not None and not rights >= TAKE_AWAY:
        yield _forbidden(inbox.folder, "etwas herausnehmen", ExitCode.PERMISSION)
        return
    for name in wished:
        with translated(shown(inbox)):
            exists = connection.folder.exists(name)
        rights = _rights(connection, name) if exists else None
        if rights is not None and not rights >= PUT_IN:
            yield _forbidden(name, "etwas ablegen", ExitCode.PERMISSION)
        elif exists:
            yield fine("filing", f"Erledigtes kommt nach „{name}“.")
        else:
            yield fine("filing", f"„{name}“ wird beim ersten Lauf angelegt.")


def _abilities(connection: Connection) -> Iterator[Diagnosis]:
    if "IDLE" not in connection.abilities:
        yield hint(
            "idle",
            "Der Server meldet neue Post nicht von selbst (IDLE).",
            "Antworten gehen dann bis zu einige Minuten später hinaus.",
            "Es geht auch so; es wird regelmäßig nachgesehen.",
        )


def _wished(inbox: Inbox) -> Sequence[str]:
    """Return the folders that something is moved to."""
    if not inbox.processed_folder:
        return ()
    human = [inbox.human_folder] if inbox.mode is InboxMode.DEDICATED else []
    return [inbox.processed_folder, *human]


def _rights(connection: Connection, folder: str) -> frozenset[str] | None:
    """Return our rights on *folder*; None if the server does not tell them.

    Source: RFC 4314, sections 2.1.1 (the old "d" stands for "t" and "e") and 3.5.
    """
    if "ACL" not in connection.abilities:
        return None
    status, answer = connection.client.myrights(encode_folder(folder).decode())
    if status != "OK" or not answer or not isinstance(answer[-1], bytes):
        return None
    found = frozenset(answer[-1].decode("ascii", "replace").rpartition(" ")[2])
    return found | TAKE_AWAY if "d" in found else found


def _forbidden(folder: str, what: str, code: ExitCode) -> Diagnosis:
    return error(
        "rights",
        f"In „{folder}“ dürfen wir nicht {what}.",
        WHY,
        "Bitte lassen Sie dem Konto die Rechte an diesem Ordner geben.",
        code,
    )


CHECKS: Final = (server_lets_us_read, maildir_can_be_used)
