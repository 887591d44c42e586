"""What people call an occasion."""

from __future__ import annotations

from mailer.coordination import contributors, delegates, results
from mailer.inbound import forgetting, too_large
from mailer.outbox import letterhead, occasions
from mailer.web import telling


def test_every_kind_of_occasion_has_a_german_name() -> None:
    """A new one would be shown as a word of the code."""
    begun = (
        contributors.OCCASION,
        delegates.OCCASION,
        forgetting.OCCASION,
        forgetting.REPORTED,
        letterhead.QUESTION,
        results.QUESTION,
        results.RESULT,
        telling.PAGE,
        too_large.OCCASION,
    )
    assert {occasions.kind_of(one) for one in begun} <= set(occasions.GERMAN)


def test_an_edition_has_its_number_and_others_have_none() -> None:
    """With the number goes every command about it."""
    assert occasions.named("edition/42") == "Aussendung 42"
    assert occasions.named("test/1f-easy") == "Probebrief"
    assert occasions.number_of("test/1f-easy") == ""
    assert occasions.named("never-heard-of/3") == "never-heard-of"
