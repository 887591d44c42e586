"""``mia subscribers``: residents, their wishes, and the proof of their consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailer.commands import (
    asking_for,
    entering,
    list_files,
    people_options,
    people_rows,
)
from mailer.commands.people_options import (
    address_argument,
    entering_options,
    evidence_option,
    name_option,
    style_option,
    topics_option,
)
from mailer.commands.terminal import (
    agrees,
    count,
    json_option,
    note,
    show_json,
    yes_option,
)
from mailer.errors import UsageRefused
from mailer.german import and_list
from mailer.logs import LogEvent, log
from mailer.network import forgetting
from mailer.outbox import reminders
from subscribers import (
    cells,
    consent,
    exporting,
    importing,
    mailboxes,
    models,
    partners,
    people,
    privacy,
    subscription,
    suppression,
)
from subscribers.address import fingerprint
from subscribers.errors import UnknownPerson
from subscribers.states import SubscriptionState
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mailer.application import Application
    from mailer.commands.front import Front
    from mailer.errors import ExitCode
    from subscribers.address import EmailAddress
    from subscribers.models import Subscription


@click.group()
def subscribers() -> None:
    """Abonnentinnen und Abonnenten: ansehen, eintragen, abmelden.

    Post bekommt nur, wessen Einwilligung nachgewiesen ist.
    """


@subscribers.command("list")
@topics_option
@click.option(
    "--state",
    type=click.Choice([state.value for state in SubscriptionState]),
    help="Nur Personen mit einem Abo in diesem Stand: wartet auf das „Ja“, gilt, macht "
    "Pause, nie bestätigt, beendet.",
)
@style_option
@json_option
@click.pass_obj
def list_(
    front: Front,
    topics: Sequence[Topic],
    state: str | None,
    style: str | None,
    *,
    as_json: bool,
) -> None:
    """Alle Personen mit Adresse und Abos zeigen.

    Ansprechpersonen von Einrichtungen zeigt „mia partners list“.
    """
    app = front.application()
    with app.database.reading() as db:
        wishes = subscription.by_mailbox(db)
        suppressed = suppression.suppressed(db)
        found = [
            one
            for one in people.everybody(db)
            if (style is None or one.mailbox.style == style)
            and _fits(wishes.get(one.mailbox_id, ()), topics, state)
        ]
    if as_json:
        show_json(
            [
                people_rows.resident_json(
                    one,
                    wishes.get(one.mailbox_id, ()),
                    suppressed.get(one.mailbox_id),
                )
                for one in found
            ]
        )
    elif found:
        click.echo(people_rows.residents_table(found, wishes, suppressed))
        note(f"{count(len(found), 'Person', 'Personen')}.")
    else:
        note("Niemand gefunden.")


@subscribers.command()
@address_argument
@json_option
@click.pass_obj
def show(front: Front, address: EmailAddress, *, as_json: bool) -> None:
    """Alles zeigen, was zu einer Adresse gespeichert ist."""
    app = front.application()
    zone = people_options.zone(app)
    with app.database.reading() as db:
        mailbox = mailboxes.find(db, address)
        if mailbox is None:
            raise _unknown(app, address)
        person = people.find(db, mailbox)
        wishes = subscription.of(db, mailbox)
        reason = suppression.suppressed(db).get(mailbox.id)
        records = consent.history(db, mailbox.id)
        speaking = partners.open_contacts(db, mailbox)
        roles = [people_rows.contact_json(row) for row in speaking]
        spoken_for = [people_rows.contact_line(row) for row in speaking]
    if as_json:
        show_json(
            {
                "name": person.name if person else None,
                **people_rows.mailbox_json(mailbox, wishes, reason),
                "partners": roles,
                "consent": people_rows.records_json(records),
            }
        )
        return
    lines = [f"Name: {person.name}"] if person and person.name else []
    lines += people_rows.mailbox_lines(mailbox, wishes, reason, zone)
    lines += [f"Spricht für: {line}" for line in spoken_for]
    lines += ["", "Nachweise:", *people_rows.record_lines(records, zone)]
    click.echo("\n".join(lines))


@subscribers.command(
    epilog="\b\nBeispiel:\n"
    "  mia subscribers add eva@post.example --name 'Eva Probe' \\\n"
    "    --consent-on 3.12.2026 --consent-by paper --evidence 'Liste Blatt 2'"
)
@address_argument
@name_option
@entering_options
@click.pass_obj
def add(front: Front, /, address: EmailAddress, **given: Any) -> None:  # noqa: ANN401 - Click's options
    """Eine Person eintragen.

    Mit Nachweis der Einwilligung bekommt sie ab jetzt Post. Ohne Nachweis wartet sie
    auf Bestätigung und bekommt noch nichts.
    """
    app = front.application()
    now, key = app.clock.now(), app.keys.fingerprint_key
    newcomer = entering.newcomer(app, address, (Topic.INVITATIONS,), given)
    with app.database.transaction() as db:
        mailboxes.require_keys(db, key=key)
        entering.lift_own_wish(db, app, newcomer)
        result = people.enter(db, newcomer, key=key, now=now)
    entering.tell(result)


@subscribers.command(
    "import",
    epilog="Spalten: E-Mail; Name oder Vorname und Nachname; Fassung; Themen; "
    "Erinnerung (ja, nein); Einwilligung am; Einwilligung Weg (Papier, Telefon, "
    "persönlich); Nachweis."
    "\n\n\b\nBeispiel:\n  mia subscribers import liste.csv --dry-run",
)
@list_files.source_argument
@list_files.import_options
@json_option
@click.pass_obj
def import_(
    front: Front, source: Path, *, dry_run: bool, all_or_nothing: bool, as_json: bool
) -> ExitCode:
    """Personen aus einer CSV-Datei eintragen.

    Gute Zeilen werden eingetragen, schlechte mit Zeile und Grund genannt. Wer sich
    abgemeldet hat, kommt durch eine Liste nicht zurück. Statt einer Datei liest „-“
    die Eingabe.
    """
    app = front.application()
    content, terms = list_files.read(source), list_files.terms(app, source)
    return list_files.run(
        app,
        lambda db: importing.import_residents(db, content, terms),
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        as_json=as_json,
    )


@subscribers.command(epilog="Beispiel: mia subscribers export --out liste.csv")
@list_files.out_option
@click.pass_obj
def export(front: Front, out: Path | None) -> None:
    """Alle Personen als CSV-Datei für Excel ausgeben."""
    app = front.application()
    with app.database.reading() as db:
        content = exporting.export_residents(db, zone=people_options.zone(app))
    list_files.write(content, out)


@subscribers.command(epilog="Beispiel: mia subscribers end eva@post.example")
@address_argument
@topics_option
@click.option(
    "--suppress", is_flag=True, help="Die Adresse sperren: nie wieder schreiben."
)
@evidence_option
@click.pass_obj
def end(
    front: Front,
    address: EmailAddress,
    topics: Sequence[Topic],
    evidence: str | None,
    *,
    suppress: bool,
) -> None:
    """Abos beenden; das gilt sofort, auch für Briefe im Postausgang."""
    if suppress and topics:
        raise UsageRefused("„--suppress“ sperrt die Adresse ganz, ohne „--topic“.")
    app = front.application()
    now = app.clock.now()
    proof = people_options.operator_entry(now, evidence)
    with app.database.transaction() as db:
        mailbox = mailboxes.find(db, address)
        if mailbox is None and not suppress:
            raise _unknown(app, address)
        ended: tuple[Topic, ...] = ()
        if mailbox is not None:
            wanted = tuple(topics) or tuple(Topic)
            ended = subscription.end_open(db, mailbox, wanted, proof, now=now)
        if suppress:
            key = app.keys.fingerprint_key
            mailboxes.require_keys(db, key=key)
            print_of = fingerprint(address.canonical, key=key)
            suppression.add(db, print_of, models.SuppressionReason.WISH, now=now)
    mailbox_id = mailbox.id if mailbox is not None else None
    for topic in ended:
        log(LogEvent.SUBSCRIPTION_ENDED, mailbox=mailbox_id, topic=topic)
    names = and_list([cells.TOPIC_NAMES[topic] for topic in ended])
    click.echo(f"Beendet: {names}." if names else "Es gab nichts zu beenden.")
    if suppress:
        log(LogEvent.SUPPRESSION_ADDED, mailbox=mailbox_id)
        click.echo(f"{address.text} ist jetzt gesperrt.")


@subscribers.command(epilog="Beispiel: mia subscribers ask eva@post.example")
@address_argument
@evidence_option
@click.pass_obj
def ask(front: Front, address: EmailAddress, evidence: str | None) -> None:
    """Die Mail mit der Bitte um Bestätigung schicken, zum Beispiel nach einem Anruf.

    Erst die Antwort „Ja“ meldet an. Gesendet wird sie mit „mia outbox send“.
    """
    app = front.application()
    asking_for.require_inbox(app)
    proof = people_options.operator_entry(app.clock.now(), evidence)
    mailbox_id = asking_for.ask(app, address, proof)
    log(LogEvent.SUBSCRIPTION_REQUESTED, mailbox=mailbox_id, topic=Topic.INVITATIONS)
    note("Die Frage liegt im Postausgang. Senden: mia outbox send.")


@subscribers.command(epilog="Beispiel: mia subscribers erase eva@post.example")
@address_argument
@evidence_option
@yes_option
@click.pass_obj
def erase(
    front: Front, address: EmailAddress, evidence: str | None, *, is_agreed: bool
) -> None:
    """Eine Person löschen; nur Sperre und Nachweise bleiben.

    Das lässt sich nicht rückgängig machen.
    """
    app = front.application()
    now = app.clock.now()
    with app.database.reading() as db:
        mailbox = mailboxes.get(db, address)
        others = [people_rows.who(row) for row in partners.open_contacts(db, mailbox)]
    if others:
        note(f"Hier lesen auch Ansprechpersonen: {'; '.join(others)}.")
    if not is_agreed and not agrees(f"{address.text} wirklich löschen?"):
        click.echo("Es wurde nichts geändert.")
        return
    proof = people_options.operator_entry(now, evidence)
    with app.database.transaction() as db:
        privacy.erase(db, mailboxes.get(db, address), proof, now=now)
        forgetting.forget(db, now=now)
    log(LogEvent.PERSON_ERASED, mailbox=mailbox.id)
    click.echo("Gelöscht. Sperren und Nachweise der Einwilligung bleiben erhalten.")


@subscribers.command(epilog="Beispiel: mia subscribers style eva@post.example easy")
@address_argument
@click.argument(
    "style",
    metavar="easy|standard",
    type=click.Choice([style.value for style in LetterStyle]),
)
@click.pass_obj
def style(front: Front, address: EmailAddress, style: str) -> None:
    """Die Fassung der Briefe wählen: easy ist Leichte Sprache."""
    app = front.application()
    chosen = LetterStyle(style)
    with app.database.transaction() as db:
        mailbox = mailboxes.get(db, address)
        mailboxes.set_style(mailbox, chosen)
    log(LogEvent.SUBSCRIPTION_CHANGED, mailbox=mailbox.id)
    click.echo(f"{mailbox.address} liest jetzt: {cells.STYLE_NAMES[chosen]}.")


@subscribers.command(epilog="Beispiel: mia subscribers reminder eva@post.example off")
@address_argument
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]))
@click.pass_obj
def reminder(front: Front, address: EmailAddress, switch: str) -> None:
    """Erinnerungen an- oder abbestellen; Einladungen kommen weiter.

    Das gilt sofort, auch für Erinnerungen im Postausgang.
    """
    app = front.application()
    reminds = switch == "on"
    with app.database.transaction() as db:
        mailbox = mailboxes.get(db, address)
        done = reminders.choose(db, mailbox, reminds=reminds, now=app.clock.now())
    if not done:
        click.echo(f"Es gab nichts zu ändern: {mailbox.address} ist nicht angemeldet.")
        return
    log(LogEvent.SUBSCRIPTION_CHANGED, mailbox=mailbox.id)
    said = "Erinnerungen" if reminds else "keine Erinnerungen"
    click.echo(f"{mailbox.address} bekommt {said}.")


def _fits(
    wishes: Sequence[Subscription], topics: Sequence[Topic], state: str | None
) -> bool:
    """Return whether a wish fits; without topics and state everybody does."""
    if not topics and state is None:
        return True
    return any(
        (not topics or row.topic in topics) and (state is None or row.state == state)
        for row in wishes
    )


def _unknown(app: Application, address: EmailAddress) -> UnknownPerson:
    """Say on standard error if an unknown address is suppressed; return the error."""
    print_of = fingerprint(address.canonical, key=app.keys.fingerprint_key)
    with app.database.reading() as db:
        row = suppression.find(db, print_of)
    if row is not None:
        note(f"Diese Adresse ist gesperrt ({suppression.GERMAN[row.reason]}).")
    return UnknownPerson(address.text)
