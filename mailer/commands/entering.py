"""Entering somebody from a command: what was typed, what is lifted, what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailer.commands import list_files, people_options
from mailer.commands.terminal import note
from mailer.errors import UsageRefused
from mailer.logs import LogEvent, log
from subscribers import cells, consent, suppression
from subscribers.address import fingerprint
from subscribers.models import SuppressionReason
from subscribers.people import Newcomer
from subscribers.subscription import GERMAN, Joined
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.application import Application
    from subscribers.address import EmailAddress
    from subscribers.database import Db
    from subscribers.people import Entered
    from subscribers.topics import Topic


def newcomer(
    app: Application,
    address: EmailAddress,
    usual: tuple[Topic, ...],
    given: Mapping[str, Any],
) -> Newcomer:
    """Return who is to be entered, from the options both "add" commands share.

    Args:
        app: Gives clock and zone.
        address: Where she reads.
        usual: The topics if none were named.
        given: The values of ``entering_options`` and ``--name``.

    Raises:
        UsageRefused: Half a proof, or an own wish without any.
        ImportRefused: A text cannot be read, or the day is still to come.
    """
    proof = people_options.entry(
        app,
        day=given["consent_on"],
        by=given["consent_by"],
        evidence=given["evidence"],
    )
    if given["own_wish"] and proof.channel not in consent.DOCUMENTED:
        raise UsageRefused(
            "„--own-wish“ braucht einen Nachweis: „--consent-on“, „--consent-by“ und "
            "„--evidence“."
        )
    return Newcomer(
        address=address,
        name=cells.parse_name(given["name"] or ""),
        style=LetterStyle(given["style"]) if given["style"] else None,
        topics=tuple(given["topics"]) or usual,
        entry=proof,
        own_wish=given["own_wish"],
        reminds=not given["no_reminder"],
    )


def lift_own_wish(db: Db, app: Application, newcomer: Newcomer) -> None:
    """Lift a suppression that the person herself had wished for, if she says so.

    Other reasons go on holding: a complaint is no wish, and a dead mailbox stays so.
    """
    if not newcomer.own_wish:
        return
    print_of = fingerprint(newcomer.address.canonical, key=app.keys.fingerprint_key)
    now = app.clock.now()
    if suppression.lift(db, print_of, SuppressionReason.WISH, now=now):
        log(LogEvent.SUPPRESSION_LIFTED)


def tell(result: Entered) -> None:
    """Say and log what became of a newcomer, after the commit."""
    mailbox_id = result.mailbox.id
    said = []
    for topic, fate in result.joined.items():
        said.append(f"{cells.TOPIC_NAMES[topic]}: {GERMAN[fate]}")
        if fate in {Joined.WAITING, Joined.ACTIVE}:
            log(LogEvent.SUBSCRIPTION_REQUESTED, mailbox=mailbox_id, topic=topic)
        if fate in {Joined.PROVEN, Joined.ACTIVE}:
            log(LogEvent.CONSENT_RECORDED, mailbox=mailbox_id, topic=topic)
    verb = "Eingetragen" if result.is_new else "Schon gespeichert"
    click.echo(f"{verb}: {result.mailbox.address}. {'; '.join(said)}.")
    if Joined.WAITING in result.joined.values():
        note(list_files.WAITING_NOTE)
    if Joined.STAYS_OUT in result.joined.values():
        note("Will die Person ausdrücklich wieder Post, hilft „--own-wish“.")
