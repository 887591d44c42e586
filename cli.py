"""The front door: the ``mia`` command, its global options, errors to exit codes.

Nothing is decided here. Each command lives in ``mailer.commands`` and is imported
when it is called, so ``mia --help`` answers at once.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mailer import __version__
from mailer.commands import COMMANDS, speech
from mailer.commands.door import Door
from mailer.errors import ExitCode, MailerError
from subscribers import errors as people

if TYPE_CHECKING:
    from mailer.commands.front import Front

speech.speak_german()

EXITS: Final = {
    ExitCode.DATA: (
        people.InvalidAddress,
        people.ImportRefused,
        people.NoProof,
        people.UnknownPerson,
        people.AmbiguousPerson,
        people.Suppressed,
    ),
    ExitCode.TRY_AGAIN: (people.StoreBusy,),
    ExitCode.UNAVAILABLE: (people.StoreUnavailable,),
    ExitCode.CONFIGURATION: (
        people.NewerSchema,
        people.OlderSchema,
        people.ForeignKeys,
    ),
}
"""The people know no exit codes; whatever is not listed is a failure."""

NEW_OBJECTS: Final = 10_000
"""So many more objects until Python looks for garbage, which is 2 MB if it were nothing
else. Usual are 700: a dozen letters make as many, and none of it is garbage."""


def told(error: Exception, front: Front) -> int:
    """Say what went wrong, in German; return the exit code."""
    match error:
        case click.ClickException():
            click.echo(speech.shown(error), err=True, nl=False)
            return error.exit_code
        case click.Abort():
            return _aborted(error)
        case MailerError():
            return _say(error.sentence, error.exit_code)
        case people.SubscribersError():
            fitting = (
                code for code, kinds in EXITS.items() if isinstance(error, kinds)
            )
            return _say(error.sentence, next(fitting, ExitCode.FAILURE))
        case _:
            return _say(front.mishap(error), ExitCode.FAILURE)


def _say(sentence: str, code: ExitCode) -> ExitCode:
    """Print each line of *sentence* as an error."""
    for line in sentence.splitlines():
        click.echo(f"Fehler: {line}", err=True)
    return code


def _aborted(error: click.Abort) -> ExitCode:
    """Tell Ctrl-C from questions that nobody was there to answer."""
    if error.__cause__ is None:
        click.echo(err=True)  # the question's line ends here
    if isinstance(error.__cause__ or error.__context__, EOFError):
        return _say(
            "Es fehlt eine Antwort, denn hier kann niemand tippen. "
            "Was ohne Fragen geht, zeigt „--help“.",
            ExitCode.FAILURE,
        )
    click.echo("Abgebrochen.", err=True)
    return ExitCode.INTERRUPTED


def _flags(
    _ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """Return the values of all ``--set NAME=WERT``; the last one wins."""
    pairs = [one.partition("=") for one in given]
    if not all(equals for _, equals, _ in pairs):
        raise click.BadParameter("Bitte schreiben Sie NAME=WERT.")
    return {key.strip(): value for key, _, value in pairs}


@click.group(
    cls=Door,
    table=COMMANDS,
    told=told,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar=speech.OPTIONS,
    subcommand_metavar=speech.SUBCOMMAND,
    epilog="Hilfe zu einem Befehl: mia BEFEHL --help",
)
@click.option(
    "-c",
    "--config",
    envvar="MIA_CONFIG",
    show_envvar=True,
    metavar="DATEI",
    type=click.Path(path_type=Path),
    help="Einstellungsdatei. Vorgabe: ./mia.toml, sonst /etc/mia/mia.toml.",
)
@click.option(
    "--set",
    "flags",
    multiple=True,
    callback=_flags,
    metavar="NAME=WERT",
    help="Eine Einstellung für diesen Lauf, zum Beispiel smtp.port=465.",
)
@click.option("-v", "--verbose", count=True, help="Mehr sagen; -vv noch mehr.")
@click.version_option(__version__, prog_name="mia", message="%(prog)s %(version)s")
@click.pass_obj
def mia(front: Front, config: Path | None, flags: dict[str, str], verbose: int) -> None:
    """Einladungen und Nachrichten für ein Netzwerk mit regelmäßigen Treffen."""
    front.enter(config, flags, verbose)


def main() -> None:
    """Open the door for the console script."""
    # Loading a program makes many objects and no garbage, and when it ends all of them
    # go at once: looking for garbage is a quarter of what a short command does. The
    # front lets it be looked for when the work begins.
    gc.disable()
    gc.set_threshold(NEW_OBJECTS)
    speech.write_utf8()
    try:
        mia.main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
