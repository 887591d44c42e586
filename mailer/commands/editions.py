"""``mia editions``: what we are about to say, and what was said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from mailer.commands import inviting, letter_files, sending
from mailer.commands.invite import easy_words_option, words_option
from mailer.commands.terminal import (
    agrees,
    count,
    json_option,
    note,
    number,
    show_json,
    table,
    yes_option,
)
from mailer.editions import drafting
from mailer.editions.kinds import KINDS
from mailer.editions.states import EditionEvent, EditionState
from mailer.errors import ExitCode, UsageRefused
from mailer.german import full_day
from mailer.logs import LogEvent, log
from mailer.outbox import composing, interventions, issuing, report
from mailer.rounds import calendar, drafts
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.editions.models import Edition
    from mailer.outbox.report import Tally
    from subscribers.database import Db

number_argument = click.argument("edition_id", type=int, metavar="NUMMER")


@click.group()
def editions() -> None:
    """Aussendungen vorbereiten, ansehen, freigeben und zurückziehen."""


@editions.command()
@click.pass_obj
def plan(front: Front) -> None:
    """Termine fortschreiben und für alles, was fällig ist, einen Entwurf anlegen."""
    app = front.application()
    now = app.clock.now()
    with app.database.transaction() as db:
        for sentence in calendar.prepare(db, app.press, now=now):
            note(f"Hinweis: {sentence}")
        expected = calendar.expected(db, app.press, now=now)
        wanted = drafts.to_be_drafted(db, expected, now=now)
        made = [drafting.draft_due(db, due, now=now) for due in wanted]
        rows = [_row(db, app, edition) for edition in made]
    for edition in made:
        log(LogEvent.EDITION_DRAFTED, edition=edition.id, kind=edition.kind)
    if rows:
        click.echo(table(rows, _HEADERS))
        note("Ansehen: mia editions preview NUMMER. Senden: mia invite.")
    else:
        note("Nichts ist fällig.")


@editions.command("list")
@json_option
@click.pass_obj
def list_(front: Front, *, as_json: bool) -> None:
    """Alle Aussendungen zeigen, die neueste zuerst."""
    app = front.application()
    with app.database.reading() as db:
        found = drafting.all_editions(db)
        if as_json:
            show_json([_json(db, app, edition) for edition in found])
            return
        rows = [_row(db, app, edition) for edition in found]
    if rows:
        click.echo(table(rows, _HEADERS))
    else:
        note("Es gibt noch keine Aussendung. Die nächste plant „mia editions plan“.")


@editions.command()
@number_argument
@json_option
@click.pass_obj
def show(front: Front, edition_id: int, *, as_json: bool) -> None:
    """Eine Aussendung zeigen: Stand, eigener Text, Zustellungen."""
    app = front.application()
    with app.database.reading() as db:
        edition = drafting.get(db, edition_id)
        if as_json:
            show_json(_json(db, app, edition))
            return
        click.echo(table([_row(db, app, edition)], _HEADERS))
        for title, words in (
            ("Eigener Text", edition.words),
            ("In Leichter Sprache", edition.easy_words),
        ):
            if words:
                click.echo(f"\n{title}:\n{words}")
        told = report.tally(db, [edition.occasion])
        if told.total:
            click.echo(f"\n{_deliveries(told)}")


@editions.command()
@number_argument
@click.option(
    "--style",
    type=click.Choice([style.value for style in LetterStyle]),
    default=LetterStyle.STANDARD.value,
    help="Fassung: standard oder easy (Leichte Sprache).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Ordner für Nachricht, Texte und Kalenderdatei.",
)
@click.pass_obj
def preview(front: Front, edition_id: int, style: str, out: Path | None) -> None:
    """Zeigen, was die Aussendung sagt; mit --out als Dateien."""
    app = front.application()
    chosen = LetterStyle(style)
    with app.database.reading() as db:
        edition = drafting.get(db, edition_id)
        composed = composing.compose(db, edition, app.press, now=app.clock.now())
    letter_files.show(app, composed, chosen, out)


@editions.command()
@number_argument
@click.option(
    "--second",
    "with_second",
    is_flag=True,
    help="Auch die zweite Freigabe eintragen, zum Beispiel auf Papier gegeben.",
)
@click.pass_obj
def approve(front: Front, edition_id: int, *, with_second: bool) -> ExitCode | None:
    """Einen Entwurf freigeben; er geht hinaus, wenn er fällig ist.

    Zählt als Freigabe der Koordinatorin. Muss laut Einstellungen (second_release) noch
    jemand freigeben, bekommt diese Person den Entwurf und antwortet darauf.
    """
    from mailer.coordination import releasing  # noqa: PLC0415 - only here
    from mailer.coordination.office import Office  # noqa: PLC0415 - only here

    app = front.application()
    now = app.clock.now()
    with app.database.transaction() as db:
        edition = drafting.get(db, edition_id)
        if edition.meeting is not None:
            drafting.check_meeting(edition.meeting, now=now)
        office = Office.of(app.press)
        missing = releasing.by_command(
            db, office, edition, with_second=with_second, now=now
        )
    if missing:
        note(inviting.releases_missing(missing))
        return ExitCode.TRY_AGAIN
    log(LogEvent.EDITION_APPROVED, edition=edition_id)
    note(
        f"Aussendung {edition_id} ist freigegeben und geht hinaus, wenn sie fällig "
        "ist. Eine Einladung sofort senden: mia invite."
    )
    return None


@editions.command()
@number_argument
@words_option
@easy_words_option
@click.pass_obj
def reword(
    front: Front,
    edition_id: int,
    *,
    words: TextIO | None,
    easy_words: TextIO | None,
) -> None:
    """Einem Entwurf eigenen Text geben.

    War er freigegeben, muss er es noch einmal werden. Wer ihn per E-Mail bekommen hat,
    bekommt ihn neu.
    """
    from mailer.coordination.drafts import send_draft  # noqa: PLC0415 - only here
    from mailer.coordination.office import Office  # noqa: PLC0415 - only here

    if words is None and easy_words is None:
        raise UsageRefused("Bitte nennen Sie den Text mit --words oder --easy-words.")
    app = front.application()
    now = app.clock.now()
    with app.database.transaction() as db:
        edition = drafting.get(db, edition_id)
        drafting.reword(
            edition,
            words=words.read() if words else None,
            easy_words=easy_words.read() if easy_words else None,
        )
        if edition.state is EditionState.APPROVED:
            drafting.move(edition, EditionEvent.RECALL, now=now)
        is_shown = edition.draft_version > 0 and send_draft(
            db, Office.of(app.press), edition, now=now
        )
    told = "; der neue Entwurf geht an die Koordinatorin" if is_shown else ""
    note(f"Der Text von Aussendung {edition_id} ist geändert{told}.")


@editions.command()
@number_argument
@yes_option
@click.pass_obj
def withdraw(front: Front, edition_id: int, *, is_agreed: bool) -> None:
    """Eine Aussendung zurückziehen: was noch nicht gesendet ist, bleibt hier."""
    app = front.application()
    with app.database.reading() as db:
        drafting.get(db, edition_id)
    if not is_agreed and not agrees(f"Aussendung {edition_id} wirklich zurückziehen?"):
        raise click.Abort
    with app.database.transaction() as db:
        edition = drafting.get(db, edition_id)
        stopped = issuing.withdraw(db, edition, now=app.clock.now())
    log(LogEvent.EDITION_WITHDRAWN, edition=edition_id, skipped=stopped)
    told = count(stopped, "Zustellung", "Zustellungen")
    note(f"Aussendung {edition_id} ist zurückgezogen; {told} nicht gesendet.")


@editions.command("resend-missed")
@number_argument
@yes_option
@click.pass_obj
def resend_missed(front: Front, edition_id: int, *, is_agreed: bool) -> ExitCode | None:
    """Nur denen noch einmal senden, die sie verpasst haben.

    Abgelehnt, übersprungen oder zu spät: wo der Grund vorbei ist, geht der Brief noch
    einmal hinaus. Wer ihn hat oder haben könnte, bekommt keinen zweiten.
    """
    app = front.application()
    now = app.clock.now()
    with app.database.reading() as db:
        edition = drafting.get(db, edition_id)
        drafting.require(edition, EditionEvent.EXTEND)
        again, lost = interventions.missed(db, edition.occasion, now=now)
        occasion = edition.occasion
    for state, one in again.items():
        note(f"{report.GERMAN[state]}: {number(one)}, jetzt noch einmal.")
    if lost:
        people = count(lost, "Person bekommt", "Personen bekommen")
        note(f"{people} den Brief auch jetzt nicht: der Grund gilt noch.")
    if not again:
        note("Es gibt niemanden, an den noch einmal gesendet werden könnte.")
        return None
    people = count(sum(again.values()), "Person", "Personen")
    if not is_agreed and not agrees(f"Jetzt noch einmal an {people} senden?"):
        raise click.Abort
    with app.database.transaction() as db:
        edition = drafting.get(db, edition_id)
        owed = issuing.resend_missed(db, edition, now=now)
    log(LogEvent.EDITION_ISSUED, edition=edition_id, deliveries=owed)
    return sending.send(app, [occasion])


_HEADERS = ["Nummer", "Art", "Worüber", "Stand", "Zustellungen"]


def _row(db: Db, app: Application, edition: Edition) -> tuple[object, ...]:
    told = report.tally(db, [edition.occasion])
    return (
        edition.id,
        KINDS[edition.kind].german,
        _subject(app, edition),
        drafting.GERMAN[edition.state],
        number(told.total) if told.total else None,
    )


def _subject(app: Application, edition: Edition) -> str | None:
    """Return what an edition is about: a day, or a quarter."""
    if edition.quarter is not None:
        return edition.quarter.german
    if edition.meeting is None:
        return full_day(edition.day) if edition.day else None
    zone = app.settings.series[0].zone
    return full_day(edition.meeting.starts_at.astimezone(zone))


def _deliveries(told: Tally) -> str:
    rows = [(report.GERMAN[state], number(one)) for state, one in told.states.items()]
    return table(rows, ["Zustellungen", "Anzahl"])


def _json(db: Db, app: Application, edition: Edition) -> dict[str, object]:
    zone = app.settings.series[0].zone
    meeting = edition.meeting
    told = report.tally(db, [edition.occasion])
    times = {
        f"{state.value}_at": getattr(edition, f"{state.value}_at")
        for state in EditionState
        if state is not EditionState.DRAFT
    }
    return {
        "id": edition.id,
        "kind": edition.kind.value,
        "state": edition.state.value,
        "meeting": meeting.starts_at.astimezone(zone).isoformat() if meeting else None,
        "quarter": edition.quarter.first.isoformat() if edition.quarter else None,
        "created_at": edition.created_at.isoformat(),
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "deliveries": {state.value: one for state, one in told.states.items()},
    }
