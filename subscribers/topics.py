"""What a person can ask for, and in which words she wants to read it."""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """What a subscription is about."""

    INVITATIONS = "invitations"
    """An invitation before each meeting, its reminder and changes of dates."""
    NETWORK_UPDATES = "network_updates"
    """The partners' quarterly news."""


class LetterStyle(StrEnum):
    """How a letter is worded: a reading wish, stored without a reason."""

    STANDARD = "standard"
    EASY = "easy"
    """Leichte Sprache."""
