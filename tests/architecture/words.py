"""Command lines in documents and units: does the program understand them?"""

from __future__ import annotations

import click

import cli


def understood(words: list[str]) -> click.Command:
    """Return the command that *words* call, with options that it has."""
    command: click.Command = cli.mia
    context = click.Context(command, **command.context_settings)
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            inner = command.get_command(context, word)
            assert inner is not None, words
            command, context = inner, click.Context(inner, parent=context)
        elif word.startswith("-"):
            known = {
                name for param in command.get_params(context) for name in param.opts
            }
            assert word in known, words
    return command
