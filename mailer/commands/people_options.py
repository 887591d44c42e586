"""What people type about people: addresses, topics, styles, proof of consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from typing_extensions import override

from mailer.commands.days import Day
from mailer.errors import UsageRefused
from subscribers import cells, consent, lists, models
from subscribers.address import EmailAddress
from subscribers.topics import LetterStyle, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mailer.application import Application
    from subscribers.consent import Proof

CHANNELS: Final = ("paper", "phone", "in-person")
"""On which of them a consent can be given to somebody who then writes it down."""

TOPICS: Final[Mapping[str, Topic]] = {
    "invitations": Topic.INVITATIONS,
    "network-updates": Topic.NETWORK_UPDATES,
}

BY_HAND: Final = "mit „mia“ von Hand eingetragen"
"""The evidence of what an operator entered without saying more."""


class Address(click.ParamType[EmailAddress]):
    """An e-mail address; a wrong one is wrong data, not wrong usage."""

    name = "ADRESSE"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> EmailAddress:
        return EmailAddress.parse(str(value))


class TopicName(click.Choice[str]):
    """A topic as the command line names it."""

    def __init__(self) -> None:
        super().__init__(list(TOPICS), case_sensitive=False)

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        return TOPICS[super().convert(value, param, ctx)]


address_argument = click.argument("address", metavar="ADRESSE", type=Address())

topics_option = click.option(
    "--topic",
    "topics",
    type=TopicName(),
    multiple=True,
    help="Worum es geht: Einladungen oder Netzwerk-Info; auch mehrmals.",
)

style_option = click.option(
    "--style",
    type=click.Choice([style.value for style in LetterStyle]),
    help="Fassung der Briefe: standard, oder easy für Leichte Sprache.",
)

name_option = click.option("--name", help="Vorname und Nachname, für die Anrede.")

evidence_option = click.option(
    "--evidence",
    metavar="TEXT",
    help="Nachweis, zum Beispiel „Liste vom 3. Dezember 2026“.",
)


def entering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what both "add" commands share: style, topics, proof of consent."""
    for option in (
        click.option(
            "--own-wish",
            is_flag=True,
            help="Nach Abmeldung oder Sperre will die Person ausdrücklich wieder Post.",
        ),
        evidence_option,
        click.option(
            "--no-reminder", is_flag=True, help="Die Person möchte keine Erinnerungen."
        ),
        click.option(
            "--consent-by",
            type=click.Choice(CHANNELS),
            help="Wie eingewilligt wurde: auf Papier, am Telefon oder persönlich.",
        ),
        click.option(
            "--consent-on",
            type=Day(),
            metavar="TAG",
            help="Wann die Person eingewilligt hat.",
        ),
        topics_option,
        style_option,
    ):
        command = option(command)
    return command


def entry(
    app: Application, *, day: date | None, by: str | None, evidence: str | None
) -> Proof:
    """Return the documented consent, or an operator's entry if nothing was said.

    Raises:
        UsageRefused: Some of the three are missing.
        ImportRefused: The day is still to come, or the evidence cannot be read.
    """
    now = app.clock.now()
    text = cells.parse_evidence(evidence or "")
    if day is None and by is None and not text:
        return operator_entry(now)
    if day is None or by is None or not text:
        raise UsageRefused(
            "Ein Nachweis braucht alle drei Angaben: „--consent-on“, „--consent-by“ "
            "und „--evidence“. Ohne Nachweis lassen Sie bitte alle drei weg; dann "
            "wartet die Person auf Bestätigung."
        )
    return consent.Proof(
        channel=models.ConsentChannel(by.replace("-", "_")),
        happened_at=lists.noon(day, zone(app), now=now),
        evidence=text,
    )


def operator_entry(now: datetime, evidence: str | None = None) -> Proof:
    """Return what stands for an act of the operator, not of the person."""
    return consent.Proof(
        channel=models.ConsentChannel.OPERATOR,
        happened_at=now,
        evidence=cells.parse_evidence(evidence or "") or BY_HAND,
    )


def zone(app: Application) -> ZoneInfo:
    """Return the zone in which this network writes days."""
    return app.settings.series[0].zone
