"""``mia preview``: a letter as one reader would get it, without sending anything.

The message is made by the very functions that make real ones; only its reader is
invented. Nothing is written into the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click

from mailer.commands import inviting
from mailer.commands.days import DayOrNumber
from mailer.commands.invite import easy_words_option, words_option
from mailer.commands.rehearsing import rehearse
from mailer.commands.terminal import note
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.update_facts import UpdateFacts
from mailer.errors import CannotCreate
from mailer.outbox import composing
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
    from datetime import date

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.outbox.composing import Composed

READER_NAME: Final = "Vorname Nachname"
READER: Final = "person@netz.example"
"""Who a previewed letter is written to; names that end in .example reach nobody."""

PARTNER: Final = Entry(
    "Name der Einrichtung", "Arbeitsfeld", (f"{READER_NAME}, Funktion",)
)
"""For whom that reader speaks, in a letter to partners."""


@click.command(
    epilog="Beispiel: mia preview invitation --meeting 2026-12-03 --style easy --out x"
)
@click.argument(
    "kind", type=click.Choice([kind.value for kind in EditionKind]), metavar="ART"
)
@click.option(
    "--meeting",
    "which",
    type=DayOrNumber(),
    metavar="TAG|NUMMER",
    help=(
        "Vorgabe: das nächste Treffen, bei holiday der nächste Ausfall; bei "
        "network_update ein Tag des Quartals, Vorgabe: heute."
    ),
)
@click.option("--series", "series_key", metavar="REIHE", help="Nur diese Terminreihe.")
@click.option(
    "--style",
    type=click.Choice([style.value for style in LetterStyle]),
    default=LetterStyle.STANDARD.value,
    help="Fassung: standard oder easy (Leichte Sprache).",
)
@words_option
@easy_words_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ORDNER",
    help="Ordner für Nachricht, Texte und Kalenderdatei; ohne ihn nur der Text.",
)
@click.pass_obj
def preview(  # noqa: PLR0913 - one parameter per option
    front: Front,
    *,
    kind: str,
    which: date | int | None,
    series_key: str | None,
    style: str,
    words: TextIO | None,
    easy_words: TextIO | None,
    out: Path | None,
) -> None:
    """Einen Brief ansehen, ohne zu senden.

    ART ist invitation (Einladung), reminder (Erinnerung), holiday (Terminausfall),
    update (Änderung), cancellation (Absage), reinstatement (findet doch statt) oder
    network_update (Netzwerk-Info). Hat sich nichts geändert, wird eine Änderung
    angenommen.

    Gezeigt wird, was eine erfundene Person bekäme; Schreibfehler in einer Vorlage und
    schlecht lesbare Stellen fallen so früh auf.
    """
    app = front.application()
    now = app.clock.now()
    with app.database.transaction() as db:
        rehearsal = rehearse(db, app, EditionKind(kind), which, series_key, now=now)
        drafting.reword(
            rehearsal.edition,
            words=words.read() if words else None,
            easy_words=easy_words.read() if easy_words else None,
        )
        composed = composing.compose(
            db, rehearsal.edition, app.press, now=rehearsal.sent_at
        )
        db.rollback()
    if rehearsal.supposed:
        note(rehearsal.supposed)
    show(app, composed, LetterStyle(style), out)


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
