"""``mia inbox explain``: what a mail means, without doing anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from cli import mia
from mailer.commands.front import Front
from mailer.inbound.samples import message_of

CORPUS: Final = Path(__file__).parents[2] / "corpus" / "phrases.jsonl"
KEYS: Final = (
    *("file", "kind", "command", "severity"),
    *("addresses", "delivery", "rule"),
)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """Return a mail in a file."""
    path = tmp_path / "antwort.eml"
    row = {
        "from": "rita@web.example",
        "subject": "Re: Einladung: Miteinander reden",
        "body": "Bitte nehmen Sie mich aus dem Verteiler.\nWoher haben Sie das?",
    }
    path.write_bytes(message_of(row))
    return path


def explained(*words: str, content: bytes | None = None) -> Result:
    """Return what the command says, without any settings file."""
    front = Front(config=Path("/nirgends/mia.toml"), environ={})
    return CliRunner().invoke(
        mia, ["inbox", "explain", *words], obj=front, input=content
    )


def test_a_person_reads_what_a_mail_means(letter: Path) -> None:
    """In German, with the rule that matched and the sender's own words."""
    result = explained(str(letter))
    assert result.exit_code == 0, result.output
    assert "Wunsch: abmelden" in result.output
    assert "Regel: command.satz.aus-dem-verteiler" in result.output
    assert "Außerdem: " in result.output


@pytest.mark.parametrize(
    ("own", "wish"),
    [
        ("Pause bis 1. März 2027", "Pause bis 1. März 2027, wenn die Person"),
        ("Bitte eine Pause.", "Pause bis auf Weiteres, wenn die Person"),
        ("Bitte keine Netzwerk-Info mehr.", "abmelden, nur die Netzwerk-Info"),
    ],
)
def test_a_person_reads_more_than_other_programs(own: str, wish: str) -> None:
    """The kinds of the JSON rows are fixed; a pause has no word among them."""
    content = message_of({"from": "rita@web.example", "body": own})
    front = Front(
        config=Path("/nirgends/mia.toml"),
        environ={"MIA_NOW": "2026-11-25T10:00:00+01:00"},
    )
    result = CliRunner().invoke(
        mia, ["inbox", "explain", "-"], obj=front, input=content
    )
    assert f"Wunsch: {wish}" in result.output


def test_a_program_reads_a_row_for_each_file(letter: Path) -> None:
    """With these keys and no others."""
    result = explained("--json", str(letter), str(letter))
    rows = json.loads(result.output)
    assert [tuple(row) for row in rows] == [KEYS, KEYS]
    assert rows[0]["kind"] == "command"
    assert rows[0]["command"] == "unsubscribe"


def test_a_collection_gives_a_line_for_each_line() -> None:
    """Also for what is no mail."""
    content = CORPUS.read_bytes() + b"nothing\n[]\n"
    result = explained("--jsonl", "-", content=content)
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert len(rows) == len(CORPUS.read_bytes().splitlines()) + 2
    assert tuple(rows[0]) == ("id", *KEYS)
    assert rows[0]["id"] == "m001"
    assert [row["kind"] for row in rows[-2:]] == ["unreadable", "unreadable"]


def test_a_wish_about_reminders_has_a_word_for_people_only() -> None:
    """Programs that read our rows know no such command; the German lines do."""
    content = message_of({"from": "egon@post.example", "body": "Keine Erinnerung"})
    spoken = explained("-", content=content)
    assert (
        "Wunsch: keine Erinnerungen, nur Einladungen, wenn die Person" in spoken.output
    )
    (row,) = json.loads(explained("--json", "-", content=content).output)
    assert (row["kind"], row["command"]) == ("human", "none")


def test_a_missing_file_is_a_usage_error() -> None:
    """Nothing is explained."""
    assert explained("/nirgends/x.eml").exit_code == 2
