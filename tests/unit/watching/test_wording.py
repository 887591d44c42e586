"""Alarms as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.rendering import looks
from mailer.rendering.accessibility import RULES
from mailer.rendering.document import parse
from mailer.rendering.environment import open_environment
from mailer.watching.models import Alarm, AlarmKind
from mailer.watching.wording import alarm_letter
from subscribers.topics import LetterStyle
from tests.conftest import PRESENT
from tests.letters import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

RELAY = Alarm(
    id=1,
    kind=AlarmKind.RELAY,
    subject="send",
    since_at=PRESENT,
    sentence=(
        "Der Mailserver mail.example:587 ist nicht erreichbar: niemand antwortet. "
        "Bitte prüfen Sie [smtp] host, port und security und ob der Server läuft."
    ),
    ended_at=PRESENT + timedelta(hours=2),
)
HELD = Alarm(
    id=2,
    kind=AlarmKind.HELD,
    subject="edition/12",
    since_at=PRESENT,
    sentence="Die Aussendung „Einladung“ zum Treffen am 3. Dezember 2026 wartet.",
    ended_at=PRESENT + timedelta(hours=2),
)


@pytest.mark.parametrize("folder", ["alarm", "all_clear"])
@pytest.mark.parametrize("alarms", [(RELAY,), (HELD, RELAY)], ids=["one", "two"])
def test_letters_are_approved_and_can_be_read_by_everybody(
    folder: str,
    alarms: tuple[Alarm, ...],
    golden: Callable[[str, str], None],
) -> None:
    """What happened, since when, what to do; no finding of the accessibility rules."""
    letter = alarm_letter(open_environment(None), settings_for("inbox"), folder, alarms)
    document = parse(letter.html)
    found = [finding for rule in RULES for finding in rule(document, letter)]
    assert [*found, *looks.check(document, LetterStyle.STANDARD)] == []
    name = f"letters/{folder}/{len(alarms)}"
    golden(f"{name}.txt", f"{letter.subject}\n\n{letter.text}")
    golden(f"{name}.html", letter.html)
