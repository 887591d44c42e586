"""Pure: which topic somebody leaves: the one she names, else all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mailer.inbound.page import Page
    from mailer.inbound.table import Table
    from subscribers.topics import Topic

LEAVING: Final = "abmelden"


def topic_left(page: Page, known: Table) -> Topic | None:
    """Return the only topic that the wishes to leave in a mail are about.

    Returns:
        None if they name none or several: then all are left.
    """
    sentences = {find.at for find in page.finds if find.wish == LEAVING}
    named = {_named(page, at, known) for at in sentences}
    return named.pop() if len(named) == 1 else None


def _named(page: Page, at: int, known: Table) -> Topic | None:
    """Return the one topic that ends by a sentence; None for all."""
    told = [find.topic for find in page.finds if find.at == at and find.topic]
    if told:
        return told[0]
    said = page.sentences[at].words
    found = [
        topic
        for topic, theme in known.themes.items()
        if any(word in theme.words for word in said)
    ]
    if len(found) != 1:
        return None
    is_all = any(word in known.themes[found[0]].everything for word in said)
    return None if is_all else found[0]
