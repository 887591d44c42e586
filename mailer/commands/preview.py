"""``mia preview``: a letter as one reader would get it, without sending anything.

The message is made by the very functions that make real ones; only its reader is
invented. Nothing is written into the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from mailer.commands import letter_files, rehearsing
from mailer.commands.days import DayOrNumber
from mailer.commands.invite import easy_words_option, words_option
from mailer.commands.terminal import note
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.outbox import composing
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from datetime import date

    from mailer.commands.front import Front


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
        rehearsal = rehearsing.rehearse(
            db, app, EditionKind(kind), which, series_key, now=now
        )
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
    letter_files.show(app, composed, LetterStyle(style), out)
