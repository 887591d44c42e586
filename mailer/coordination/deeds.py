"""From instructions to deeds: all of a mail, or nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mailer.coordination import (
    contributions,
    delegates,
    editing,
    overview,
    scheduling,
    standing_in,
)
from mailer.coordination.kinds import OF_THE_DRAFT
from mailer.coordination.kinds import InstructionKind as K
from mailer.errors import PlanRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mailer.coordination.kinds import Instruction
    from mailer.coordination.matter import Matter
    from subscribers.database import Db

    Deed = Callable[[Db, Matter, Instruction], None]


def _no(_db: Db, _matter: Matter, _instruction: Instruction) -> None:
    raise PlanRefused(
        "Soll die Einladung nicht hinausgehen? Dann antworten Sie „Stopp“. Sonst "
        "schreiben Sie bitte, was anders sein soll."
    )


def _help(_db: Db, _matter: Matter, _instruction: Instruction) -> None:
    """Add nothing: the words stand below every result."""


DEEDS: Final[Mapping[K, Deed]] = {
    # In this order, whatever the order in the mail: first the calendar, then the
    # words, at last the release of what came out of it.
    K.REINSTATE: scheduling.reinstate,
    K.CANCEL: scheduling.cancel,
    K.MOVE: scheduling.move,
    K.VENUE: scheduling.relocate,
    K.ADD: scheduling.add,
    K.WORDS: editing.reword,
    K.EASY_WORDS: editing.reword,
    K.SHORTEN: contributions.shorten,
    K.TAKE: contributions.take,
    K.DECLINE: contributions.decline,
    K.NEWS: contributions.contribute,
    K.RESULT: contributions.contribute,
    K.QUESTION: contributions.contribute,
    K.DESCRIBE: contributions.describe,
    K.ATTACH: contributions.attach,
    K.DETACH: contributions.detach,
    K.DEPART: delegates.depart,
    K.SUCCEED: delegates.succeed,
    K.DEPUTY: standing_in.name_deputy,
    K.END_DEPUTY: standing_in.end_deputies,
    K.STOP: editing.stop,
    K.NO: _no,
    K.RELEASE: editing.release,
    K.YES: editing.release,
    K.STATUS: overview.status,
    K.HELP: _help,
}


OF_A_CONTRIBUTION: Final[Mapping[K, K]] = {
    K.YES: K.TAKE,
    K.RELEASE: K.TAKE,
    K.NO: K.DECLINE,
    K.STOP: K.DECLINE,
}
"""What a word means in answer to a mail that shows a contribution."""

NO_DRAFT: Final = (
    "Ihre Antwort gehört zu einer Meldung; „{written}“ geht nur als Antwort auf einen "
    "Entwurf. Die Meldung selbst ändern Sie mit „Kürzen:“ und Ihrem Text."
)


def carry_out(db: Db, matter: Matter, instructions: Sequence[Instruction]) -> None:
    """Do all *instructions*; what was done stands in ``matter.said``.

    Raises:
        PlanRefused: One of them is not possible; the caller undoes the others.
    """
    if matter.contribution is not None:
        instructions = [_of_a_contribution(one) for one in instructions]
    if matter.partner is not None:
        instructions = [_of_a_partner(one) for one in instructions]
    order = list(DEEDS)
    for one in sorted(instructions, key=lambda one: order.index(one.kind)):
        DEEDS[one.kind](db, matter, one)


def _of_a_partner(one: Instruction) -> Instruction:
    """Return *one*, if it means something in answer to a mail about a partner.

    Raises:
        PlanRefused: It releases or stops something, and nothing of that is shown there.
    """
    if one.kind in OF_THE_DRAFT | set(OF_A_CONTRIBUTION):
        raise PlanRefused(delegates.UNCLEAR)
    return one


def _of_a_contribution(one: Instruction) -> Instruction:
    """Return what *one* means in answer to a mail that shows a contribution.

    Raises:
        PlanRefused: It speaks of a draft, and there is none in that mail.
    """
    kind = OF_A_CONTRIBUTION.get(one.kind, one.kind)
    if kind in OF_THE_DRAFT:
        raise PlanRefused(NO_DRAFT.format(written=one.written))
    return replace(one, kind=kind)
