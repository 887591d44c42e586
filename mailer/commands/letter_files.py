"""A letter as an invented reader gets it: on the screen, or as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from mailer.commands import inviting
from mailer.commands.terminal import note
from mailer.editions.update_facts import UpdateFacts
from mailer.errors import CannotCreate
from mailer.outbox.addressing import parcel_for, person_for, personal_for
from mailer.outbox.ledger import Claim
from mailer.outbox.letterhead import Letterhead
from mailer.outbox.models import DeliveryId
from mailer.rendering.accessibility import check
from mailer.rendering.letter import fill
from subscribers.address import EmailAddress
from subscribers.audience import Recipient
from subscribers.errors import spoken
from subscribers.models import MailboxId
from subscribers.partners import Entry
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mailer.application import Application
    from mailer.outbox.composing import Composed

READER_NAME: Final = "Vorname Nachname"
READER: Final = "person@netz.example"
"""Who a previewed letter is written to; names that end in .example reach nobody."""

PARTNER: Final = Entry(
    "Name der Einrichtung", "Arbeitsfeld", (f"{READER_NAME}, Funktion",)
)
"""For whom that reader speaks, in a letter to partners."""


def show(
    app: Application, composed: Composed, style: LetterStyle, out: Path | None
) -> None:
    """Print a letter as an invented reader gets it, or write it to the folder *out*.

    Raises:
        CannotCreate: The folder or a file cannot be written.
    """
    letter = composed.letters[style]
    for finding in check(letter, composed.facts, style):
        note(inviting.said(finding))
    files = rendered(app, composed, style)
    if out is None:
        click.echo(files["subject.txt"].decode())
        click.echo(files["body.txt"].decode(), nl=False)
        return
    write(out, files)
    note(f"In {out} liegen: {', '.join(files)}.")


def rendered(
    app: Application, composed: Composed, style: LetterStyle
) -> Mapping[str, bytes]:
    """Return the files of a preview: name and content."""
    letterhead = Letterhead.of(app.settings, app.keys)
    is_for_partners = isinstance(composed.facts, UpdateFacts)
    claimed = Claim(
        delivery_id=DeliveryId(0),
        occasion="preview",
        style=style,
        message_id=app.press.new_message_id(),
        number=1,
        recipient=Recipient(
            MailboxId(0),
            EmailAddress.parse(READER),
            READER_NAME,
            style,
            is_partner=is_for_partners,
        ),
        token_version=0,
        topic=Topic.NETWORK_UPDATES if is_for_partners else Topic.INVITATIONS,
        entries=(PARTNER,) if is_for_partners else (),
    )
    letter = composed.letters[style]
    parcel = parcel_for(claimed, letter, app.clock.now(), letterhead)
    own = personal_for(claimed, letterhead)
    filled = fill(letter, person_for(own, letterhead))
    files = {
        "message.eml": bytes(parcel.content),
        "subject.txt": f"{filled.subject}\n".encode(),
        "body.html": filled.html.encode(),
        "body.txt": filled.text.encode(),
    }
    if filled.calendar is not None:
        files["meeting.ics"] = filled.calendar
    return files


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write *files* into *folder*, which is made if it is not there.

    Raises:
        CannotCreate: The folder or a file cannot be written.
    """
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.write_bytes(content)
    except OSError as error:
        raise CannotCreate(path, spoken(error)) from None
