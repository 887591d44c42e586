"""Where a message goes once its effect is committed.

A mailbox shared with a person stays as it is, but for what is certainly ours, and
that only if the settings name a folder for it. When in doubt, nothing is moved.
"""

from __future__ import annotations

from typing import Final

from mailer.inbound.kinds import Kind
from mailer.inbound.sources import Tray

FOR_PEOPLE: Final = frozenset({Kind.HUMAN, Kind.UNREADABLE, Kind.CHALLENGE})
"""What a person must look at."""

FOR_US: Final = frozenset({Kind.COMMAND, Kind.INSTRUCTION})
"""What a person writes to the program."""


def tray_of(
    kind: Kind, *, is_shared: bool, has_folder: bool, is_linked: bool, is_shown: bool
) -> Tray:
    """Return where a message goes.

    Args:
        is_shared: A person reads the mailbox too.
        has_folder: The settings name a folder for what is settled.
        is_linked: We know which delivery or which mailbox of ours it is about.
        is_shown: The coordinator shall see it, whatever was done.
    """
    if is_shared:
        # An absence note may answer a mail of hers; a command is always for us.
        is_ours = kind in FOR_US or (is_linked and kind not in FOR_PEOPLE)
        is_moved = has_folder and is_ours and not is_shown
        return Tray.PROCESSED if is_moved else Tray.STAY
    if kind in FOR_PEOPLE:
        return Tray.HUMAN
    return Tray.PROCESSED if has_folder else Tray.STAY
