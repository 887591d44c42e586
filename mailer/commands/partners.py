"""``mia partners``: organisations, and who speaks for them."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import click

from mailer.commands import entering, list_files, people_options, people_rows
from mailer.commands.days import Day
from mailer.commands.people_options import (
    address_argument,
    entering_options,
    evidence_option,
    name_option,
)
from mailer.commands.terminal import count, json_option, note, show_json
from mailer.errors import UsageRefused
from mailer.german import and_list
from mailer.inbound import hearing
from mailer.logs import LogEvent, log
from mailer.meetings.localtime import moment_at
from subscribers import (
    cells,
    exporting,
    importing,
    mailboxes,
    subscription,
)
from subscribers import partners as directory
from subscribers.errors import ImportRefused
from subscribers.states import PartnerState
from subscribers.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mailer.commands.front import Front
    from mailer.errors import ExitCode
    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.models import Partner

organisation_argument = click.argument("organisation", metavar="EINRICHTUNG")


@click.group()
def partners() -> None:
    """Netzwerkpartner: Einrichtungen und ihre Ansprechpersonen."""


@partners.command("list")
@click.option("--field", metavar="ARBEITSFELD", help="Nur dieses Arbeitsfeld.")
@click.option(
    "--state",
    type=click.Choice([one.value for one in PartnerState]),
    help="Nur aktive, ruhende oder ausgeschiedene.",
)
@click.option(
    "--silent-since",
    "silent",
    type=Day(),
    metavar="TAG",
    help="Nur, wer seit diesem Tag weder etwas beigetragen noch geschrieben hat.",
)
@json_option
@click.pass_obj
def list_(
    front: Front,
    field: str | None,
    state: str | None,
    silent: date | None,
    *,
    as_json: bool,
) -> None:
    """Alle Einrichtungen mit ihren Ansprechpersonen zeigen."""
    app = front.application()
    known = app.settings.network.fields_of_work
    chosen = _field(field, known) if field is not None else None
    with app.database.reading() as db:
        wishes = subscription.by_mailbox(db)
        since = moment_at(silent, time(), people_options.zone(app)) if silent else None
        heard = hearing.heard_since(db, since) if since is not None else frozenset()
        found = [
            one
            for one in directory.everybody(db)
            if chosen in {None, one.field_of_work}
            and state in {None, one.state.value}
            and one.id not in heard
        ]
        if as_json:
            show_json([people_rows.partner_json(one, wishes) for one in found])
            return
        shown = people_rows.partners_table(found) if found else ""
    if shown:
        click.echo(shown)
        note(f"{count(len(found), 'Einrichtung', 'Einrichtungen')}.")
    else:
        note("Keine Einrichtung gefunden.")


@partners.command(epilog="Beispiel: mia partners show 'Beispielhaus e. V.'")
@organisation_argument
@json_option
@click.pass_obj
def show(front: Front, organisation: str, *, as_json: bool) -> None:
    """Alles über eine Einrichtung zeigen."""
    app = front.application()
    with app.database.reading() as db:
        partner = directory.get(db, organisation)
        wishes = subscription.by_mailbox(db)
        if as_json:
            show_json(people_rows.partner_json(partner, wishes))
            return
        lines = people_rows.partner_lines(partner, wishes, people_options.zone(app))
    click.echo("\n".join(lines))


@partners.command(
    epilog="\b\nBeispiel:\n  mia partners add 'Haus A' info@haus-a.example \\\n"
    "    --field Beratungsstellen \\\n"
    "    --consent-on 3.12.2026 --consent-by phone --evidence Anruf"
)
@organisation_argument
@address_argument
@click.option(
    "--field", metavar="ARBEITSFELD", help="Nötig, wenn die Einrichtung neu ist."
)
@name_option
@click.option("--role", metavar="TEXT", help="Funktion in der Einrichtung.")
@click.option(
    "--basis", metavar="TEXT", help="Grundlage, zum Beispiel „Benannt im Schreiben“."
)
@entering_options
@click.pass_obj
def add(
    front: Front,
    /,
    organisation: str,
    address: EmailAddress,
    field: str | None,
    **given: Any,  # noqa: ANN401 - Click's options
) -> None:
    """Eine Einrichtung oder eine weitere Ansprechperson eintragen.

    Ohne Namen gilt die Adresse als gemeinsames Postfach der Einrichtung.
    """
    app = front.application()
    now, key = app.clock.now(), app.keys.fingerprint_key
    chosen = _field(field, app.settings.network.fields_of_work) if field else None
    newcomer = entering.newcomer(app, address, tuple(Topic), given)
    delegate = directory.Delegate(
        newcomer=newcomer,
        role=cells.parse_name(given["role"] or "", what="Die Funktion"),
        basis=cells.parse_evidence(given["basis"] or "") or newcomer.entry.evidence,
    )
    with app.database.transaction() as db:
        mailboxes.require_keys(db, key=key)
        is_new, partner = _partner(db, organisation, chosen, now=now)
        entering.lift_own_wish(db, app, newcomer)
        result = directory.enter(db, partner, delegate, key=key, now=now)
    if is_new:
        log(LogEvent.PARTNER_ADDED, partner=partner.id)
    entering.tell(result)


@partners.command(
    epilog="Beispiel: mia partners edit 'Haus A' --field Wohnungswirtschaft"
)
@organisation_argument
@click.option("--name", "new_name", metavar="TEXT", help="Neuer Name der Einrichtung.")
@click.option("--field", metavar="ARBEITSFELD", help="Anderes Arbeitsfeld.")
@click.pass_obj
def edit(
    front: Front, organisation: str, new_name: str | None, field: str | None
) -> None:
    """Namen oder Arbeitsfeld einer Einrichtung ändern."""
    app = front.application()
    if not new_name and not field:
        raise UsageRefused("Was soll sich ändern? Möglich sind --name und --field.")
    with app.database.transaction() as db:
        partner = directory.get(db, organisation)
        if new_name:
            name = cells.parse_name(new_name, what="Die Einrichtung")
            directory.rename(db, partner, name or organisation)
        if field:
            known = app.settings.network.fields_of_work
            partner.field_of_work = _field(field, known)
        said = f"{partner.organisation}, {partner.field_of_work}."
        number = partner.id
    log(LogEvent.PARTNER_CHANGED, partner=number)
    click.echo(said)


@partners.command(
    "edit-contact",
    epilog="Beispiel: mia partners edit-contact info@haus-a.example --role Leitung",
)
@address_argument
@click.option("--name", help="Wer von mehreren am selben Postfach.")
@click.option("--organisation", metavar="TEXT", help="Für welche Einrichtung.")
@click.option("--new-name", metavar="TEXT", help="Neuer Name der Person.")
@click.option("--role", metavar="TEXT", help="Funktion in der Einrichtung.")
@click.option("--basis", metavar="TEXT", help="Grundlage, nach der wir schreiben.")
@click.pass_obj
def edit_contact(front: Front, /, address: EmailAddress, **given: str | None) -> None:
    """Namen, Funktion oder Grundlage einer Ansprechperson ändern.

    Eine andere Adresse ist eine neue Ansprechperson: „mia partners add“ und „end“.
    """
    app = front.application()
    changes = {
        "name": cells.parse_name(given["new_name"] or "", what="Der Name"),
        "role": cells.parse_name(given["role"] or "", what="Die Funktion"),
        "basis": cells.parse_evidence(given["basis"] or ""),
    }
    changes = {key: value for key, value in changes.items() if value}
    if not changes:
        raise UsageRefused(
            "Was soll sich ändern? Möglich sind --new-name, --role und --basis."
        )
    with app.database.transaction() as db:
        mailbox = mailboxes.get(db, address)
        row = directory.get_contact(
            db, mailbox, organisation=given["organisation"], name=given["name"]
        )
        for key, value in changes.items():
            setattr(row, key, value)
        said = f"{people_rows.who(row)}, {row.role or 'ohne Funktion'}."
        number = row.partner_id
    log(LogEvent.PARTNER_CHANGED, partner=number)
    click.echo(said)


@partners.command(
    "import",
    epilog="Spalten: Einrichtung; Arbeitsfeld; Stand der Einrichtung; Ansprechperson; "
    "Funktion; E-Mail; Grundlage; Fassung; Themen; Erinnerung; Einwilligung am; "
    "Einwilligung Weg; Nachweis."
    "\n\n\b\nBeispiel:\n  mia partners import partner.csv --dry-run",
)
@list_files.source_argument
@list_files.import_options
@json_option
@click.pass_obj
def import_(
    front: Front, source: Path, *, dry_run: bool, all_or_nothing: bool, as_json: bool
) -> ExitCode:
    """Einrichtungen und Ansprechpersonen aus einer CSV-Datei eintragen.

    Statt einer Datei liest „-“ die Eingabe.
    """
    app = front.application()
    content, terms = list_files.read(source), list_files.terms(app, source)
    return list_files.run(
        app,
        lambda db: importing.import_contacts(db, content, terms),
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        as_json=as_json,
    )


@partners.command(epilog="Beispiel: mia partners export --out partner.csv")
@list_files.out_option
@click.pass_obj
def export(front: Front, out: Path | None) -> None:
    """Alle Einrichtungen und Ansprechpersonen als CSV-Datei für Excel ausgeben.

    Ausgeschiedene Ansprechpersonen fehlen. „mia partners import“ liest die Datei.
    """
    app = front.application()
    with app.database.reading() as db:
        content = exporting.export_contacts(db, zone=people_options.zone(app))
    list_files.write(content, out)


@partners.command(epilog="Beispiel: mia partners end info@haus-a.example")
@address_argument
@click.option("--name", help="Wer von mehreren am selben Postfach.")
@click.option("--organisation", metavar="TEXT", help="Für welche Einrichtung.")
@evidence_option
@click.pass_obj
def end(
    front: Front,
    address: EmailAddress,
    name: str | None,
    organisation: str | None,
    evidence: str | None,
) -> None:
    """Eine Ansprechperson scheidet aus; alle anderen bleiben."""
    app = front.application()
    now = app.clock.now()
    proof = people_options.operator_entry(now, evidence)
    with app.database.transaction() as db:
        mailbox = mailboxes.get(db, address)
        going = directory.get_contact(db, mailbox, organisation=organisation, name=name)
        shown = f"{people_rows.who(going)}, {going.partner.organisation}"
        ended = directory.end_contact(db, going, proof, now=now)
    _log_ended(mailbox.id, ended)
    names = and_list([cells.TOPIC_NAMES[topic] for topic in ended])
    click.echo(f"Ausgeschieden: {shown}.")
    click.echo(
        f"Beendet: {names}."
        if names
        else "Es gab keine Abos, oder andere lesen an diesem Postfach weiter."
    )


@partners.command(epilog="Beispiel: mia partners leave 'Beispielhaus e. V.'")
@organisation_argument
@evidence_option
@click.pass_obj
def leave(front: Front, organisation: str, evidence: str | None) -> None:
    """Eine Einrichtung verlässt das Netzwerk, mit allen Ansprechpersonen."""
    app = front.application()
    now = app.clock.now()
    proof = people_options.operator_entry(now, evidence)
    with app.database.transaction() as db:
        partner = directory.get(db, organisation)
        gone = directory.leave(db, partner, proof, now=now)
    people = count(len(gone), "Ansprechperson", "Ansprechpersonen")
    click.echo(f"Ausgeschieden: {partner.organisation}, mit {people}.")


@partners.command(epilog="Beispiel: mia partners rest 'Beispielhaus e. V.'")
@organisation_argument
@click.pass_obj
def rest(front: Front, organisation: str) -> None:
    """Eine Einrichtung ruht; ihre Abos bleiben, wie sie sind."""
    _set_state(front, organisation, PartnerState.RESTING, "ruht")


@partners.command(epilog="Beispiel: mia partners resume 'Beispielhaus e. V.'")
@organisation_argument
@click.pass_obj
def resume(front: Front, organisation: str) -> None:
    """Eine Einrichtung ist wieder aktiv; wer ausgeschieden war, bleibt es."""
    _set_state(front, organisation, PartnerState.ACTIVE, "ist wieder aktiv")


def _partner(
    db: Db, organisation: str, field: str | None, *, now: datetime
) -> tuple[bool, Partner]:
    """Return whether the partner is new, and its row; one that had left is back.

    Raises:
        ImportRefused: A new one needs a field of work, a known one has another.
    """
    known = directory.find(db, organisation)
    if known is None:
        name = cells.parse_name(organisation, what="Die Einrichtung")
        if name is None or field is None:
            raise ImportRefused(
                0,
                "Für eine neue Einrichtung fehlt „--field“; welche Arbeitsfelder es "
                "gibt, zeigt „mia config show“",
            )
        return True, directory.get_or_add(db, name, field, now=now)
    if field not in {None, known.field_of_work}:
        raise ImportRefused(
            0,
            f"„{known.organisation}“ ist schon mit dem Arbeitsfeld "
            f"„{known.field_of_work}“ gespeichert",
        )
    if known.state is PartnerState.LEFT:
        directory.set_state(known, PartnerState.ACTIVE)
    return False, known


def _set_state(front: Front, organisation: str, state: PartnerState, said: str) -> None:
    app = front.application()
    with app.database.transaction() as db:
        partner = directory.get(db, organisation)
        directory.set_state(partner, state)
    click.echo(f"{partner.organisation} {said}.")


def _field(text: str, known: Sequence[str]) -> str:
    return cells.parse_choice(text, known, what="Das Arbeitsfeld")


def _log_ended(mailbox_id: int, topics: Sequence[Topic]) -> None:
    for topic in topics:
        log(LogEvent.SUBSCRIPTION_ENDED, mailbox=mailbox_id, topic=topic)
