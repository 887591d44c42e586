"""Errors: each has a German sentence that ends like one."""

from __future__ import annotations

import pytest

from subscribers import errors
from subscribers.states import SubscriptionEvent, SubscriptionState

CASES = [
    (errors.InvalidAddress("a b@c.example", "sie enthält ein Leerzeichen"), "a b@c"),
    (
        errors.ForbiddenTransition(
            "subscription", SubscriptionState.ENDED, SubscriptionEvent.CONFIRM
        ),
        "confirm",
    ),
    (errors.Suppressed("auf eigenen Wunsch"), "gesperrt (auf eigenen Wunsch)"),
    (errors.NoProof(), "Ohne Nachweis"),
    (errors.ImportRefused(7, "Die E-Mail-Adresse fehlt"), "Zeile 7: Die E-Mail"),
    (errors.ImportRefused(0, "Die Datei ist leer"), "Die Datei ist leer"),
    (errors.UnknownPerson("eva@post.example"), "„eva@post.example“"),
    (errors.AmbiguousPerson("info@a.example", ("Eva, Haus A", "Max, Haus A")), "Max"),
    (errors.ForeignKeys(), "MIA_SECRET"),
    (errors.StoreBusy(), "noch einmal"),
    (errors.StoreConflict(), "noch einmal"),
    (errors.StoreUnavailable("disk I/O error"), "disk I/O error"),
    (errors.NewerSchema("0009", "0001"), "0009"),
    (errors.OlderSchema("0001", "0002"), "mia db upgrade"),
    (errors.OlderSchema(None, "0002"), "mia db upgrade"),
    (errors.HalfRestored(), "mia db restore"),
]


@pytest.mark.parametrize(
    ("error", "part"), CASES, ids=[type(case[0]).__name__ for case in CASES]
)
def test_the_sentence_names_what_happened(
    error: errors.SubscribersError, part: str
) -> None:
    """One line, German quotes, a full stop, and the detail that helps."""
    assert part in error.sentence
    assert error.sentence.endswith(".")
    assert "\n" not in error.sentence
    assert '"' not in error.sentence
    assert "{" not in error.sentence


def test_every_error_of_the_tree_is_on_trial() -> None:
    """A new class needs a case above; tokens are for machines and have none."""
    on_trial = {type(error) for error, _ in CASES}
    silent = {errors.DatabaseError, errors.InvalidToken, errors.WrongPurpose}

    def leaves(kind: type[errors.SubscribersError]) -> set[type]:
        return {kind, *(one for sub in kind.__subclasses__() for one in leaves(sub))}

    assert leaves(errors.SubscribersError) - {errors.SubscribersError} - silent == (
        on_trial
    )
