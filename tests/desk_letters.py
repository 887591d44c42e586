"""Mails to the coordinator for tests that look at letters: as they were approved."""

from __future__ import annotations

from typing import Final

from mailer.rendering.letter import Letter
from tests.conftest import GOLDEN

DESK: Final = ("draft", "question", "contribution")
"""The mails that hold every piece of the others."""


def desk_letter(name: str) -> Letter:
    """Return a mail to the coordinator."""
    folder = GOLDEN / "letters" / "desk"
    written = (folder / f"{name}.txt").read_text(encoding="utf-8")
    subject, _, text = written.partition("\n\n")
    html = (folder / f"{name}.html").read_text(encoding="utf-8")
    return Letter(subject=subject, text=text, html=html)
