"""``mia news``: what the next network update may tell, and what it will."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mailer.commands import news_rows, people_options
from mailer.commands.days import Day
from mailer.commands.inbox import content_of
from mailer.commands.list_files import STANDARD_INPUT
from mailer.commands.terminal import Between, count, json_option, note, show_json
from mailer.coordination import contributors
from mailer.coordination.office import Office
from mailer.errors import PlanRefused, UsageRefused
from mailer.german import full_day, sentence
from mailer.logs import LogEvent, log
from mailer.network import contributing, files, gathered, quarters
from mailer.network.kinds import ContributionKind
from mailer.network.states import ContributionState
from subscribers import partners
from subscribers.errors import ForbiddenTransition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.network.files import Checked
    from mailer.network.models import Contribution
    from subscribers.database import Db

KINDS: Final = {
    "news": ContributionKind.NEWS,
    "result": ContributionKind.RESULT,
    "question": ContributionKind.QUESTION,
}

number_argument = click.argument("contribution_id", metavar="NUMMER", type=int)


@click.group()
def news() -> None:
    """Meldungen für die Netzwerk-Info: ansehen, eintragen, entscheiden."""


@news.command("list")
@click.option("--waiting", is_flag=True, help="Nur, was noch zu entscheiden ist.")
@click.option(
    "--quarter",
    "day",
    type=Day(),
    metavar="TAG",
    help="Nur das Quartal mit diesem Tag.",
)
@json_option
@click.pass_obj
def list_(front: Front, day: date | None, *, waiting: bool, as_json: bool) -> None:
    """Zeigen, was eingegangen ist und was daraus wird."""
    app = front.application()
    states = (ContributionState.WAITING,) if waiting else tuple(ContributionState)
    quarter = quarters.quarter_of(day) if day is not None else None
    with app.database.reading() as db:
        found = gathered.everything(db, states=states, quarter=quarter)
        if as_json:
            show_json([news_rows.as_json(one) for one in found])
            return
        shown = news_rows.as_table(found, people_options.zone(app)) if found else ""
    if shown:
        click.echo(shown)
        note(f"{count(len(found), 'Meldung', 'Meldungen')}.")
    else:
        note("Keine Meldung gefunden.")


@news.command()
@number_argument
@json_option
@click.pass_obj
def show(front: Front, contribution_id: int, *, as_json: bool) -> None:
    """Alles über eine Meldung zeigen."""
    app = front.application()
    with app.database.reading() as db:
        row = contributing.get(db, contribution_id)
        if as_json:
            show_json(news_rows.as_json(row))
            return
        lines = news_rows.as_lines(row, people_options.zone(app))
    click.echo("\n".join(lines))


@news.command(
    epilog="\b\nBeispiele:\n  mia news add 'Das Bürgerbüro hat jetzt eine Rampe.'\n"
    "  mia news add --kind result --participants 14 'Der Bus hält am Markt.'"
)
@click.argument("text", metavar="TEXT")
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="news",
    help="Meldung (news), Ergebnis (result) oder Frage an die Partner (question).",
)
@click.option("--title", default="", metavar="TEXT", help="Überschrift.")
@click.option("--partner", metavar="EINRICHTUNG", help="Wer es zu sagen hat.")
@click.option(
    "--meeting", "day", type=Day(), metavar="TAG", help="Von welchem Treffen."
)
@click.option("--participants", type=Between(0, 9999), help="Wie viele da waren.")
@click.option(
    "--file",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Eine Datei.",
)
@click.option("--description", default="", metavar="TEXT", help="Was das Bild zeigt.")
@click.pass_obj
def add(front: Front, /, text: str, **given: Any) -> None:  # noqa: ANN401 - Click's options
    """Eine Meldung eintragen; sie ist damit übernommen.

    Der Text ist Markdown; „-“ liest ihn von der Eingabe.
    """
    app = front.application()
    now = app.clock.now()
    words = content_of(STANDARD_INPUT).decode() if text == "-" else text
    checked = _file(app, given["source"]) if given["source"] else ()
    if any(one.media_type.startswith("image/") for one in checked):
        _require_description(given["description"])
    with app.database.transaction() as db:
        offered = _offered(db, app, words.strip(), given, files=checked)
        quarter = quarters.quarter_of(now.astimezone(people_options.zone(app)).date())
        row = contributing.enter(db, offered, quarter, now=now)
        if row is None:
            raise PlanRefused("Diese Meldung liegt schon vor, mit denselben Worten.")
        contributing.accept(row, now=now)
        number = row.id
    log(LogEvent.CONTRIBUTION_OFFERED, contribution=number, files=len(checked))
    log(LogEvent.CONTRIBUTION_DECIDED, contribution=number)
    click.echo(
        f"Notiert als Nummer {number}, für die Netzwerk-Info über "
        f"{quarters.named(quarter)}."
    )


@news.command()
@number_argument
@click.pass_obj
def accept(front: Front, contribution_id: int) -> None:
    """Eine Meldung so übernehmen."""
    app = front.application()
    with _deciding(app, contribution_id) as (_, row):
        contributing.accept(row, now=app.clock.now())


@news.command(epilog="Beispiel: mia news shorten 7 'Am 12. Mai ist Fest.'")
@number_argument
@click.argument("text", metavar="TEXT")
@click.pass_obj
def shorten(front: Front, contribution_id: int, text: str) -> None:
    """Eine Meldung mit einem kürzeren Text übernehmen."""
    app = front.application()
    with _deciding(app, contribution_id) as (_, row):
        contributing.shorten(row, text, now=app.clock.now())


@news.command(epilog="Beispiel: mia news decline 7 --reason 'Das ist Werbung.'")
@number_argument
@click.option(
    "--reason", metavar="TEXT", help="Diesen Grund bekommt, wer sie geschickt hat."
)
@click.pass_obj
def decline(front: Front, contribution_id: int, reason: str | None) -> None:
    """Eine Meldung ablehnen; ohne Grund erfährt es niemand."""
    app = front.application()
    now, office = app.clock.now(), Office(app.press, app.keys)
    told = ""
    with _deciding(app, contribution_id) as (db, row):
        contributing.decline(row, now=now)
        if reason:
            words = sentence(reason)
            told = contributors.tell_declined(db, office, row, words, now=now)
    if reason:
        whom = told or "niemanden: Es ist keine Adresse bekannt"
        click.echo(f"Der Grund geht an {whom}.")


@contextmanager
def _deciding(
    app: Application, contribution_id: int
) -> Iterator[tuple[Db, Contribution]]:
    """Let a decision hold, and say where the contribution stands now."""
    with app.database.transaction() as db:
        row = contributing.get(db, contribution_id)
        try:
            yield db, row
        except ForbiddenTransition:
            state = news_rows.STATES[row.state]
            raise PlanRefused(
                f"Meldung {contribution_id} ist schon {state}; daran ist nichts mehr "
                "zu ändern."
            ) from None
        said = f"{contributors.named(row)}: {news_rows.STATES[row.state]}."
    log(LogEvent.CONTRIBUTION_DECIDED, contribution=contribution_id)
    click.echo(said)


def _offered(
    db: Db,
    app: Application,
    text: str,
    given: dict[str, Any],
    *,
    files: tuple[Checked, ...],
) -> contributing.Offered:
    """Return what is written down of the options."""
    if not text:
        raise UsageRefused("Der Text der Meldung fehlt.")
    kind, day = KINDS[given["kind"]], given["day"]
    meeting = None
    if kind is ContributionKind.RESULT:
        zone = people_options.zone(app)
        meeting = contributing.meeting_of_result(
            db, day, zone=zone, now=app.clock.now()
        )
        if meeting is None and day is not None:
            raise PlanRefused(f"Am {full_day(day)}, war kein Treffen.")
    partner = partners.get(db, given["partner"]) if given["partner"] else None
    return contributing.Offered(
        kind,
        text,
        title=given["title"],
        partner_id=partner.id if partner is not None else None,
        meeting_id=meeting.id if meeting is not None else None,
        participants=given["participants"],
        files=files,
        description=given["description"].strip(),
    )


def _file(app: Application, source: Path) -> tuple[Checked, ...]:
    """Return the file as it may be kept."""
    enclosed = files.Enclosed(str(source), content_of(source))
    found = files.check(enclosed, files.Limits.of(app.settings))
    if isinstance(found, files.Unfit):
        raise PlanRefused(found.why)
    return (found,)


def _require_description(description: str) -> None:
    if not description.strip():
        raise UsageRefused(
            "Was zeigt das Bild? Bitte sagen Sie es mit --description für alle, die es "
            "nicht sehen."
        )
