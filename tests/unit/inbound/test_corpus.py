"""The judge: labelled mails, those we knew and those we did not look at.

``phrases.jsonl`` and two thirds of ``more_phrases.jsonl`` were seen while the table
was written. The last third was written before the table and scored only at the end;
no rule was made for it.

``fresh_phrases.jsonl`` is five further collections, each scored once before a rule
was changed for it: 80, 84, 82, 87 and 93 of 100 were right, and 5, 2, 3, 9 and 3
mails would have been harmed (the fourth consists of traps). What they taught is in
the table now; so new mails will be understood a little worse than these numbers say.

``later_phrases.jsonl`` is four more, scored in the same way: of 188 (g…) 163 were
right and one was harmed. Then the rule came that every word must be accounted for
(``understanding.py``), and of 115 (h…) 102 were right and one was harmed, of 101 (k…)
94 and none, of 75 (p…) 68 and none. Of 41 single sentences that were made to look like
wishes, 3 still would have been obeyed (``test_understanding.py`` has them now): rarer
than before, but not impossible.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from mailer.inbound.classify import Classified, CommandKind, Kind, World, classify
from mailer.inbound.page import NOTES
from mailer.inbound.samples import context_of, message_of
from subscribers.tokens import TokenKeys

pytestmark = pytest.mark.unmeasured

CORPUS: Final = Path(__file__).parents[2] / "corpus"
KEYS: Final = TokenKeys.derive(bytes(32))

RESULTS: Final = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "confirm": "confirm",
    "format_leichte_sprache": "style_easy",
    "style_standard": "style_standard",
    "address_change": "change_address",
    "out_of_office": "auto",
    "bounce": "report",
    "question": "human",
    "support_need": "human",
    "spam": "human",
}
"""What a label of the collection means (rulings.md 10)."""

ACTIONS: Final = frozenset(str(one) for one in CommandKind if one != CommandKind.NONE)


def rows(name: str, *, held_out: bool | None = None) -> list[dict[str, Any]]:
    """Return the mails of a collection; with *held_out* only that part."""
    text = (CORPUS / name).read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    if held_out is None:
        return found
    return [row for row in found if row["held_out"] is held_out]


def told(row: dict[str, Any]) -> Classified:
    """Return what the program makes of a mail."""
    ours = frozenset({"mia@mia.aschersleben.example"})
    domain = "mia.aschersleben.example"
    return classify(message_of(row), World(ours, domain, KEYS, context_of(row)))


def result(found: Classified) -> str:
    """Return one word for a classification, as the labels mean it."""
    if found.kind in {Kind.COMMAND, Kind.COMPLAINT}:
        return str(found.command)
    return str(found.kind)


@dataclass(frozen=True, slots=True)
class Score:
    """How a collection was understood.

    Attributes:
        share: Right ones, from 0 to 1.
        wrong: Ids of those that are not right.
        harmful: Ids of those where something was done that must not be.
    """

    share: float
    wrong: list[str]
    harmful: list[str]


def scored(mails: list[dict[str, Any]]) -> Score:
    """Return how *mails* were understood."""
    wrong, harmful = [], []
    for row in mails:
        found = told(row)
        if result(found) not in {
            RESULTS[label] for label in (row["label"], *row["accept"])
        }:
            wrong.append(row["id"])
        must_not = {RESULTS.get(label, label) for label in row["must_not"]}
        if result(found) in must_not & ACTIONS:
            harmful.append(row["id"])
    return Score(1 - len(wrong) / len(mails), wrong, harmful)


@pytest.mark.parametrize(
    ("name", "held_out", "least"),
    [
        ("phrases.jsonl", None, 0.95),
        ("more_phrases.jsonl", False, 0.95),
        ("more_phrases.jsonl", True, 0.90),
        ("fresh_phrases.jsonl", None, 0.95),
        ("later_phrases.jsonl", None, 0.95),
    ],
)
def test_mails_are_understood_and_none_is_harmed(
    name: str, held_out: bool | None, least: float
) -> None:
    """Nobody is subscribed, unsubscribed or moved by a guess."""
    score = scored(rows(name, held_out=held_out))
    assert score.harmful == []
    assert score.share >= least, score.wrong


def test_new_addresses_are_the_right_ones() -> None:
    """An address change names the one new address."""
    for name in ("phrases.jsonl", "more_phrases.jsonl"):
        for row in rows(name):
            found = told(row)
            if found.command is CommandKind.CHANGE_ADDRESS:
                assert found.new_address == row["entities"]["neu"], row["id"]


def test_a_second_wish_is_shown() -> None:
    """What was not done is named, and the coordinator gets the mail."""
    row = next(one for one in rows("phrases.jsonl") if one["id"] == "m137")
    found = told(row)
    assert found.command is CommandKind.CONFIRM
    assert "style_easy" in found.also
    assert found.is_handed_over


def test_grief_is_handed_over() -> None:
    """The letters stop at once; what else is to be said, a person says."""
    row = next(one for one in rows("more_phrases.jsonl") if "trauer" in one["tags"])
    found = told(row)
    assert found.command is CommandKind.UNSUBSCRIBE
    assert NOTES["trauer"] in found.also
    assert found.is_handed_over
