"""The table reads out its own examples: who extends it is told what it does."""

from __future__ import annotations

import pytest

from mailer.inbound import words
from mailer.inbound.commands import recognise
from mailer.inbound.kinds import CommandKind, Context
from mailer.inbound.page import Written
from mailer.inbound.table import COMMANDS, Rule, Trap, any_fits, table

TABLE = table()
CONFIRMED = {CommandKind.SUBSCRIBE: CommandKind.CONFIRM}


@pytest.mark.parametrize("wish", TABLE.word_examples)
def test_words_are_understood(wish: str) -> None:
    """Each example of a single word leads to its command."""
    context = Context.CONFIRM if wish in {"ja", "nein"} else None
    for example in TABLE.word_examples[wish]:
        heard = recognise(Written(own=example, subject="", context=context))
        assert heard.command is COMMANDS[wish], example


@pytest.mark.parametrize("rule", TABLE.rules, ids=lambda rule: rule.name)
def test_sentences_are_understood(rule: Rule) -> None:
    """Each example of a sentence fits one of its patterns."""
    for example in rule.examples:
        said = words.sentences(example)
        assert any(any_fits(rule.patterns, one) for one in said), example


@pytest.mark.parametrize("rule", TABLE.rules, ids=lambda rule: rule.name)
def test_examples_lead_to_their_command(rule: Rule) -> None:
    """No trap stands in an example, so the program would act."""
    context = Context.CONFIRM if rule.only_confirming else None
    for example in rule.examples:
        heard = recognise(Written(own=example, subject="", context=context))
        assert heard.command is COMMANDS[rule.wish], (example, heard)


@pytest.mark.parametrize("rule", TABLE.rules, ids=lambda rule: rule.name)
def test_counterexamples_do_not(rule: Rule) -> None:
    """What looks alike and means something else is left alone."""
    context = Context.CONFIRM if rule.only_confirming else None
    for example in rule.counterexamples:
        heard = recognise(Written(own=example, subject="", context=context))
        assert heard.command is not COMMANDS[rule.wish], (example, heard)


@pytest.mark.parametrize("trap", TABLE.traps, ids=lambda trap: trap.name)
def test_traps_are_seen(trap: Trap) -> None:
    """Each example of a trap is one."""
    for example in trap.examples:
        said = words.sentences(example)
        assert any(any_fits(trap.patterns, one) for one in said), example


@pytest.mark.parametrize("trap", TABLE.traps, ids=lambda trap: trap.name)
def test_traps_name_wishes_that_exist(trap: Trap) -> None:
    """A slip in "gilt" would switch a trap off."""
    assert trap.wishes <= COMMANDS.keys()


def test_exceptions_name_traps_that_exist() -> None:
    """A slip in "trotz" would do nothing."""
    names = {trap.name for trap in TABLE.traps}
    assert all(rule.despite <= names for rule in TABLE.rules)


def test_notes_courtesies_and_excuses_are_seen() -> None:
    """Each example of the smaller tables fits."""
    for cue in (*TABLE.notes, *TABLE.harmless):
        for example in cue.examples:
            said = words.sentences(example)
            assert any(any_fits(cue.patterns, one) for one in said), example


def test_alternatives_are_single_words() -> None:
    """An alternative "a b|c d" would mean a, then b or c, then d: a frequent slip."""
    everything = [
        *(pattern for rule in TABLE.rules for pattern in rule.patterns),
        *(pattern for trap in TABLE.traps for pattern in trap.patterns),
        *(pattern for cue in TABLE.notes for pattern in cue.patterns),
    ]
    for pattern in everything:
        assert "||" not in pattern.written, pattern.written
        assert not pattern.written.endswith("|"), pattern.written
