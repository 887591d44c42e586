"""``mia inbox``: what came back, and what it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailer.commands.terminal import json_option, show_json

if TYPE_CHECKING:
    from mailer.commands.front import Front


@click.group()
def inbox() -> None:
    """Posteingang: was zurückkommt und was es bedeutet."""


@inbox.command(epilog="Beispiel: mia inbox explain antwort.eml")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="DATEI…",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@json_option
@click.option(
    "--jsonl",
    "is_collection",
    is_flag=True,
    help="Jede Zeile einer Datei ist eine Mail als JSON; eine Zeile Antwort für jede.",
)
@click.pass_obj
def explain(
    front: Front, files: tuple[Path, ...], *, as_json: bool, is_collection: bool
) -> None:
    """Zeigen, was eine Mail bedeutet, ohne etwas zu tun.

    DATEI ist eine Mail, wie sie das Mailprogramm speichert („.eml“); „-“ liest von der
    Standardeingabe.
    """
    from mailer.commands import explaining  # noqa: PLC0415 - the others need it not

    world = explaining.known_world(front)
    if is_collection:
        for file in files:
            for line in explaining.lines_told(str(file), content_of(file), world):
                click.echo(line)
        return
    told = [(str(file), explaining.told(content_of(file), world)) for file in files]
    if as_json:
        show_json([explaining.row(name, one) for name, one in told])
        return
    for number, (name, one) in enumerate(told):
        if number:
            click.echo()
        for label, value in explaining.spoken(name, one):
            click.echo(f"{label}: {value}")


def content_of(file: Path) -> bytes:
    """Return what is in a file, or on standard input for "-"."""
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
