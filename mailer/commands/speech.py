"""The language of the front door: German, whatever the machine is set to.

Click takes its own texts from gettext, so our catalogue answers for them. What
Click does not translate, the placeholders of a usage line, is set per command.
"""

from __future__ import annotations

import gettext
import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN: Final = "mia"

CATALOGUES: Final = Path(__file__).parent.parent / "locale"

OPTIONS: Final = "[OPTIONEN]"

SUBCOMMAND: Final = "BEFEHL [ANGABEN] …"

METAVARS: Final[Mapping[str, str]] = {
    "text": "TEXT",
    "integer": "ZAHL",
    "integer range": "ZAHL",
    "float": "ZAHL",
    "file": "DATEI",
    "filename": "DATEI",
    "path": "PFAD",
    "directory": "ORDNER",
}
"""Click's name of a type to what stands for its value in a help text."""


QUOTED: Final = re.compile(r"(?<!\w)'([^'\n]+)'(?!\w)")
"""How Click marks words of the command line, whatever the language."""


def speak_german() -> None:
    """Let gettext answer in German, for this process and what it starts."""
    os.environ["LANGUAGE"] = "de"
    gettext.bindtextdomain(DOMAIN, CATALOGUES)
    gettext.textdomain(DOMAIN)


def shown(error: click.ClickException) -> str:
    """Return what Click has to say of *error*, with German quotation marks."""
    said = io.StringIO()
    error.show(file=said)
    return QUOTED.sub("„\\1“", said.getvalue())


def write_utf8() -> None:
    """Make the standard streams UTF-8, also where the locale is "C"."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def in_german(command: click.Command) -> click.Command:
    """Return *command* with German placeholders in its usage line.

    Its first sentence is told whole in lists; Click would end it with three dots.
    """
    if command.short_help is None and command.help:
        command.short_help = " ".join(command.help.partition("\n\n")[0].split())
    if command.options_metavar == "[OPTIONS]":
        command.options_metavar = OPTIONS
    for one in command.params:
        if isinstance(one, click.Option) and one.metavar is None and not one.is_flag:
            one.metavar = METAVARS.get(one.type.name)
    if isinstance(command, click.Group):
        if command.subcommand_metavar.startswith("COMMAND"):
            command.subcommand_metavar = SUBCOMMAND
        for inner in command.commands.values():
            in_german(inner)
    return command
