"""What somebody can contribute to the network update."""

from __future__ import annotations

from enum import StrEnum


class ContributionKind(StrEnum):
    """What somebody contributes."""

    NEWS = "news"
    """ "Meldung": what an organisation has to tell."""
    RESULT = "result"
    """ "Ergebnis": what came of a meeting."""
    QUESTION = "question"
    """Of the coordinator to all partners."""
