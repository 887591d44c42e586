"""``mia dkim``: keys that sign our messages, for a relay that does not.

The settings file alone says which pair signs. So a new pair changes nothing until
somebody has put its other half into the DNS and its name into the file, and the old
one stays where it is.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from mailer.commands.terminal import json_option, note, show_json
from mailer.doctor.policies import wrong_in_dns
from mailer.doctor.resolver import DnsTrouble
from mailer.errors import ExitCode, SettingsInvalid, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailer.commands.front import Front
    from mailer.doctor.resolver import Resolver
    from mailer.rendering.signing_keys import KeyRecord
    from mailer.settings.model import Dkim

selector_option = click.option(
    "--selector",
    metavar="NAME",
    help="Wie das neue Schlüsselpaar heißt. Vorgabe: mia mit Jahr und Monat.",
)


@click.group()
def dkim() -> None:
    """Nachrichten selbst signieren (DKIM), wenn der Mailserver es nicht tut."""


@dkim.command()
@selector_option
@click.pass_obj
def new(front: Front, selector: str | None) -> None:
    """Das erste Schlüsselpaar machen und zeigen, was ins DNS gehört.

    Signiert wird erst, wenn der Name in der Einstellungsdatei steht.
    """
    settings = _settings(front)
    if settings.selector:
        raise UsageRefused(
            f"Es gibt schon ein Schlüsselpaar: „{settings.selector}“ signiert. Ein "
            "neues daneben macht „mia dkim rotate“."
        )
    _make(front, settings, selector)


@dkim.command()
@selector_option
@click.pass_obj
def rotate(front: Front, selector: str | None) -> None:
    """Ein neues Schlüsselpaar neben dem alten machen.

    Das alte signiert weiter, bis in der Einstellungsdatei das neue steht.
    """
    settings = _settings(front)
    if not settings.selector:
        raise UsageRefused(
            "Noch signiert kein Schlüsselpaar. Das erste macht „mia dkim new“."
        )
    _make(front, settings, selector)
    click.echo(
        f"\nBis dahin signiert weiter „{settings.selector}“. Seine DNS-Einträge und "
        "Dateien können Sie eine Woche nach dem Wechsel löschen: So lange können "
        "Briefe noch unterwegs sein."
    )


@dkim.command()
@click.argument("selector", required=False)
@json_option
@click.pass_obj
def show(front: Front, selector: str | None, *, as_json: bool) -> None:
    """Zeigen, was für ein Schlüsselpaar ins DNS gehört.

    Ohne SELECTOR: für das Paar, das signiert.
    """
    settings = _settings(front)
    pair = _pair(settings, selector)
    records = _records(settings, pair)
    if as_json:
        show_json([{"name": one.name, "text": one.text} for one in records])
        return
    _show(records)


@dkim.command()
@click.argument("selector", required=False)
@click.option("--offline", "is_offline", is_flag=True, help="Das DNS nicht fragen.")
@click.pass_obj
def check(front: Front, selector: str | None, *, is_offline: bool) -> ExitCode:
    """Prüfen, ob die Schlüssel brauchbar sind und im DNS stehen.

    Ohne SELECTOR: das Paar, das signiert.
    """
    from mailer.doctor.nameserver import Nameserver  # noqa: PLC0415 - slow to import
    from mailer.rendering import signing_keys  # noqa: PLC0415 - needs an extra

    settings = _settings(front)
    pair = _pair(settings, selector)
    signing_keys.load(settings.folder, pair, settings.domain)
    click.echo(f"Das Schlüsselpaar „{pair}“ ist vollständig und brauchbar.")
    exposed = signing_keys.open_to_others(settings.folder, pair)
    for path in exposed:
        note(f"Andere können {path} lesen. Bitte schützen Sie die Datei: chmod 600")
    code = ExitCode.FAILURE if exposed else ExitCode.OK
    if is_offline:
        return code
    published = published_as(_records(settings, pair), Nameserver())
    return code or published


def published_as(records: Sequence[KeyRecord], resolver: Resolver) -> ExitCode:
    """Say of each record what the DNS has in its place.

    Returns:
        OK if all of them are there; TRY_AGAIN if nobody knows.
    """
    code = ExitCode.OK
    for record in records:
        try:
            wrong = wrong_in_dns(record.text, resolver.texts(record.name))
        except DnsTrouble as trouble:
            click.echo(f"{record.name}: noch unbekannt, {trouble.reason}.")
            code = code or ExitCode.TRY_AGAIN
            continue
        click.echo(f"{record.name}: {wrong or 'steht im DNS und passt'}.")
        code = ExitCode.FAILURE if wrong else code
    return code


def _settings(front: Front) -> Dkim:
    """Return what is set about signatures.

    Raises:
        SettingsInvalid: The package for them is missing.
    """
    if find_spec("cryptography") is None:
        advice = (
            "Zum Signieren fehlt das Paket cryptography. Bitte richten Sie mia mit "
            "„make install“ ein."
        )
        raise SettingsInvalid([advice])
    return front.loaded().settings.dkim


def _pair(settings: Dkim, selector: str | None) -> str:
    """Return the pair that is meant.

    Raises:
        UsageRefused: None is named and none signs.
    """
    pair = _named(selector) if selector else settings.selector
    if not pair:
        raise UsageRefused(
            "Noch signiert kein Schlüsselpaar: [dkim] selector ist leer. Das erste "
            "macht „mia dkim new“."
        )
    return pair


def _named(selector: str) -> str:
    """Return the name of a pair as somebody typed it.

    Raises:
        UsageRefused: It cannot be one.
    """
    from mailer.settings import net_parsers, parsers  # noqa: PLC0415 - not for --help

    try:
        return net_parsers.selector(selector)
    except parsers.Unfit as error:
        raise UsageRefused(str(error)) from None


def _records(settings: Dkim, pair: str) -> list[KeyRecord]:
    from mailer.rendering import signing_keys  # noqa: PLC0415 - needs an extra

    return signing_keys.records(settings.folder, pair, settings.domain)


def _make(front: Front, settings: Dkim, selector: str | None) -> None:
    """Make a pair, and say what is to be done with it."""
    from mailer.rendering import signing_keys  # noqa: PLC0415 - needs an extra

    zone = front.loaded().settings.series[0].zone
    today = front.clock().now().astimezone(zone).date()
    pair = _named(selector) if selector else f"mia-{today:%Y-%m}"
    for path in signing_keys.make(settings.folder, pair):
        note(f"Angelegt, nur für Sie lesbar: {path}")
    _show(_records(settings, pair))
    click.echo("\nWie es weitergeht:")
    click.echo("  1. Beide Einträge ins DNS setzen, am besten durch Kopieren.")
    click.echo(
        f"  2. Warten, bis man sie sieht, meist eine Stunde: mia dkim check {pair}"
    )
    click.echo(f'  3. In {front.path.name} unter [dkim] eintragen: selector = "{pair}"')
    click.echo("  4. Einen Probebrief senden: mia invite --test IHRE-ADRESSE")


def _show(records: list[KeyRecord]) -> None:
    """Print each record for a form and for a zone file."""
    click.echo("Für ein Formular im Browser, Typ TXT:")
    for record in records:
        click.echo(f"\nName: {record.name}\nWert: {record.text}")
    click.echo("\nFür eine Zonendatei:\n")
    for record in records:
        click.echo(record.zone_line)
