"""``mia invite``: from the next meeting to everybody's mailbox, in one command."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, TextIO

import click

from mailer.commands import inviting, sending
from mailer.commands.days import DayOrNumber
from mailer.commands.meeting_choice import Choice, get_meeting, make_missing
from mailer.commands.terminal import agrees, count, note, yes_option
from mailer.coordination import releasing
from mailer.coordination.office import Office
from mailer.editions import drafting
from mailer.editions.kinds import EditionKind
from mailer.editions.states import EditionState
from mailer.errors import ExitCode, PlanRefused, UsageRefused
from mailer.logs import LogEvent, log
from mailer.meetings import planning
from mailer.meetings.states import MeetingState
from mailer.outbox import composing, issuing
from mailer.rounds import calendar
from subscribers.address import EmailAddress

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.commands.inviting import Proposal
    from mailer.editions.models import EditionId
    from mailer.meetings.models import Meeting
    from subscribers.database import Db

words_option = click.option(
    "--words",
    type=click.File(encoding="utf-8"),
    help="Eigener Text für die Einladung (Markdown); „-“ liest die Eingabe.",
)
easy_words_option = click.option(
    "--easy-words",
    type=click.File(encoding="utf-8"),
    help="Derselbe Text in Leichter Sprache, ein Satz in jeder Zeile.",
)


@click.command(
    epilog="\b\nBeispiele:\n  mia invite --dry-run\n"
    "  mia invite --meeting 2026-12-03 --yes"
)
@click.option(
    "--meeting",
    "which",
    type=DayOrNumber(),
    metavar="TAG|NUMMER",
    help="Vorgabe: das nächste Treffen.",
)
@click.option("--series", "series_key", metavar="REIHE", help="Nur diese Terminreihe.")
@words_option
@easy_words_option
@click.option(
    "--dry-run", "-n", is_flag=True, help="Alles zeigen und prüfen, nichts ändern."
)
@click.option(
    "--test",
    "test_address",
    metavar="ADRESSE",
    help="Beide Fassungen nur an diese Adresse senden.",
)
@yes_option
@click.pass_obj
def invite(  # noqa: PLR0913 - one parameter per option
    front: Front,
    which: date | int | None,
    series_key: str | None,
    words: TextIO | None,
    easy_words: TextIO | None,
    test_address: str | None,
    *,
    dry_run: bool,
    is_agreed: bool,
) -> ExitCode | None:
    """Zum nächsten Treffen einladen.

    Zeigt, wer wann wohin eingeladen wird, prüft die Briefe, fragt, sendet und sagt am
    Ende, was daraus wurde. Ein zweiter Aufruf sendet nichts doppelt.
    """
    app = front.application()
    test = EmailAddress.parse(test_address) if test_address is not None else None
    now = app.clock.now()
    with app.database.transaction("draft") as db:
        meeting = the_meeting(db, app, which, series_key, now)
        edition = drafting.draft(db, EditionKind.INVITATION, meeting, now=now)
        drafting.reword(
            edition,
            words=words.read() if words else None,
            easy_words=easy_words.read() if easy_words else None,
        )
        proposal = inviting.propose(db, app, edition, now=now)
        is_on_its_way = edition.state not in {EditionState.DRAFT, EditionState.APPROVED}
        if dry_run:
            db.rollback()
    click.echo(inviting.shown(proposal, app))
    if is_on_its_way and test is None:
        return _go_on(app, proposal, is_dry=dry_run)
    composing.refuse_unreadable(proposal.composed)
    if app.settings.smtp.host or not dry_run:
        note(inviting.server_line(app))
    if test is not None:
        return _test(app, proposal, test, is_dry=dry_run)
    if dry_run:
        note("Probelauf: es wurde nichts gesendet und nichts geändert.")
        return None
    return _invite(app, proposal, is_agreed=is_agreed)


def the_meeting(
    db: Db,
    app: Application,
    which: date | int | None,
    series_key: str | None,
    now: datetime,
) -> Meeting:
    """Return the meeting that is meant, with all rows of the near future made."""
    for sentence in calendar.prepare(db, app.press, now=now):
        note(f"Hinweis: {sentence}")
    if which is not None:
        choice = Choice(which, series_key, MeetingState.PLANNED)
        make_missing(db, app, choice, now=now)
        return get_meeting(db, app, choice)
    keys = [one.key for one in app.settings.series if series_key in (None, one.key)]
    meeting = planning.next_meeting(db, keys, now=now)
    if meeting is None:
        raise PlanRefused(
            "Es ist kein Treffen geplant, zu dem eingeladen werden kann. "
            "Die Termine zeigt „mia meetings list“."
        )
    return meeting


def _invite(app: Application, proposal: Proposal, *, is_agreed: bool) -> ExitCode:
    """Ask, issue and send."""
    if not proposal.total:
        raise PlanRefused(
            "Noch bekommt niemand Einladungen; es wurde nichts gesendet. Personen "
            "tragen Sie mit „mia subscribers add“ oder „mia subscribers import“ ein."
        )
    people = count(proposal.total, "Person", "Personen")
    if not is_agreed:
        if not sys.stdin.isatty():
            raise UsageRefused(
                "Hier kann niemand gefragt werden. Bitte bestätigen Sie mit „--yes“; "
                "es wurde nichts gesendet."
            )
        if not agrees(f"Diese Einladung jetzt an {people} senden?"):
            raise click.Abort
    if missing := _issue(app, proposal.edition_id):
        note(inviting.releases_missing(missing))
        return ExitCode.TRY_AGAIN
    return sending.send(app, [proposal.occasion])


def _issue(app: Application, edition_id: EditionId) -> list[str]:
    """Approve and issue in one transaction; what another program did stands.

    Returns:
        Whose release is missing; nothing is issued then.
    """
    now = app.clock.now()
    number = 0
    with app.database.transaction("issue") as db:
        edition = drafting.get(db, edition_id)
        if edition.state is EditionState.DRAFT:
            missing = releasing.by_command(db, Office.of(app.press), edition, now=now)
            if missing:
                return missing
        if edition.state is EditionState.APPROVED:
            number = issuing.issue(db, edition, app.press, now=now)
    log(LogEvent.EDITION_ISSUED, edition=edition_id, deliveries=number)
    return []


def _go_on(app: Application, proposal: Proposal, *, is_dry: bool) -> ExitCode | None:
    """Send what is still open of an invitation that is on its way."""
    note("Diese Einladung ist schon auf dem Weg; niemand bekommt sie doppelt.")
    return None if is_dry else sending.send(app, [proposal.occasion])


def _test(
    app: Application, proposal: Proposal, test: EmailAddress, *, is_dry: bool
) -> ExitCode | None:
    """Send both styles to one address that the operator named."""
    if is_dry:
        note(f"Probelauf: an {test.text} ginge je eine Nachricht in beiden Fassungen.")
        return None
    with app.database.transaction() as db:
        occasions = inviting.enqueue_test(
            db, app, proposal, test, nonce=secrets.token_hex(4), now=app.clock.now()
        )
    return sending.send(app, occasions)
