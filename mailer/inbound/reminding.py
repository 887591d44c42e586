"""Pure: "Keine Erinnerung" and "Bitte erinnern", the only sentence of a mail.

The sentences stand in the reviewed table. Who adds anything to them, or has no memory
of something, writes to the coordinator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mailer.inbound.page import page_of
from mailer.inbound.table import any_fits, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailer.inbound.page import Written

_MEANINGS: Final[Mapping[str, bool]] = {"keine erinnerung": False, "erinnerung": True}
"""What the table's words for a wish mean: are reminders welcome?"""


def find_wish(written: Written) -> bool | None:
    """Return whether somebody wants to be reminded; None if she wants anything else.

    Example:
        >>> from mailer.inbound.page import Written
        >>> find_wish(Written(own="Bitte keine Erinnerungen mehr.", subject=""))
        False
    """
    known = table()
    page = page_of(written, known)
    said = [page.sentences[at] for at in sorted(page.unknown - {page.signature})]
    if len(said) != 1 or said[0].is_question:
        return None
    for row in known.alone:
        if any_fits(row.patterns, said[0]):
            return _MEANINGS[row.wish]
    return None
